"""The exact density of a generator whose latent vectors have the dimension of its samples, 1 or 2."""

from gantheory.models.exact_density.density import GeneratorDensity


__all__ = ["GeneratorDensity"]

"""Distributions: what can be sampled, with the truth about it."""

from gantheory.distributions.distribution import Density, Distribution, Fact, Facts, Modes
from gantheory.distributions.empirical import Empirical
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.grid import Grid
from gantheory.distributions.ring import Ring


__all__ = [
    "Density",
    "Distribution",
    "Empirical",
    "Fact",
    "Facts",
    "GaussianMixture",
    "Grid",
    "Modes",
    "Ring",
]

"""A density raised to a power."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from torch import Tensor

from gantheory.distributions.algebra.derived import components_of, density
from gantheory.distributions.algebra.power import Power, draw_power, measure_power
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.distribution import Density, Distribution
from gantheory.distributions.facts import Facts
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Tempered(Density):
    """A density raised to the power 1 / temperature and normalised again.

    Equation: ``p_T(x) = p(x)^(1/T) / Z``; a dial of entropy that keeps the places of the modes. It is exact
    where the law's `tempered` is known: single Gaussians, uniform laws, and products, affine images and
    volume-keeping pushforwards of these. For Gaussian mixtures in the plane or on the line Z and the facts come
    from quadrature with a stated error, and samples by rejection from the tempered components, exactly.

    Raises `ValueError` for a temperature that is not positive and finite, a law without a density, and one that
    is neither of these, or whose rejection would take more than 100 proposals a sample.

    Reference: Ackley, Hinton, Sejnowski (1985); von Neumann (1951), rejection.

    Example:
        >>> from gantheory import GaussianMixture, Tempered
        >>> Tempered(GaussianMixture(((0.0,),)), 4.0).facts().covariance.value.tolist()
        [[4.0]]
    """

    law: Distribution
    temperature: float

    def check(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"Tempered: temperature must be positive and finite, got {self.temperature}")
        if not isinstance(self.law, Density):
            raise ValueError(f"Tempered needs a law with a density, got {self.law}")
        if _exact(self.law, self.temperature) is None:
            _power(self.law, self.temperature)

    @property
    def dim(self) -> int:
        return self.law.dim

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        exact = _exact(self.law, self.temperature)
        if exact is not None:
            return exact.sample(n, key, start=start)
        return draw_power(_power(self.law, self.temperature), n, key, start)

    def log_prob(self, x: Tensor) -> Tensor:
        exact = _exact(self.law, self.temperature)
        if exact is not None:
            return density(exact).log_prob(x)
        log_z = _power(self.law, self.temperature).log_z
        return density(self.law).log_prob(x) / self.temperature - log_z

    def score(self, x: Tensor) -> Tensor:
        return density(self.law).score(x) / self.temperature

    def blurred(self, scale: float) -> Distribution | None:
        exact = _exact(self.law, self.temperature)
        return None if exact is None else exact.blurred(scale)

    def tempered(self, temperature: float) -> Tempered:
        return self.replace(temperature=self.temperature * temperature)

    def facts(self) -> Facts:
        exact = _exact(self.law, self.temperature)
        return _power(self.law, self.temperature).facts if exact is None else exact.facts()

    @classmethod
    def examples(cls) -> list[Tempered]:
        pair = GaussianMixture(((-1.0,), (1.0,)), (((0.25,),), ((1.0,),)))
        return [cls(Ring(modes=3, scale=0.3), 2.0), cls(pair, 0.5), cls(Checkerboard(gap=0.5), 3.0)]


@lru_cache(maxsize=64)
def _exact(law: Distribution, temperature: float) -> Distribution | None:
    return law.tempered(temperature)


@lru_cache(maxsize=64)
def _power(law: Distribution, temperature: float) -> Power:
    components = components_of(law)
    if components is None:
        raise ValueError(
            f"Tempered: no power of {type(law).__name__}'s density is known: it must be a mixture of Gaussians, or "
            "have a closed form"
        )
    return measure_power(components, 1 / temperature)

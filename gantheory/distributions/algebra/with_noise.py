"""A law plus Gaussian noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from gantheory.distributions.algebra.affine import Affine
from gantheory.distributions.algebra.carry import carried
from gantheory.distributions.algebra.derived import Derived, components_of, density
from gantheory.distributions.algebra.embedded import Embedded
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.moons import Moons
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class WithNoise(Derived):
    """A law plus independent Gaussian noise of variance scale^2 along every axis.

    Equation: ``y = x + scale z``, z ~ N(0, I). It is a `Density` where the law's `blurred` is known:
    Gaussian mixtures, noisy curves, finite sets, and products, mixtures, similarities and embeddings of
    these. Otherwise moments, tails and the noise-free shape are known, and the density is not.

    Raises `ValueError` for a scale that is not positive and finite.

    Reference: Soenderby et al. (2017), instance noise.

    Example:
        >>> from gantheory import Moons, WithNoise
        >>> WithNoise(Moons(scale=0.3), 0.4).facts().noise.value
        0.5
    """

    law: Distribution
    scale: float

    def check(self) -> None:
        if not 0 < self.scale < math.inf:
            raise ValueError(f"WithNoise: scale must be positive and finite, got {self.scale}")

    @property
    def dim(self) -> int:
        return self.law.dim

    @property
    def no_density(self) -> str:
        known = _exact(self.law, self.scale) is not None
        return "" if known else f"{type(self.law).__name__} with noise has none in closed form"

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        return self.law.sample(n, key.child("law"), start=start) + self.scale * noise

    def _log_prob(self, x: Tensor) -> Tensor:
        return density(_exact(self.law, self.scale)).log_prob(x)

    def _score(self, x: Tensor) -> Tensor:
        return density(_exact(self.law, self.scale)).score(x)

    def components(self) -> Modes | None:
        return components_of(_exact(self.law, self.scale))

    def blurred(self, scale: float) -> Distribution | None:
        return _exact(self.law, math.hypot(self.scale, scale))

    def tempered(self, temperature: float) -> Distribution | None:
        exact = _exact(self.law, self.scale)
        return None if exact is None else exact.tempered(temperature)

    def facts(self) -> Facts:
        before, exact = self.law.facts(), _exact(self.law, self.scale)
        shape = _shape(before, self.scale)
        if exact is not None:
            facts = exact.facts()
            own = [
                f for f in SHAPE if getattr(facts, f).value is None and getattr(shape, f).value is not None
            ]
            return replace(facts, **{name: getattr(shape, name) for name in own})
        blur = self.scale**2 * np.eye(self.dim)
        unknown = Fact(None, reason=self.no_density)
        return replace(
            shape,
            mean=before.mean,
            covariance=carried(lambda c: c + blur, before.covariance, error=before.covariance.error),
            entropy=unknown,
            modes=unknown,
            mode_of=unknown,
            labels=unknown,
            intrinsic_dimension=Fact(self.dim),
            tail_index=before.tail_index,
            smoothness=Fact(math.inf),
            score_lipschitz=unknown,
            isoperimetric=Fact(None, reason="the noise takes samples off their pieces"),
        )

    @classmethod
    def examples(cls) -> list[WithNoise]:
        return [
            cls(Embedded(Ring(modes=3), 3), 0.3),
            cls(Affine(Moons(), 2.0), 0.3),
            cls(Checkerboard(gap=0.5), 0.2),
        ]


SHAPE = ("support_distance", "project", "noise", "topology", "reach", "curvature")


def _shape(before: Facts, scale: float) -> Facts:
    """What is known of the shape that the noise is around: samples of the law must lie on it."""
    if before.noise.value != 0:
        unknown = Fact(None, reason="the law has noise of its own, or no shape")
        return Facts(**dict.fromkeys(SHAPE, unknown))
    facts = Facts(**{name: getattr(before, name) for name in SHAPE})
    topology = carried(lambda t: replace(t, of=f"{t.of} without noise"), before.topology)
    return replace(facts, noise=Fact(scale), topology=topology)


@lru_cache(maxsize=64)
def _exact(law: Distribution, scale: float) -> Distribution | None:
    return law.blurred(scale)

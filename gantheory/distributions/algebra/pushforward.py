"""A law, carried by a map."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gantheory.distributions.algebra.carry import carried
from gantheory.distributions.algebra.derived import Derived, density, without_density
from gantheory.distributions.algebra.maps import Map, RadialPower, Shear, SinhArcsinh, Twist
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts, Modes
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.moons import Moons
from gantheory.distributions.points import check_points
from gantheory.distributions.ring import Ring
from gantheory.distributions.sampled import sampled_mean


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Pushforward(Derived):
    """A law's image under a map whose inverse and Jacobian are known.

    Equation: ``log p(y) = log p_X(x) - log |det J(x)|`` at ``x = map^-1(y)``. What a smooth bijection keeps is
    known exactly (labels, topology, dimension, smoothness), the entropy ``H(X) + E log |det J|`` exactly for
    maps that keep volumes and otherwise by a mean over samples with five standard errors.
    Moments, distances and curvature have no rule.

    Raises `ValueError` for a map that needs more dimensions than the law has.

    Reference: Rezende, Mohamed (2015); Papamakarios et al. (2021).

    Example:
        >>> from gantheory import GaussianMixture, Pushforward, Shear
        >>> bent = Pushforward(GaussianMixture(((0.0, 0.0),)), Shear((0.0, 0.0, 0.5)))
        >>> round(bent.facts().entropy.value, 4)  # that of the normal law
        2.8379
    """

    law: Distribution
    map: Map

    def check(self) -> None:
        if self.law.dim < self.map.least_dim():
            raise ValueError(
                f"{self.map} needs {self.map.least_dim()} dimensions, the law has {self.law.dim}"
            )

    @property
    def dim(self) -> int:
        return self.law.dim

    @property
    def no_density(self) -> str:
        return without_density([self.law])

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.map.forward(self.law.sample(n, key.child("law"), start=start))

    def _log_prob(self, x: Tensor) -> Tensor:
        before = self.map.inverse(x)
        return density(self.law).log_prob(before) - self.map.log_det(before)

    def _score(self, x: Tensor) -> Tensor:
        before, pull = torch.func.vjp(self.map.inverse, x)[:2]
        bend = torch.func.grad(lambda point: self.map.log_det(point).sum())(before)
        return pull(density(self.law).score(before) - bend)[0]

    def components(self) -> Modes | None:
        return None

    def tempered(self, temperature: float) -> Pushforward | None:
        law = self.law.tempered(temperature) if self.map.keeps_volume else None
        return None if law is None else self.replace(law=law)

    def facts(self) -> Facts:
        facts = self.law.facts()
        bent = Fact(None, reason="a map that bends space has no rule for it")
        return Facts(
            mean=bent,
            covariance=bent,
            entropy=_entropy(self),
            modes=bent,
            mode_of=carried(
                lambda f: lambda y: f(self.map.inverse(check_points(y, self.dim))),
                facts.mode_of,
                error=facts.mode_of.error,
            ),
            labels=facts.labels,
            support_distance=WHOLE_SPACE if facts.support_distance == WHOLE_SPACE else bent,
            project=WHOLE_SPACE if facts.project == WHOLE_SPACE else bent,
            noise=facts.noise if facts.noise.value in (None, 0) else bent,
            intrinsic_dimension=facts.intrinsic_dimension,
            topology=carried(lambda t: replace(t, of=f"the image of {t.of}"), facts.topology),
            reach=bent,
            curvature=bent,
            tail_index=_tails(facts.tail_index, self.map.growth),
            smoothness=facts.smoothness,
            score_lipschitz=bent,
            isoperimetric=Fact(None, reason="the map's inverse has no known Lipschitz constant"),
            edge=facts.edge if facts.edge.value is None else bent,
        )

    @classmethod
    def examples(cls) -> list[Pushforward]:
        normal = GaussianMixture(((0.0, 0.0),))
        return [
            cls(Ring(modes=3, scale=0.3), Twist(0.8)),
            cls(normal, SinhArcsinh(skew=0.3, tail=0.8)),
            cls(Moons(), Shear(amplitude=0.5, frequency=2.0)),
            cls(normal, RadialPower(1.3)),
        ]


@lru_cache(maxsize=64)
def _entropy(law: Pushforward) -> Fact:
    before = law.law.facts().entropy
    if law.map.keeps_volume or before.value is None:
        return before
    spread = sampled_mean(law.law, law.map.log_det)
    return carried(lambda h, s: h + s, before, spread, error=before.error + spread.error)


def _tails(before: Fact, growth: tuple[float, float]) -> Fact:
    """A power b of the distance leaves the moments of order below a / b."""
    low, high = growth
    if before.value is None or (before.value == math.inf and high < math.inf):
        return before
    if low == high:
        return Fact(before.value / high, before.error / high)
    return Fact(None, reason="the map's growth differs between directions")

"""A Pareto distance from the origin in a uniform direction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import betainc, gammaln
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Edge, Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ParetoRadial(Density):
    """A distance with a pure power law in a uniform direction, with nothing inside.

    Equation: ``x = R U``, U uniform on the unit sphere, ``P(R > r) = (m / r)^alpha`` for r above the least
    distance m: ``p(x) = alpha m^alpha / (S |x|^(alpha + d))``, S the sphere's area. m is the one that gives
    every coordinate the median absolute deviation `mad`; it is the property `least`. `alpha` is a dial: it
    moves the tail index and keeps centre, symmetry and median absolute deviation. Moments exist below order
    alpha.

    Raises `ValueError` below one dimension, or for an alpha or mad that is not positive and finite.

    Reference: Arnold (2015), chapter 6.

    Example:
        >>> ParetoRadial(alpha=1.0, dim=1, mad=2.0).least  # P(|x| > 2) = 1/2
        1.0
    """

    alpha: float = 3.0
    dim: int = 2
    mad: float = 1.0

    def check(self) -> None:
        if self.dim < 1 or not (0 < self.alpha < math.inf and 0 < self.mad < math.inf):
            raise ValueError(
                f"ParetoRadial needs a dimension and a positive, finite alpha and mad, got {self}"
            )

    @property
    def least(self) -> float:
        """The least distance from the origin."""
        return self.mad / _median(self.alpha, self.dim)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        z = key.child("direction").normal(n, self.dim, start=start)
        u = key.child("radius").uniform(n, 1, start=start).double()
        radius = self.least * torch.exp(-u.log() / self.alpha)
        return (radius * torch.nn.functional.normalize(z.double(), dim=-1)).to(z.dtype)

    def log_prob(self, x: Tensor) -> Tensor:
        r = check_points(x, self.dim).norm(dim=-1)
        log_p = self._constant - (self.alpha + self.dim) * r.log()
        return log_p.where(r >= self.least, -torch.inf)

    @property
    def _log_area(self) -> float:
        return math.log(2) + self.dim / 2 * math.log(math.pi) - float(gammaln(self.dim / 2))

    @property
    def _constant(self) -> float:
        return math.log(self.alpha) + self.alpha * math.log(self.least) - self._log_area

    def score(self, x: Tensor) -> Tensor:
        return -(self.alpha + self.dim) * x / check_points(x, self.dim).square().sum(-1, keepdim=True)

    def facts(self) -> Facts:
        alpha, d, least = self.alpha, self.dim, self.least
        missing = Fact(None, reason=f"moments exist below order {alpha} only")
        spread = least**2 * alpha / (alpha - 2) / d * np.eye(d) if alpha > 2 else None
        return Facts(
            mean=Fact(np.zeros(d)) if alpha > 1 else missing,
            covariance=missing if spread is None else Fact(spread),
            entropy=Fact((alpha + d) * (math.log(least) + 1 / alpha) - self._constant),
            support_distance=Fact(lambda x: (least - check_points(x, d).norm(dim=-1)).clamp(min=0)),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(d),
            reach=Fact(least),
            curvature=Fact(1 / least),
            tail_index=Fact(alpha),
            smoothness=Fact(0.0),
            score_lipschitz=Fact(None, reason="the density ends with a jump"),
            edge=Fact(Edge(np.zeros(d), -alpha)),
        )

    def _project(self, x: Tensor) -> Tensor:
        r = check_points(x, self.dim).norm(dim=-1, keepdim=True)
        east = torch.eye(self.dim, dtype=x.dtype, device=x.device)[0]
        direction = torch.where(r > 0, x / torch.where(r > 0, r, 1), east)
        return torch.where(r < self.least, self.least * direction, x)

    @classmethod
    def examples(cls) -> list[ParetoRadial]:
        return [cls(alpha=1.5, dim=1), cls(alpha=8.0, dim=3, mad=0.5)]


@lru_cache(maxsize=256)
def _median(alpha: float, d: int) -> float:
    """The median of a coordinate's size for least distance 1."""
    if d == 1:
        return 2 ** (1 / alpha)
    power = math.exp(
        gammaln((1 + alpha) / 2) + gammaln(d / 2) - gammaln(0.5) - gammaln((alpha + d) / 2)
    )  # E|U_1|^alpha

    def above(t: float) -> float:  # P(|R U_1| > t), split at |U_1| = t
        c = min(t, 1.0) ** 2
        far = 1 - betainc(0.5, (d - 1) / 2, c)
        return far + t**-alpha * power * betainc((1 + alpha) / 2, (d - 1) / 2, c)

    return brentq(lambda t: above(t) - 0.5, 1e-9, 2 ** (1 / alpha), xtol=1e-15)

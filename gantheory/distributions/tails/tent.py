"""A triangular density."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Tent(Density):
    """Independent coordinates with triangular densities, which have a kink and no jump.

    Equation: ``p(x) = prod_i (1 - |x_i| / width) / width`` on [-width, width]^dim: the law of
    ``width (u + u' - 1)`` for uniform u, u'. Its Hoelder exponent is 1.

    Raises `ValueError` below one dimension or for a width that is not positive and finite.

    Reference: Johnson, Kotz (1999).

    Example:
        >>> Tent(dim=2).facts().entropy.value
        1.0
    """

    dim: int = 1
    width: float = 1.0

    def check(self) -> None:
        if self.dim < 1 or not 0 < self.width < math.inf:
            raise ValueError(f"Tent needs a dimension and a positive, finite width, got {self}")

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, 2 * self.dim, start=start)
        return self.width * (u[..., : self.dim] + u[..., self.dim :] - 1)

    def log_prob(self, x: Tensor) -> Tensor:
        left = self.width - check_points(x, self.dim).abs()
        inside = (left > 0).all(-1)
        log_p = left.clamp(min=1e-300 if x.dtype == torch.float64 else 1e-37).log().sum(-1)
        return (log_p - 2 * self.dim * math.log(self.width)).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        return -check_points(x, self.dim).sign() / (self.width - x.abs())

    def facts(self) -> Facts:
        d, width = self.dim, self.width
        return Facts(
            mean=Fact(np.zeros(d)),
            covariance=Fact(width**2 / 6 * np.eye(d)),
            entropy=Fact(d * (0.5 + math.log(width))),
            support_distance=Fact(lambda x: (check_points(x, d).abs() - width).clamp(min=0).norm(dim=-1)),
            project=Fact(lambda x: check_points(x, d).clamp(-width, width)),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(d),
            topology=Fact(Topology((1,) + (0,) * (d - 1), "the support")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            smoothness=Fact(1.0),
            score_lipschitz=Fact(None, reason="the score jumps at the peak and has poles at the edge"),
        )

    @classmethod
    def examples(cls) -> list[Tent]:
        return [cls(), cls(dim=3, width=2.0)]

"""Products of circles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.directions import circle, unit
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class FlatTorus(Manifold):
    """The uniform law on the product of k equal circles in R^(2k), the torus without intrinsic curvature.

    Equation: ``x = radius (cos u_1, sin u_1, ..., cos u_k, sin u_k)`` with independent uniform angles. The
    Betti numbers are the binomial coefficients ``(k choose j)``, the volume ``(2 pi radius)^k``, the reach the
    radius and the curvature its inverse (along one circle; diagonally it is less).

    Raises `ValueError` below one circle or for a radius that is not positive.

    Reference: do Carmo (1992), Riemannian Geometry, chapter 6.

    Example:
        >>> FlatTorus(3).facts().topology.value.betti
        (1, 3, 3, 1)
    """

    circles: int = 2
    radius: float = 1.0

    def check(self) -> None:
        if self.circles < 1 or not 0 < self.radius < math.inf:
            raise ValueError(f"FlatTorus needs at least one circle and a positive radius, got {self}")

    @property
    def dim(self) -> int:
        return 2 * self.circles

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        angle = 2 * math.pi * key.child("place").uniform(n, self.circles, start=start)
        return self.radius * circle(angle).flatten(-2)

    def project(self, x: Tensor) -> Tensor:
        pairs = check_points(x, self.dim).unflatten(-1, (self.circles, 2))
        return self.radius * unit(pairs).flatten(-2)

    def volume(self) -> float:
        return (2 * math.pi * self.radius) ** self.circles

    def facts(self) -> Facts:
        return self.on_set(
            mean=np.zeros(self.dim),
            covariance=self.radius**2 / 2 * np.eye(self.dim),
            intrinsic_dimension=self.circles,
            topology=betti(*(math.comb(self.circles, j) for j in range(self.circles + 1))),
            reach=self.radius,
            curvature=1 / self.radius,
        )

    @classmethod
    def examples(cls) -> list[FlatTorus]:
        return [cls(), cls(3, radius=0.5)]

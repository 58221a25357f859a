"""Spheres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.directions import unit
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Sphere(Manifold):
    """The uniform law on the sphere of the given intrinsic dimension k, in R^(k+1).

    Equation: ``x = radius z / |z|``, z ~ N(0, I_{k+1}). The covariance is ``radius^2 / (k + 1) I``, the area
    ``2 pi^((k+1)/2) / Gamma((k+1)/2) radius^k``, the reach the radius and the curvature its inverse.

    Raises `ValueError` below one dimension or for a radius that is not positive.

    Reference: Muller (1959).

    Example:
        >>> Sphere(2).facts().topology.value.betti
        (1, 0, 1)
        >>> round(Sphere(2, radius=2.0).volume(), 4)  # 16 pi
        50.2655
    """

    intrinsic: int = 2
    radius: float = 1.0

    def check(self) -> None:
        if self.intrinsic < 1 or not 0 < self.radius < math.inf:
            raise ValueError(
                f"Sphere needs an intrinsic dimension of at least 1 and a positive radius, got {self}"
            )

    @property
    def dim(self) -> int:
        return self.intrinsic + 1

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.radius * unit(key.child("place").normal(n, self.dim, start=start))

    def project(self, x: Tensor) -> Tensor:
        return self.radius * unit(check_points(x, self.dim))

    def volume(self) -> float:
        half = self.dim / 2
        return 2 * math.exp(half * math.log(math.pi) - math.lgamma(half)) * self.radius**self.intrinsic

    def facts(self) -> Facts:
        return self.on_set(
            mean=np.zeros(self.dim),
            covariance=self.radius**2 / self.dim * np.eye(self.dim),
            intrinsic_dimension=self.intrinsic,
            topology=betti(1, *[0] * (self.intrinsic - 1), 1),
            reach=self.radius,
            curvature=1 / self.radius,
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"skdim": Preset(cls(10), "scikit-dimension's M1_Sphere: intrinsic dimension 10 in R^11")}

    @classmethod
    def examples(cls) -> list[Sphere]:
        return [cls(), cls(1, radius=2.0), cls(7)]

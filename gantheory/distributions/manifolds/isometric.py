"""A cube of any dimension, rolled without stretching and turned in a larger space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.facts import Facts
from gantheory.distributions.frames import frame, rows_times, turned
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Isometric(Manifold):
    """The uniform law on an m-dimensional cube, rolled around a cylinder and turned in R^d.

    Notation: m = intrinsic, d = ambient, k = bend, h = side / 2. Equation: ``x = Q y``,
    ``y = (sin(k z_1) / k, z_2, ..., z_m, (1 - cos(k z_1)) / k, 0, ..., 0)``, z uniform in [-h, h]^m, Q the orthogonal
    matrix of the seed. Lengths and volume ``side^m`` do not change with the bend, which is the curvature; the reach is
    ``1 / k``, and ``sin(k h) / k`` where the roll closes by more than half. Intrinsic dimension, ambient
    dimension and bend are dials.

    Raises `ValueError` below one dimension, for an ambient dimension below m (m + 1 where bent), for a side that
    is not positive, a negative bend, or a roll that meets itself: ``bend * side`` must stay below 2 pi.

    Reference: do Carmo (1976), Differential Geometry of Curves and Surfaces, section 4.2 (isometries).

    Example:
        >>> sheet = Isometric(intrinsic=2, ambient=5, bend=0.5)
        >>> sheet.facts().reach.value, sheet.volume()
        (2.0, 4.0)
    """

    intrinsic: int = 2
    ambient: int = 3
    bend: float = 1.0
    side: float = 2.0
    seed: int = 0

    def check(self) -> None:
        if self.intrinsic < 1 or self.ambient < self.intrinsic + (self.bend > 0):
            raise ValueError(
                f"Isometric: ambient must be at least intrinsic, and larger where bent, got {self}"
            )
        if not 0 < self.side < math.inf or not 0 <= self.bend * self.side < 2 * math.pi:
            raise ValueError(f"Isometric needs a positive side and 0 <= bend * side < 2 pi, got {self}")

    @property
    def dim(self) -> int:
        return self.ambient

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self._place(self.side * (key.child("place").uniform(n, self.intrinsic, start=start) - 0.5))

    def _place(self, z: Tensor) -> Tensor:
        along, height = self._roll(z[..., :1])
        y = torch.cat((along, z[..., 1:], height), dim=-1)
        return turned(y[..., : self.ambient], self.seed, self.ambient)

    def _roll(self, z: Tensor) -> tuple[Tensor, Tensor]:
        if self.bend == 0:
            return z, torch.zeros_like(z)
        return (self.bend * z).sin() / self.bend, 2 * (self.bend * z / 2).sin().square() / self.bend

    def project(self, x: Tensor) -> Tensor:
        y = rows_times(check_points(x, self.dim), frame(self.seed, self.dim, self.dim))
        z = y[..., : self.intrinsic]
        if self.bend > 0:
            angle = torch.atan2(y[..., 0], 1 / self.bend - y[..., self.intrinsic])
            z = torch.cat((angle[..., None] / self.bend, z[..., 1:]), dim=-1)
        return self._place(z.clamp(-self.side / 2, self.side / 2))

    def volume(self) -> float:
        return self.side**self.intrinsic

    def facts(self) -> Facts:
        m, turn = self.intrinsic, frame(self.seed, self.dim, self.dim)
        at, mass = np.polynomial.legendre.leggauss(40)  # exact to rounding over less than one period
        along, height = (v.numpy() for v in self._roll(torch.from_numpy(at * self.side / 2)))
        middle = mass @ height / 2
        mean, variance = np.zeros(self.dim), np.zeros(self.dim)
        variance[:m] = self.side**2 / 12
        variance[0] = mass @ along**2 / 2
        if self.bend > 0:
            mean[m], variance[m] = middle, mass @ (height - middle) ** 2 / 2
        closing = self.bend * self.side / 2
        radius = 1 / self.bend if self.bend > 0 else math.inf
        return self.on_set(
            mean=turn @ mean,
            covariance=turn * variance @ turn.T,
            intrinsic_dimension=m,
            topology=betti(1, *[0] * m),
            reach=radius * math.sin(closing) if closing > math.pi / 2 else radius,
            curvature=self.bend,
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        if dim < 3:
            return []
        sheet, held = cls(1, dim), ("curvature", "reach", "dim")
        bend = ("intrinsic_dimension", "volume", "topology.betti", "dim")
        return [
            Dial(
                "dimension",
                "intrinsic",
                sheet,
                "intrinsic",
                1,
                dim - 1,
                "integers",
                "intrinsic_dimension",
                held,
            ),
            Dial("curvature", "bend", sheet, "bend", 0.1, 2.5, "log", "curvature", bend),
        ]

    @classmethod
    def examples(cls) -> list[Isometric]:
        return [cls(), cls(intrinsic=1, ambient=2, bend=2.5), cls(intrinsic=3, ambient=20, bend=0.0, seed=4)]

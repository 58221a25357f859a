"""The Klein bottle in four dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.accepted import first_accepted
from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.directions import circle, unit
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.manifolds.nearest import nearest_parameter
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class KleinBottle(Manifold):
    """The law uniform in area on a Klein bottle in R^4, which has no self-intersection there: a circle carried
    around another while half a turn in the third and fourth dimensions mirrors it.

    Notation: R = major, r = minor. Equation: ``x = ((R + r cos v) (cos, sin) u, r sin v (cos, sin)(u/2))``, u
    uniform in (0, 2 pi), v with a density proportional to the area element
    ``sqrt((R + r cos v)^2 + r^2 sin^2 v / 4)``. The reach is ``min(r, R - r)`` and the curvature its inverse.
    Not orientable: Betti numbers 1, 1, 0, and 1, 2, 1 over Z/2. Moments and area by quadrature.

    Raises `ValueError` unless 0 < minor < major.

    Reference: do Carmo (1992), Riemannian Geometry, for an embedding in R^4.

    Example:
        >>> topology = KleinBottle().facts().topology.value
        >>> topology.over(2), topology.over(3)
        ((1, 2, 1), (1, 1, 0))
    """

    major: float = 2.0
    minor: float = 1.0

    def check(self) -> None:
        if not 0 < self.minor < self.major < math.inf:
            raise ValueError(f"KleinBottle needs radii 0 < minor < major, got {self}")

    @property
    def dim(self) -> int:
        return 4

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        most = math.hypot(self.major, self.minor)  # of the mean element of v and its mirror image pi - v

        def propose(attempt: Key, rows: Any) -> tuple[Tensor, Tensor]:
            numbers = attempt.uniform(n, 3, start=start)[rows]
            u, v, toss = numbers.unbind(-1)
            cosine, sine = circle(2 * math.pi * v).unbind(-1)
            first, mirror = self._element(cosine, sine), self._element(-cosine, sine)
            toss = 2 * most * toss
            across = torch.stack((torch.where(toss < first, cosine, -cosine), sine), dim=-1)
            return self._place(2 * math.pi * u, across), toss < first + mirror

        return first_accepted(propose, key.child("place"))

    def _element(self, cosine: Tensor, sine: Tensor) -> Tensor:
        return torch.hypot(self.major + self.minor * cosine, self.minor / 2 * sine)

    def _place(self, u: Tensor, across: Tensor) -> Tensor:
        """Points at angles u (...) and (cos v, sin v) (..., 2)."""
        cosine, sine = self.minor * across[..., :1], self.minor * across[..., 1:]
        return torch.cat(((self.major + cosine) * circle(u), sine * circle(u / 2)), dim=-1)

    def _turned(self, x: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Each plane's offset from the circle's centre at u, and how far points lie off the circle's plane."""
        (c, s), (c2, s2) = circle(u).unbind(-1), circle(u / 2).unbind(-1)
        a, b, p, q = x.unbind(-1)
        return a * c + b * s - self.major, p * c2 + q * s2, b * c - a * s, q * c2 - p * s2

    def project(self, x: Tensor) -> Tensor:
        def distance(x: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
            out, up, off, off2 = self._turned(x, u)
            from_centre = torch.hypot(out, up)
            excess = from_centre - self.minor
            cosine, sine = self.minor * unit(torch.stack((out, up), dim=-1)).movedim(-1, 0)
            slope = -(self.major + cosine) * off - sine * off2 / 2
            return off.square() + off2.square() + excess.square(), slope

        flat = check_points(x, 4).reshape(-1, 4)
        u = nearest_parameter(distance, flat, 0.0, 2 * math.pi, cells=96)
        out, up, _, _ = self._turned(flat.unsqueeze(-2), u)
        return self._place(u, unit(torch.stack((out, up), dim=-1))).reshape(x.shape)

    def volume(self) -> float:
        return self.minor**2 * _measure(self.major / self.minor)[0]

    def facts(self) -> Facts:
        _, around, across, error = _measure(self.major / self.minor)
        return self.on_set(
            mean=np.zeros(4),
            covariance=self.minor**2 * np.diag((around, around, across, across)),
            error=self.minor**2 * error,
            intrinsic_dimension=2,
            topology=betti(1, 1, 0, mod2=(1, 2, 1)),
            reach=min(self.minor, self.major - self.minor),
            curvature=1 / min(self.minor, self.major - self.minor),
        )

    @classmethod
    def examples(cls) -> list[KleinBottle]:
        return [cls(), cls(major=1.0, minor=0.4)]


@lru_cache(maxsize=64)
def _measure(ratio: float) -> tuple[float, float, float, float]:
    """Area, variances and their error for minor radius 1, by the trapezoid rule around the small circle."""
    values = []
    for nodes in (512, 1024):
        cosine, sine = circle(torch.arange(nodes, dtype=torch.float64) * (2 * math.pi / nodes)).unbind(-1)
        weight = KleinBottle(ratio, 1.0)._element(cosine, sine)
        mass = weight.mean()
        around, across = (weight * (ratio + cosine) ** 2).mean(), (weight * sine**2).mean()
        values.append([4 * math.pi**2 * float(mass), float(around / mass) / 2, float(across / mass) / 2])
    error = max(abs(a - b) for a, b in zip(*values)) + 1e-14 * ratio**2
    area, around, across = values[1]
    return area, around, across, error

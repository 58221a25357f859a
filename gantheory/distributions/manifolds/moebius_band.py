"""The Moebius band in space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from gantheory.distributions.accepted import first_accepted
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.manifolds.nearest import nearest_parameter
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class MoebiusBand(Manifold):
    """The law uniform in area on a Moebius band in R^3: segments that make half a turn around a circle.

    Notation: R = radius, w = width / 2, rho = R + s cos(u/2). Equation: ``x = (rho cos u, rho sin u, s sin(u/2))``,
    0 <= u < 2 pi, |s| <= w, with area element ``g = sqrt(rho^2 + s^2 / 4) du ds``. The principal curvatures
    are the roots of ``k^2 - p k - q^2 = 0``, ``p = sin(u/2) (rho^2 + s^2/2) / g^3``, ``q = R / (2 g^2)``; the
    reach is the inverse of the largest, which no bottleneck and no bend of the edge undercuts. Moments by
    quadrature.

    Raises `ValueError` unless 0 < width < 2 radius, where the band meets itself.

    Reference: Gray, Abbena, Salamon (2006), chapter 11.

    Example:
        >>> MoebiusBand().facts().topology.value.betti
        (1, 1, 0)
    """

    radius: float = 1.0
    width: float = 0.8

    def check(self) -> None:
        if not 0 < self.width < 2 * self.radius < math.inf:
            raise ValueError(f"MoebiusBand needs 0 < width < 2 radius, got {self}")

    @property
    def dim(self) -> int:
        return 3

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        # s or -s: the mean of their area elements is nearly constant, at most `most`
        most = math.hypot(self.radius, math.sqrt(5) / 4 * self.width)

        def propose(attempt: Key, rows: Any) -> tuple[Tensor, Tensor]:
            numbers = attempt.uniform(n, 3, start=start)[rows]
            u, s, toss = numbers.unbind(-1)
            u, s = 2 * math.pi * u, self.width * (s - 0.5)
            first, mirror = self._element(u, s), self._element(u, -s)
            toss = 2 * most * toss
            return self._place(u, torch.where(toss < first, s, -s)), toss < first + mirror

        return first_accepted(propose, key.child("place"))

    def _element(self, u: Tensor, s: Tensor) -> Tensor:
        return torch.hypot(self.radius + s * (u / 2).cos(), s / 2)

    def _place(self, u: Tensor, s: Tensor) -> Tensor:
        rho = self.radius + s * (u / 2).cos()
        return torch.stack((rho * u.cos(), rho * u.sin(), s * (u / 2).sin()), dim=-1)

    def _foot(self, x: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The nearest s of the segment at u, the offsets outward and up from it, and that along the circle."""
        outward = x[..., 0] * u.cos() + x[..., 1] * u.sin() - self.radius
        c, v = (u / 2).cos(), (u / 2).sin()
        s = (outward * c + x[..., 2] * v).clamp(-self.width / 2, self.width / 2)
        return s, outward - s * c, x[..., 2] - s * v, x[..., 1] * u.cos() - x[..., 0] * u.sin()

    def project(self, x: Tensor) -> Tensor:
        def distance(x: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
            s, out, up, along = self._foot(x, u)
            c, v = (u / 2).cos(), (u / 2).sin()
            slope = -(self.radius + s * c) * along + s / 2 * (v * out - c * up)
            return out.square() + up.square() + along.square(), slope

        flat = check_points(x, 3).reshape(-1, 3)
        u = nearest_parameter(distance, flat, 0.0, 2 * math.pi, cells=96)
        s = self._foot(flat.unsqueeze(-2), u)[0]
        return self._place(u, s).reshape(x.shape)

    def volume(self) -> float:
        return self.radius**2 * _measure(self.width / (2 * self.radius)).area

    def facts(self) -> Facts:
        R, known = self.radius, _measure(self.width / (2 * self.radius))
        return self.on_set(
            mean=R * known.mean,
            covariance=R**2 * known.covariance,
            error=max(R, R**2) * known.error,
            intrinsic_dimension=2,
            topology=betti(1, 1, 0),
            reach=Fact(R / known.curvature, 1e-8 * R),
            curvature=Fact(known.curvature / R, 1e-8 * known.curvature / R),
        )

    @classmethod
    def examples(cls) -> list[MoebiusBand]:
        return [cls(), cls(radius=2.0, width=1.0)]


class _Measure(NamedTuple):
    area: float
    mean: np.ndarray
    covariance: np.ndarray
    error: float
    curvature: float


@lru_cache(maxsize=64)
def _measure(w: float) -> _Measure:
    """What is integrated and maximised, for radius 1."""
    (area, mean, square), (coarse, other, less) = _moments(w, 96), _moments(w, 64)
    error = max(abs(area / coarse - 1), np.abs(mean - other).max(), np.abs(square - less).max()) + 1e-14
    return _Measure(area, mean, square - np.outer(mean, mean), error, _curvature(w))


def _moments(w: float, order: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Area, E x and E x x^T, by the trapezoid rule around and Gauss-Legendre across."""
    at, mass = np.polynomial.legendre.leggauss(order)
    u, s = torch.meshgrid(
        torch.arange(4 * order, dtype=torch.float64) * math.pi / (2 * order),
        torch.from_numpy(w * at),
        indexing="ij",
    )
    band = MoebiusBand(1.0, 2 * w)
    weight = (band._element(u, s) * torch.from_numpy(mass * w * math.pi / (2 * order))).reshape(-1).numpy()
    x = band._place(u, s).reshape(-1, 3).numpy()
    area = float(weight.sum())
    return area, weight @ x / area, (weight[:, None] * x).T @ x / area


def _curvature(w: float) -> float:
    """The largest principal curvature at radius 1, from the best points of a grid."""

    def largest(at: np.ndarray) -> np.ndarray:
        u, s = at
        rho = 1 + s * np.cos(u / 2)
        square = rho**2 + s**2 / 4
        p, q = np.sin(u / 2) * (rho**2 + s**2 / 2) / square**1.5, 0.5 / square
        return (p + np.hypot(p, 2 * q)) / 2

    grid = np.stack(np.meshgrid(np.linspace(0, math.pi, 91), np.linspace(-w, w, 41))).reshape(2, -1)
    starts = grid[:, largest(grid).argsort()[-3:]].T
    box = [(0, math.pi), (-w, w)]  # the other half is its mirror image
    found = [minimize(lambda at: -largest(at), start, bounds=box, tol=1e-14).fun for start in starts]
    return float(-min(found))

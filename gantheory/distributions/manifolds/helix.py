"""A helix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import root_scalar
from torch import Tensor

from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.manifolds.nearest import nearest_parameter
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Helix(Manifold):
    """The law uniform in length on a helix around the z-axis, centred at the origin.

    Notation: a = radius, b = pitch / (2 pi), h = pi turns. Equation: ``x = (a cos t, a sin t, b t)``, t uniform
    in (-h, h). Curvature ``a / (a^2 + b^2)``, length ``2 h sqrt(a^2 + b^2)``. The reach is the radius of
    curvature, or half the least distance between turns where that is less: at a parameter distance s with
    ``sin s / s = -b^2 / a^2``, or between the ends of a helix that stops before. The pitch is a dial of reach and
    curvature.

    Raises `ValueError` for a radius, pitch or number of turns that is not positive.

    Reference: Federer (1959), for the reach.

    Example:
        >>> facts = Helix(radius=1.0, pitch=1.0).facts()
        >>> round(facts.reach.value, 4), round(facts.curvature.value, 4)
        (0.4938, 0.9753)
    """

    radius: float = 1.0
    pitch: float = 1.0
    turns: float = 2.0

    def check(self) -> None:
        if not all(0 < v < math.inf for v in (self.radius, self.pitch, self.turns)):
            raise ValueError(f"Helix needs a positive, finite radius, pitch and number of turns, got {self}")

    @property
    def dim(self) -> int:
        return 3

    @property
    def _rise(self) -> float:
        return self.pitch / (2 * math.pi)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self._place(math.pi * self.turns * (2 * key.child("place").uniform(n, start=start) - 1))

    def _place(self, t: Tensor) -> Tensor:
        return torch.stack((self.radius * t.cos(), self.radius * t.sin(), self._rise * t), dim=-1)

    def project(self, x: Tensor) -> Tensor:
        def distance(x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
            offset = self._place(t) - x
            tangent = torch.stack((-self.radius * t.sin(), self.radius * t.cos(), self._rise + 0 * t), dim=-1)
            return offset.square().sum(-1), (offset * tangent).sum(-1)

        flat, h = check_points(x, 3).reshape(-1, 3), math.pi * self.turns
        t = nearest_parameter(distance, flat, -h, h, cells=max(16, math.ceil(32 * self.turns)))
        return self._place(t.squeeze(-1)).reshape(x.shape)

    def volume(self) -> float:
        return 2 * math.pi * self.turns * math.hypot(self.radius, self._rise)

    def facts(self) -> Facts:
        a, b, h = self.radius, self._rise, math.pi * self.turns
        mean = np.array([a * math.sin(h) / h, 0.0, 0.0])
        double = math.sin(2 * h) / (2 * h)
        covariance = np.diag(
            (a**2 * (1 + double) / 2 - mean[0] ** 2, a**2 * (1 - double) / 2, (b * h) ** 2 / 3)
        )
        covariance[1, 2] = covariance[2, 1] = a * b * (math.sin(h) / h - math.cos(h))
        return self.on_set(
            mean=mean,
            covariance=covariance,
            intrinsic_dimension=1,
            topology=betti(1, 0),
            reach=_reach(a, b, 2 * h),
            curvature=a / (a**2 + b**2),
        )

    @classmethod
    def examples(cls) -> list[Helix]:
        return [cls(), cls(radius=0.5, pitch=4.0, turns=1.3), cls(pitch=0.5, turns=0.9)]


@lru_cache(maxsize=64)
def _reach(a: float, b: float, most: float) -> float:
    """Over parameter distances s up to ``most``: the chord's square 2 a^2 (1 - cos s) + b^2 s^2 falls again
    between s = pi and 2 pi where b / a is small, first at one root of its derivative, until the other."""

    def slope(s: float) -> float:
        return a**2 * math.sin(s) + b**2 * s

    def root(low: float, high: float) -> float:
        return root_scalar(slope, bracket=(low, high), xtol=1e-14).root

    bend = (a**2 + b**2) / a
    steepest = 4.493409457909064  # sin s / s is least there: tan s = s
    if slope(steepest) >= 0 or most <= root(math.pi / 2, steepest):
        return bend
    s = min(most, root(steepest, 2 * math.pi))
    return min(bend, math.sqrt(2 * a**2 * (1 - math.cos(s)) + (b * s) ** 2) / 2)

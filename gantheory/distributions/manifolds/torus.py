"""The torus in space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.directions import circle, unit
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Torus(Manifold):
    """The law uniform in area on the torus of revolution in R^3: a circle of radius minor, carried around the
    z-axis at distance major.

    Notation: R = major, r = minor. Equation: ``x = ((R + r cos v) cos u, (R + r cos v) sin u, r sin v)``, u
    uniform, v with density ``(1 + (r/R) cos v) / (2 pi)``; uniform angles would put too much mass inside. The
    area is ``4 pi^2 R r``, the reach ``min(r, R - r)``, the curvature its inverse.

    Raises `ValueError` unless 0 < minor < major.

    Reference: Diaconis, Holmes, Shahshahani (2013).

    Example:
        >>> Torus(major=3.0, minor=1.0).facts().reach.value
        1.0
    """

    major: float = 2.0
    minor: float = 1.0

    def check(self) -> None:
        if not 0 < self.minor < self.major < math.inf:
            raise ValueError(f"Torus needs radii 0 < minor < major, got {self}")

    @property
    def dim(self) -> int:
        return 3

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u, v, keep = key.child("place").uniform(n, 3, start=start).unbind(-1)
        # v or its mirror image pi - v, whose densities 1 + e cos v and 1 - e cos v add up to a constant:
        # one toss decides exactly
        across = circle(2 * math.pi * v)
        mirror = 2 * keep > 1 + self.minor / self.major * across[..., 0]
        cosine = torch.where(mirror, -across[..., 0], across[..., 0])
        around = (self.major + self.minor * cosine)[..., None] * circle(2 * math.pi * u)
        return torch.cat((around, self.minor * across[..., 1:]), dim=-1)

    def project(self, x: Tensor) -> Tensor:
        check_points(x, 3)
        outward = unit(x[..., :2])
        centre = torch.cat((self.major * outward, torch.zeros_like(x[..., 2:])), dim=-1)
        across = unit(torch.stack((x[..., :2].norm(dim=-1) - self.major, x[..., 2]), dim=-1))
        return centre + self.minor * torch.cat((across[..., :1] * outward, across[..., 1:]), dim=-1)

    def volume(self) -> float:
        return 4 * math.pi**2 * self.major * self.minor

    def facts(self) -> Facts:
        R, r = self.major, self.minor
        flat, high = R**2 / 2 + 3 * r**2 / 4, r**2 / 2
        return self.on_set(
            mean=np.zeros(3),
            covariance=np.diag((flat, flat, high)),
            intrinsic_dimension=2,
            topology=betti(1, 2, 1),
            reach=min(r, R - r),
            curvature=1 / min(r, R - r),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"skdim": Preset(cls(1.0, 0.25), "scikit-dimension's datasets.torus: radii 1 and 0.25")}

    @classmethod
    def examples(cls) -> list[Torus]:
        return [cls(), cls(major=1.0, minor=0.75)]

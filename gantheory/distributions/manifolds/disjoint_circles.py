"""Disjoint circles in the plane."""

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
from gantheory.distributions.manifolds.disjoint_curves import DisjointCurves
from gantheory.distributions.manifolds.manifold import betti


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class DisjointCircles(DisjointCurves):
    """The law uniform in length on disjoint circles in the plane, beside or inside each other.

    Equation: circle k with probability ``radii_k / sum radii``, then ``x = c_k + radii_k (cos, sin)(2 pi u)``.
    Labels number the circles. The reach is the least of the radii and of half the distances between two
    circles. Two unit circles at (-2, 0) and (2, 0) are those of Khayatkhoei et al.

    Raises `ValueError` without circles, for centres that are not points of the plane, for a radius that is
    not positive, one for each centre, or for circles that touch.

    Reference: Khayatkhoei, Singh, Elgammal (2018).

    Example:
        >>> DisjointCircles().facts().topology.value.betti
        (2, 2)
        >>> DisjointCircles(((0, 0), (0.5, 0)), (1, 4)).facts().reach.value
        1.0
    """

    centres: tuple[tuple[float, float], ...] = ((-2.0, 0.0), (2.0, 0.0))
    radii: tuple[float, ...] = (1.0, 1.0)

    def check(self) -> None:
        if not self.centres or len(self.centres) != len(self.radii) or not np.isfinite(self.centres).all():
            raise ValueError(f"DisjointCircles needs finite centres and as many radii, got {self}")
        if not all(0 < radius < math.inf for radius in self.radii):
            raise ValueError(f"DisjointCircles: radii must be positive and finite, got {self.radii}")
        if not self.least_gap() > 0:
            raise ValueError(
                "DisjointCircles: two of them touch, so that their number is not that of the pieces"
            )

    @property
    def dim(self) -> int:
        return 2

    @property
    def lengths(self) -> np.ndarray:
        return 2 * math.pi * np.array(self.radii)

    def gap(self, first: int, second: int) -> float:
        r, s = self.radii[first], self.radii[second]
        apart = math.dist(self.centres[first], self.centres[second])
        return max(apart - r - s, abs(r - s) - apart, 0.0)  # beside, or one inside the other

    def _tensors(self, x: Tensor) -> tuple[Tensor, Tensor]:
        centres = torch.tensor(self.centres, dtype=x.dtype, device=x.device)
        return centres, torch.tensor(self.radii, dtype=x.dtype, device=x.device).unsqueeze(-1)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, start=start)
        which = self.pick(n, key, start=start, device=u.device)
        centres, radii = self._tensors(u)
        return centres[which] + radii[which] * circle(2 * math.pi * u)

    def feet(self, x: Tensor) -> Tensor:
        centres, radii = self._tensors(x)
        return centres + radii * unit(x.unsqueeze(-2) - centres)

    def facts(self) -> Facts:
        radii = np.array(self.radii)
        within = radii[:, None, None] ** 2 / 2 * np.eye(2)
        mean, covariance = self.covariance_of(np.array(self.centres), within)
        return self.on_set(
            mean=mean,
            covariance=covariance,
            mode_of=self.mode_of,
            labels=self.shares,
            intrinsic_dimension=1,
            topology=betti(len(radii), len(radii)),
            reach=min(*self.radii, self.least_gap() / 2),
            curvature=1 / min(self.radii),
            isoperimetric=self.isoperimetric(),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        source = "Khayatkhoei et al. (2018), generate_circle_data of dmgan_release"
        return {"khayatkhoei": Preset(cls(), source)}

    @classmethod
    def examples(cls) -> list[DisjointCircles]:
        return [cls(), cls(((0.0, 0.0), (0.5, 0.0), (6.0, 1.0)), (1.0, 3.0, 0.5))]

"""Circles anywhere in the plane, with noise in all directions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from gantheory.distributions.curves import NoisyCurves
from gantheory.distributions.distribution import Preset


@dataclass(frozen=True)
class NoisyCircles(NoisyCurves):
    """Equally weighted circles in the plane, with Gaussian noise in both directions.

    Equation: ``centre_k + radius_k (cos t, sin t)``, t uniform in (0, 2 pi), plus ``N(0, scale^2 I)``. (`Circles`
    has the noise along the radius alone.) Circles may meet: a number of pieces and holes is counted from
    the points where they do.

    Raises `ValueError` unless there are as many distinct circles as radii, all of them positive and finite, and a
    scale that is positive.

    Reference: Durkan et al. (2019), for four circles; scikit-learn's ``make_circles`` has two around the origin.

    Example:
        >>> NoisyCircles(centres=((-2, 0), (2, 0)), radii=(1, 1)).facts().topology.value.betti
        (2, 2)
    """

    centres: tuple[tuple[float, float], ...] = ((-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0))
    radii: tuple[float, ...] = (2.0, 2.0, 2.0, 2.0)
    scale: float = 0.1

    def check(self) -> None:
        NoisyCurves.check(self)
        circles = list(zip(self.centres, self.radii))
        if len(self.centres) != len(self.radii) or not circles or len(set(circles)) < len(circles):
            raise ValueError(f"NoisyCircles needs distinct circles, one radius a centre, got {self}")
        if not np.isfinite(self.centres).all() or not all(0 < r < math.inf for r in self.radii):
            raise ValueError(f"NoisyCircles needs finite centres and positive, finite radii, got {self}")

    @property
    def curves(self) -> int:
        return len(self.radii)

    @property
    def speed(self) -> float:
        return 2 * math.pi * max(self.radii)

    @property
    def betti(self) -> tuple[int, ...]:
        """Of the graph whose corners are the meeting points: pieces, and edges - corners + pieces."""
        corners, on, meets = [], [set() for _ in self.radii], np.eye(self.curves)
        for i, j in combinations(range(self.curves), 2):
            for point in _meeting(self.centres[i], self.radii[i], self.centres[j], self.radii[j]):
                near = [
                    k for k, known in enumerate(corners) if math.dist(point, known) < 1e-9 * max(self.radii)
                ]
                number = near[0] if near else len(corners)
                corners += [] if near else [point]
                on[i].add(number)
                on[j].add(number)
                meets[i, j] = 1
        pieces = int(connected_components(meets)[0])
        # a circle has as many edges as corners, and one that meets no other counts as one of each
        edges = sum(max(len(own), 1) for own in on)
        lonely = sum(not own for own in on)
        return pieces, edges - (len(corners) + lonely) + pieces

    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        centre = torch.tensor(self.centres, dtype=s.dtype, device=s.device)[curve]
        radius = torch.tensor(self.radii, dtype=s.dtype, device=s.device)[curve]
        angle = 2 * math.pi * s
        return centre + radius.unsqueeze(-1) * torch.stack((angle.cos(), angle.sin()), dim=-1)

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        around = ((0.0, 0.0), (0.0, 0.0))
        return {
            "nsf": Preset(cls(), "Durkan et al. (2019), plane.py, FourCircles"),
            "ffjord": Preset(
                cls(around, (3.0, 1.5), 0.24),
                "Grathwohl et al. (2019), toy_data.py, there with equally spaced angles",
            ),
        }

    @classmethod
    def examples(cls) -> list[NoisyCircles]:
        return [cls(scale=0.2), cls(((0, 0), (0, 0), (3, 0)), (1, 0.5, 1), 0.1)]


def _meeting(centre, radius: float, other, distance: float) -> list[tuple[float, float]]:
    """Return the points where two circles meet: none, one where they touch, or two."""
    (a, b), (c, d) = centre, other
    gap = math.hypot(c - a, d - b)
    if not abs(radius - distance) <= gap <= radius + distance:
        return []
    along = (gap**2 + radius**2 - distance**2) / (2 * gap)
    across = math.sqrt(max(radius**2 - along**2, 0.0))
    u, v = (c - a) / gap, (d - b) / gap
    ends = {across, -across} if across > 1e-9 * radius else {0.0}
    return [(a + along * u - h * v, b + along * v + h * u) for h in sorted(ends)]

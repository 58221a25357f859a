"""How much of its mass a Lipschitz generator can send to three pieces."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import root

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.random import Key


NODES, WEIGHTS = ((part + shift) / 2 for part, shift in zip(np.polynomial.legendre.leggauss(80), (1, 0)))

Partition = tuple[float, tuple[int, int]]
"""The distance of the pieces over the Lipschitz constant, and two angles of the partition in degrees."""


@dataclass(frozen=True)
class ThreePieces(Claim):
    """Do three wedges at equal angles serve three equal pieces best? Nobody has shown it but for near pieces.

    Partitions of the plane of noise into three wedges of any angles, moved until they serve all pieces alike, are
    tried against it. The neighbour need not serve them alike (``alike=False``): one piece may get nearly all.

    Reference: Milman, Neeman (2022), for pieces that are near.

    Example:
        >>> round(ThreePieces().predicted((1.0, (120, 120))), 4)
        0.49
    """

    alike: bool = True

    part: ClassVar[str] = "G05"
    statement: ClassVar[str] = (
        "An L-Lipschitz generator of standard noise that serves three pieces at pairwise distance D alike sends no "
        "more of its mass to them than three wedges of the plane that meet at equal angles, moved apart by D/L"
    )
    latex: ClassVar[str] = (
        r"P\big(G(z) \in A_1 \cup A_2 \cup A_3\big) \le 3\,P\big(n^\top z \ge \tfrac{D}{2L},\; m^\top z \ge "
        r"\tfrac{D}{2L}\big),\qquad \angle(n, m) = 60^\circ"
    )
    reference: ClassVar[str] = "open; Milman, Neeman (2022), for D/L near 0"
    assumptions: ClassVar[str] = "three equal pieces, all at one distance from each other"
    kind: ClassVar[Kind] = "inequality"
    open: ClassVar[bool] = True
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-6

    def instances(self) -> st.SearchStrategy[Partition]:
        angles = st.tuples(st.integers(60, 170), st.integers(60, 170)).filter(
            lambda two: 190 <= sum(two) <= 300
        )
        return st.tuples(st.integers(1, 20).map(lambda w: w / 10), st.just((120, 120)) | angles)

    def predicted(self, instance: Partition) -> float:
        return theory.three_piece_mass(instance[0])

    def observed(self, instance: Partition, key: Key) -> float:
        """Find the place where the three rays meet at which all wedges, moved apart, hold the same mass."""
        width, (first, second) = instance
        edges = np.deg2rad([0.0, first, first + second, 360.0])

        def held(place: np.ndarray) -> np.ndarray:
            return np.array([_wedge(place, low, high, width) for low, high in itertools.pairwise(edges)])

        if not self.alike:
            return float(held(np.array([3.0, 3.0])).sum())
        found: Any = root(lambda place: np.diff(held(place)), np.zeros(2), tol=1e-9)
        return float(held(found.x).sum()) if found.success else 0.0

    def curve(self) -> Curve:
        return Curve("distance over slope", tuple(k / 10 for k in range(1, 31)), lambda w: (w, (100, 130)))

    @property
    def neighbour(self) -> ThreePieces | None:
        return self.replace(alike=False) if self.alike else None

    @classmethod
    def examples(cls) -> tuple[ThreePieces, ...]:
        return (cls(),)


def _wedge(place: np.ndarray, low: float, high: float, width: float) -> float:
    """Return the normal mass of the wedge between two directions, all of it ``width/2`` from both its edges.

    With t the distance from one edge, the points of the wedge at t lie on a ray, whose normal mass is a tail:
    the mass is an integral over t.
    """
    angle, reach = high - low, 9 + float(np.abs(place).sum())
    beside = place @ np.array([-np.sin(low), np.cos(low)])
    before = place @ np.array([np.cos(low), np.sin(low)])
    t = NODES * reach + width / 2
    start = (width / 2 + t * np.cos(angle)) / np.sin(angle)  # where the ray is width/2 from the other edge
    return float(WEIGHTS * reach @ (stats.norm.pdf(t + beside) * stats.norm.sf(start + before)))

"""The hole that persistent homology finds in a circle of points."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.random import Key


@dataclass(frozen=True)
class CircleHole(Claim):
    """Equally spaced points on a circle have one hole, from when neighbours join to when triangles fill it.

    The neighbour puts a point in the middle (``filled=True``).

    Reference: Adamaszek, Adams (2017); Khrulkov, Oseledets (2018).

    Example:
        >>> [round(float(x), 4) for x in CircleHole().predicted(6)]
        [1.0, 1.7321]
    """

    filled: bool = False

    part: ClassVar[str] = "J09"
    statement: ClassVar[str] = (
        "In Rips complexes of n equally spaced points of the unit circle the one hole is born at 2 sin(pi/n) and dies "
        "at 2 sin(pi ceil(n/3)/n)"
    )
    latex: ClassVar[str] = (
        r"\text{birth} = 2\sin\tfrac\pi n,\qquad \text{death} = 2\sin\tfrac{\pi\lceil n/3\rceil}{n}"
    )
    reference: ClassVar[str] = "Adamaszek, Adams (2017); Khrulkov, Oseledets (2018)"
    assumptions: ClassVar[str] = "at least four points, evenly spaced, and none inside"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(4, 12)

    def predicted(self, instance: int) -> np.ndarray:
        return np.array(theory.circle_class(instance))

    def observed(self, instance: int, key: Key) -> np.ndarray:
        """Reduce the boundaries of triangles, and return the hole that lives longest."""
        angles = 2 * torch.pi * torch.arange(instance, dtype=torch.float64) / instance
        x = torch.stack([angles.cos(), angles.sin()], dim=1)
        x = torch.cat([x, x.new_zeros(1, 2)]) if self.filled else x
        return np.array(_longest_hole(ops.pairwise_distance(x, x).numpy()))

    def curve(self) -> Curve:
        return Curve("points", tuple(range(4, 13)), lambda n: int(n), row=1)

    @property
    def neighbour(self) -> CircleHole | None:
        return None if self.filled else self.replace(filled=True)

    @classmethod
    def examples(cls) -> tuple[CircleHole, ...]:
        return (cls(),)


def _longest_hole(distances: np.ndarray) -> tuple[float, float]:
    """Return birth and death of the class of dimension 1 that lives longest, by reduction over two elements."""
    pairs = itertools.combinations(range(len(distances)), 2)
    edges = sorted(pairs, key=lambda pair: (distances[pair], pair))
    place = {edge: i for i, edge in enumerate(edges)}
    boundaries = (
        {place[a, b], place[a, c], place[b, c]}
        for a, b, c in itertools.combinations(range(len(distances)), 3)
    )
    reduced: dict[int, set[int]] = {}  # by the last edge of the cycle that each fills
    lives = [(0.0, 0.0)]
    for cycle in sorted(boundaries, key=max):  # a triangle comes with its last edge
        death = float(distances[edges[max(cycle)]])
        while cycle and max(cycle) in reduced:
            cycle = cycle ^ reduced[max(cycle)]
        if cycle:
            reduced[max(cycle)] = cycle
            lives.append((float(distances[edges[max(cycle)]]), death))
    return max(lives, key=lambda life: life[1] - life[0])

"""The duality gap of quadratic games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.dynamics.diagnostics import best_response_gap
from gantheory.games import LinearField
from gantheory.random import Key


Instance = tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]
"""The entries a_1, a_2, a_12, b_1, b_2, c of a game of 2 + 1 parameters, and points."""


@dataclass(frozen=True)
class QuadraticGap(Claim):
    """The duality gap of a convex-concave quadratic game is a quadratic form of both Schur complements.

    The neighbour leaves the interaction out of it, and keeps the players' own curvatures.

    Example:
        >>> QuadraticGap().predicted(((1.0, 1.0, 0.0, 2.0, 0.0, 4.0), ((1.0, 0.0, 0.0),))).tolist()
        [1.0]
    """

    interaction: bool = True

    part: ClassVar[str] = "C22"
    statement: ClassVar[str] = (
        "The duality gap of x'Ax/2 + x'By - y'Cy/2 is x'(A + BC^-1B')x/2 + y'(C + B'A^-1B)y/2"
    )
    latex: ClassVar[str] = (
        r"\max_v f(x, v) - \min_u f(u, y) = "
        r"\tfrac12x^\top(A + BC^{-1}B^\top)x + \tfrac12y^\top(C + B^\top A^{-1}B)y"
    )
    reference: ClassVar[str] = "Grnarova et al. (2019)"
    assumptions: ClassVar[str] = "A and C positive definite"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Instance]:
        def tenths(low: int, high: int) -> st.SearchStrategy[float]:
            return st.integers(low, high).map(lambda n: n / 10)

        positive, any_sign = tenths(6, 30), tenths(-20, 20)
        entries = st.tuples(positive, positive, tenths(-5, 5), any_sign, any_sign, positive)
        points = st.lists(st.tuples(any_sign, any_sign, any_sign), min_size=1, max_size=8).map(tuple)
        return st.tuples(entries, points)

    def predicted(self, instance: Instance) -> np.ndarray:
        (a1, a2, a12, b1, b2, c), points = instance
        A, B = np.array([[a1, a12], [a12, a2]]), np.array([[b1], [b2]]) * self.interaction
        return np.array([theory.quadratic_gap(A, B, [[c]], point=(w[:2], w[2:])) for w in points])

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        (a1, a2, a12, b1, b2, c), points = instance
        game = LinearField(((a1, a12, b1), (a12, a2, b2), (-b1, -b2, c)), blocks=(2, 1))
        return best_response_gap(game, torch.tensor(points, dtype=torch.float64)).value

    @property
    def neighbour(self) -> QuadraticGap | None:
        return self.replace(interaction=False) if self.interaction else None

    @classmethod
    def examples(cls) -> tuple[QuadraticGap, ...]:
        return (cls(),)

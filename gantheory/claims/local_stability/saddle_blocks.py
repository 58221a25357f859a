"""What the blocks of a saddle say of its eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, one_step
from gantheory.dynamics import SGD, Simultaneous
from gantheory.dynamics.diagnostics import field_spectrum
from gantheory.games import LinearField
from gantheory.random import Key


@dataclass(frozen=True)
class SaddleDamping(Claim):
    """The real parts of a saddle's eigenvalues are the critic's curvature along its share of the eigenvectors.

    Instances are B and a root R of Q = R R'. The neighbour gives the generator's loss a curvature of its own.

    Example:
        >>> SaddleDamping().predicted((((1,),), ((1,),))).round(6).tolist()
        [0.5, 0.5]
    """

    generator: float = 0.0

    part: ClassVar[str] = "B12"
    statement: ClassVar[str] = (
        "The eigenvalues of a saddle [[0, B'], [-B, Q]] have the real parts w'Qw/(|u|^2 + |w|^2), (u, w) the "
        "eigenvectors"
    )
    latex: ClassVar[str] = (
        r"J = \begin{pmatrix} 0 & B^\top \\ -B & Q \end{pmatrix} \implies "
        r"\mathrm{Re}\,\mu = \frac{w^*Qw}{|u|^2 + |w|^2}"
    )
    reference: ClassVar[str] = "Nagarajan, Kolter (2017); Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "Q symmetric; the generator's loss linear in its own parameters"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-5  # where eigenvalues meet, by the square root of rounding

    def instances(self) -> st.SearchStrategy:
        def matrix(rows: int, columns: int) -> st.SearchStrategy:
            return st.tuples(*[st.tuples(*[st.integers(-2, 2)] * columns)] * rows)

        sizes = st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 3)])
        return sizes.flatmap(lambda nm: st.tuples(matrix(nm[1], nm[0]), matrix(nm[1], nm[1])))

    def predicted(self, instance) -> np.ndarray:
        B, R = (np.array(part, dtype=np.float64) for part in instance)
        return theory.saddle_damping(B, R @ R.T)

    def observed(self, instance, key: Key) -> np.ndarray:
        B, R = (np.array(part, dtype=np.float64) for part in instance)
        m, n = B.shape
        M = np.block([[self.generator * np.eye(n), B.T], [-B, R @ R.T]])
        game = LinearField(tuple(map(tuple, M.tolist())), blocks=(n, m))
        return np.sort(np.asarray(field_spectrum(game, (0.0,) * (n + m)).eigenvalues).real)

    @property
    def neighbour(self) -> SaddleDamping | None:
        return None if self.generator else self.replace(generator=0.5)

    @classmethod
    def examples(cls) -> tuple[SaddleDamping, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ZeroSumMonotone(Claim):
    """A zero-sum quadratic game's field is as monotone as its players' own losses are curved, however they interact.

    The neighbour is no zero-sum game: one player's loss feels the other more than it is felt.

    Example:
        >>> ZeroSumMonotone().predicted(((1.0, 5.0, -2.0),)).tolist()
        [-2.0]
    """

    excess: float = 0.0

    part: ClassVar[str] = "B15"
    statement: ClassVar[str] = (
        "The symmetric part of the field of ax^2/2 + bxy - cy^2/2 has the least eigenvalue min(a, c): it is monotone "
        "exactly where the game is convex-concave"
    )
    latex: ClassVar[str] = (
        r"J = \begin{pmatrix} a & b \\ -b & c \end{pmatrix},\quad \lambda_{\min}\,\tfrac12(J + J^\top) = \min(a, c)"
    )
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "a zero-sum game"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(a=grid(-2, 2, 0.1), b=grid(-3, 3, 0.1), c=grid(-2, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        a, _, c = columns_of(instance)
        return theory.zero_sum_monotonicity(a, c)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, b, c = columns_of(instance)
        columns = {
            "game.matrix.0.0": a,
            "game.matrix.0.1": b + self.excess,
            "game.matrix.1.0": -b,
            "game.matrix.1.1": c,
        }
        J = np.eye(2) - one_step(LinearField(((1.0, 0.0), (0.0, 1.0))), Simultaneous(SGD(1.0)), columns)
        return np.linalg.eigvalsh((J + J.swapaxes(1, 2)) / 2)[:, 0]

    @property
    def neighbour(self) -> ZeroSumMonotone | None:
        return None if self.excess else self.replace(excess=0.5)

    @classmethod
    def examples(cls) -> tuple[ZeroSumMonotone, ...]:
        return (cls(),)

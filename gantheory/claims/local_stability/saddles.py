"""Which zeros of a field attract, and which of them are equilibria."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, long_run_factor, one_step, orbits
from gantheory.dynamics import SGD, Consensus, PerPlayer, Rule, Simultaneous
from gantheory.dynamics.diagnostics import field_spectrum
from gantheory.games import LinearField
from gantheory.random import Key


PLANE = LinearField(((1.0, 0.0), (0.0, 1.0)))


def _matrix_columns(M: np.ndarray) -> dict[str, np.ndarray]:
    return {f"game.matrix.{i}.{j}": M[:, i, j] for i in (0, 1) for j in (0, 1)}


@dataclass(frozen=True)
class StepSizeLemma(Claim):
    """Simultaneous steps shrink a mode a + ib exactly for rates below 2a/(a^2 + b^2); 1 is yes, 0 no.

    The neighbour reads the real part alone, as for a field that does not turn.

    Example:
        >>> StepSizeLemma().predicted(((0.25, 1.0, 3.0), (0.15, 1.0, 3.0))).tolist()
        [0.0, 1.0]
    """

    reads: Literal["all", "real part"] = "all"

    part: ClassVar[str] = "B11"
    statement: ClassVar[str] = (
        "Simultaneous steps shrink a mode a + ib exactly for rates below 2a/(a^2 + b^2)"
    )
    latex: ClassVar[str] = r"|1 - h\mu| < 1 \iff h < \frac{2\,\mathrm{Re}\,\mu}{|\mu|^2}"
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "a linear field; a positive rate, off the limit; none shrinks for a <= 0"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(rate=grid(0.01, 2, 0.0137), pull=grid(-0.5, 2, 0.1), turn=grid(0, 3, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, pull, turn = columns_of(instance)
        limit = theory.simultaneous_limit(pull, turn if self.reads == "all" else 0 * turn)
        return (rate < limit).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, pull, turn = columns_of(instance)
        M = np.stack([pull, turn, -turn, pull], axis=-1).reshape(-1, 2, 2)
        columns = {"rule.step.rate": rate} | _matrix_columns(M)
        points = orbits(PLANE, Simultaneous(SGD(1.0)), columns, start=np.eye(2), steps=2)
        return (long_run_factor(points) < 1 - 1e-12).astype(float)

    @property
    def neighbour(self) -> StepSizeLemma | None:
        return self.replace(reads="real part") if self.reads == "all" else None

    @classmethod
    def examples(cls) -> tuple[StepSizeLemma, ...]:
        return (cls(),)


@dataclass(frozen=True)
class SaddleAttracts(Claim):
    """A saddle ``[[0, B'], [-B, Q]]`` with Q positive definite and B of full column rank attracts; 1 is yes, 0 no.

    Instances are B and a root R of Q = R R' + I/2. The neighbour takes any B and expects the same.

    Example:
        >>> SaddleAttracts().predicted((((1,), (0,)), ((1, 0), (0, 1))))
        1.0
    """

    rank: Literal["full", "any"] = "full"

    part: ClassVar[str] = "B12"
    statement: ClassVar[str] = (
        "Where the critic's loss is strictly convex and the generator moves it in every direction (B of full column "
        "rank), the equilibrium of a saddle attracts"
    )
    latex: ClassVar[str] = (
        r"J = \begin{pmatrix} 0 & B^\top \\ -B & Q \end{pmatrix},\ Q \succ 0 \implies \mathrm{Re}\,\mu(J) > 0"
    )
    reference: ClassVar[str] = "Nagarajan, Kolter (2017); Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "Q positive definite; B of full column rank"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="

    def instances(self) -> st.SearchStrategy:
        def matrix(rows: int, columns: int) -> st.SearchStrategy:
            return st.tuples(*[st.tuples(*[st.integers(-2, 2)] * columns)] * rows)

        sizes = st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 3)])
        drawn = sizes.flatmap(lambda nm: st.tuples(matrix(nm[1], nm[0]), matrix(nm[1], nm[1])))
        full = drawn.filter(lambda BR: np.linalg.matrix_rank(np.array(BR[0])) == len(BR[0][0]))
        return full if self.rank == "full" else drawn

    def predicted(self, instance) -> float:
        B, R = (np.array(part, dtype=np.float64) for part in instance)
        Q = R @ R.T + np.eye(len(R)) / 2
        return float(theory.saddle_stable(B if self.rank == "full" else np.eye(*B.shape), Q))

    def observed(self, instance, key: Key) -> float:
        B, R = (np.array(part, dtype=np.float64) for part in instance)
        m, n = B.shape
        M = np.block([[np.zeros((n, n)), B.T], [-B, R @ R.T + np.eye(m) / 2]])
        game = LinearField(tuple(map(tuple, M.tolist())), blocks=(n, m))
        found = field_spectrum(game, (0.0,) * (n + m)).eigenvalues
        return float(np.asarray(found).real.min() > 1e-9)

    @property
    def neighbour(self) -> SaddleAttracts | None:
        return self.replace(rank="any") if self.rank == "full" else None

    @classmethod
    def examples(cls) -> tuple[SaddleAttracts, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ConsensusMonotone(Claim):
    """Consensus makes a monotone linear field strongly monotone, by its weight times the least singular value squared.

    The neighbour claims it of fields that are not monotone, as at a maximum.

    Example:
        >>> ConsensusMonotone().predicted(((0.0, 2.0, 0.0, 0.5),)).tolist()
        [2.0]
    """

    monotone: bool = True

    part: ClassVar[str] = "B13"
    statement: ClassVar[str] = (
        "The symmetric part of the consensus field of a monotone linear field is at least c s_min^2"
    )
    latex: ClassVar[str] = (
        r"\tfrac12(M + M^\top) \succeq 0 \implies \tfrac12(M + M^\top) + \gamma M^\top M \succeq \gamma\sigma_{\min}^2"
    )
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "a linear field with <v(w), w> >= 0"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = ">="
    tolerance: ClassVar[float] = 1e-7
    box: ClassVar[Box] = Box(
        rows=128, a=grid(0, 2, 0.1), b=grid(-2, 2, 0.1), c=grid(0, 2, 0.1), weight=(0.1, 1.0, 10.0)
    )

    def _matrix(self, instance: Rows) -> tuple[np.ndarray, np.ndarray]:
        a, b, c, weight = columns_of(instance)
        sign = 1 if self.monotone else -1
        return np.stack([sign * a, b, -b, sign * c], axis=-1).reshape(-1, 2, 2), weight

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.consensus_monotonicity(*self._matrix(instance))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        M, weight = self._matrix(instance)
        rate = 0.01
        step = one_step(PLANE, Consensus(SGD(rate)), {"rule.weight": weight} | _matrix_columns(M))
        field = (np.eye(2) - step) / rate
        return np.linalg.eigvalsh((field + field.swapaxes(1, 2)) / 2)[:, 0]

    @property
    def neighbour(self) -> ConsensusMonotone | None:
        return self.replace(monotone=False) if self.monotone else None

    @classmethod
    def examples(cls) -> tuple[ConsensusMonotone, ...]:
        return (cls(),)


@dataclass(frozen=True)
class TwoTimeScales(Claim):
    """With a follower that is fast enough, descent-ascent is attracted by strict local minimax points and no other.

    1 is attracted, 0 not. The neighbour gives both players the same rate.

    Example:
        >>> TwoTimeScales().predicted(((-1.0, 2.0, 1.0), (-1.0, 0.5, 1.0))).tolist()
        [1.0, 0.0]
    """

    ratio: float = 1e5

    part: ClassVar[str] = "B14"
    statement: ClassVar[str] = (
        "Where y is fast enough, 0 attracts descent in x and ascent in y on ax^2/2 + bxy - cy^2/2, c > 0, exactly if "
        "a + b^2/c > 0"
    )
    latex: ClassVar[str] = r"\tau \to \infty:\quad \text{stable} \iff a + \frac{b^2}{c} > 0"
    reference: ClassVar[str] = "Jin, Netrapalli, Jordan (2020); Fiez, Ratliff (2021); Heusel et al. (2017)"
    assumptions: ClassVar[str] = "c > 0; the curvature a + b^2/c away from 0; small steps, y's 10^5 times x's"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(a=grid(-2, 2, 0.137), b=grid(-2, 2, 0.1), c=grid(0.1, 2, 0.113))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.strict_local_minimax(*columns_of(instance)).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, b, c = columns_of(instance)
        M = np.stack([a, b, -b, c], axis=-1).reshape(-1, 2, 2)
        return _attracts(M, PerPlayer((SGD(1e-4 / self.ratio), SGD(1e-4))), 1e-4 / self.ratio)

    @property
    def neighbour(self) -> TwoTimeScales | None:
        return self.replace(ratio=1.0) if self.ratio > 1 else None

    @classmethod
    def examples(cls) -> tuple[TwoTimeScales, ...]:
        return (cls(),)


@dataclass(frozen=True)
class Attractor(Claim):
    """Small descent-ascent steps are attracted where trace and determinant of the field are positive; 1 is yes, 0 no.

    The neighbour takes local Nash equilibria for the attractors, as is often said (``said="Nash"``).

    Example:
        >>> Attractor().predicted(((-1.0, 2.0, 3.0),)).tolist()
        [1.0]
    """

    said: Literal["attractor", "Nash"] = "attractor"

    part: ClassVar[str] = "B15"
    statement: ClassVar[str] = (
        "0 attracts small descent-ascent steps on ax^2/2 + bxy - cy^2/2 exactly if a + c > 0 and ac + b^2 > 0, be x "
        "at a minimum or not"
    )
    latex: ClassVar[str] = (
        r"\mathrm{Re}\,\mu\begin{pmatrix} a & b \\ -b & c \end{pmatrix} > 0 \iff a + c > 0,\ ac + b^2 > 0"
    )
    reference: ClassVar[str] = "Mazumdar, Jordan, Sastry (2019); Adolphs et al. (2019)"
    assumptions: ClassVar[str] = "small simultaneous steps of one size"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(a=grid(-2, 2, 0.137), b=grid(-2, 2, 0.1), c=grid(-2, 2, 0.113))

    def predicted(self, instance: Rows) -> np.ndarray:
        a, b, c = columns_of(instance)
        return (theory.attracts(a, b, c) & ((self.said == "attractor") | ((a > 0) & (c > 0)))).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, b, c = columns_of(instance)
        M = np.stack([a, b, -b, c], axis=-1).reshape(-1, 2, 2)
        return _attracts(M, SGD(1e-4), 1e-4)

    @property
    def neighbour(self) -> Attractor | None:
        return self.replace(said="Nash") if self.said == "attractor" else None

    @classmethod
    def examples(cls) -> tuple[Attractor, ...]:
        return (cls(),)


def _attracts(M: np.ndarray, step: SGD | PerPlayer, rate: float) -> np.ndarray:
    """Say where the flow that small steps follow has eigenvalues of positive real part alone."""
    rule: Rule = Simultaneous(step)
    field = (np.eye(2) - one_step(PLANE, rule, _matrix_columns(M))) / rate
    least = np.linalg.eigvals(field).real.min(axis=-1)
    return (least > 1e-9 * np.abs(field).max(axis=(1, 2))).astype(float)

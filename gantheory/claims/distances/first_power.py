"""The Wasserstein-1 distance: its dual, what bounds it, and the slope of its best critic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.optimize import linprog

from gantheory import ops, theory
from gantheory.claims.atoms import measured
from gantheory.claims.claim import Claim, Kind
from gantheory.random import Key


Line = tuple[tuple[int, int, int], ...]
"""Distinct places on the line, each with counts of real and of generated samples."""


def _lines() -> st.SearchStrategy[Line]:
    atom = st.tuples(st.integers(-20, 20), st.integers(1, 30), st.integers(1, 30))
    drawn = st.lists(atom, min_size=2, max_size=8, unique_by=lambda row: row[0])
    return drawn.map(lambda rows: tuple(sorted(rows)))


def _distance(line: Line) -> float:
    at, real, fake = (torch.tensor(column, dtype=torch.float64) for column in zip(*line))
    return ops.wasserstein_1d(at, at, p=1, a=real, b=fake).item()


@dataclass(frozen=True)
class TransportDuality(Claim):
    """The best critic of slope 1 gains the Wasserstein-1 distance, on the line the area between distributions.

    Both sides list the dual value, then the distance. The neighbour allows the critic a slope of 2 (``slope=2.0``).

    Reference: Kantorovich, Rubinstein (1958); Vallender (1974).

    Example:
        >>> TransportDuality().predicted(((0, 1, 3), (2, 3, 1))).tolist()
        [1.0, 1.0]
    """

    slope: float = 1.0

    part: ClassVar[str] = "F01"
    statement: ClassVar[str] = (
        "The largest difference of a 1-Lipschitz critic's means is the Wasserstein-1 distance, which on the line is "
        "the area between the two distribution functions"
    )
    latex: ClassVar[str] = r"\sup_{|f|_L \le 1} E_p f - E_q f = W_1(p, q) = \int |F - G|\, dt"
    reference: ClassVar[str] = "Kantorovich, Rubinstein (1958); Vallender (1974)"
    assumptions: ClassVar[str] = "the critic's slope is at most 1"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Line]:
        return _lines()

    def predicted(self, instance: Line) -> np.ndarray:
        at, real, fake = zip(*instance)
        return np.full(2, theory.cumulative_transport(at, real, at, fake))

    def observed(self, instance: Line, key: Key) -> np.ndarray:
        """Find the critic by linear programming over its values; neighbouring places bound its slope."""
        at, real, fake = (np.array(column, dtype=np.float64) for column in zip(*instance))
        rises = np.diff(np.eye(len(at)), axis=0)
        gain = real / real.sum() - fake / fake.sum()
        bound = self.slope * np.diff(at)
        found: Any = linprog(
            -gain,
            A_ub=np.vstack([rises, -rises]),
            b_ub=np.concatenate([bound, bound]),
            bounds=[(0, 0)] + [(None, None)] * (len(at) - 1),
        )
        return np.array([-found.fun, _distance(instance)])

    @property
    def neighbour(self) -> TransportDuality | None:
        return self.replace(slope=2.0) if self.slope == 1 else None

    @classmethod
    def examples(cls) -> tuple[TransportDuality, ...]:
        return (cls(),)


@dataclass(frozen=True)
class TransportVariation(Claim):
    """The Wasserstein-1 distance lies between the total variation times the least and the largest distance.

    The neighbour takes a constant that is a tenth better (``constant=0.9``).

    Reference: Gibbs, Su (2002).

    Example:
        >>> TransportVariation("upper").predicted(((0, 1, 3), (2, 3, 1)))
        1.0
    """

    side: Literal["lower", "upper"] = "upper"
    constant: float = 1.0

    part: ClassVar[str] = "F01"
    statement: ClassVar[str] = (
        "On points at distances between d and D, the Wasserstein-1 distance lies between d TV and D TV"
    )
    latex: ClassVar[str] = r"d_{\min}\,\mathrm{TV}(p, q) \le W_1(p, q) \le \mathrm{diam}\,\mathrm{TV}(p, q)"
    reference: ClassVar[str] = "Gibbs, Su (2002)"
    assumptions: ClassVar[str] = "finitely many points"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Line]:
        return _lines()

    def predicted(self, instance: Line) -> float:
        at, real, fake = (np.array(column) for column in zip(*instance))
        if self.side == "lower":
            return self.constant * theory.cumulative_transport(at, real, at, fake)
        variation = theory.total_variation(real / real.sum(), fake / fake.sum())
        return self.constant * float(np.ptp(at) * variation)

    def observed(self, instance: Line, key: Key) -> float:
        if self.side == "upper":
            return _distance(instance)
        at, real, fake = zip(*instance)
        return float(np.diff(at).min()) * measured((real, fake), "TV")

    @property
    def neighbour(self) -> TransportVariation | None:
        return self.replace(constant=0.9) if self.constant == 1 else None

    @classmethod
    def examples(cls) -> tuple[TransportVariation, ...]:
        return cls("lower"), cls("upper")

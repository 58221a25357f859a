"""How far look-ahead may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, LookAhead, Simultaneous
from gantheory.games import Bilinear
from gantheory.random import Key


@dataclass(frozen=True)
class LookAheadPull(Claim):
    """Look-ahead around small simultaneous steps shrinks a rotation exactly for pulls below 1 - 1/k; 1 is yes, 0 no.

    The neighbour takes steps that are not small.

    Example:
        >>> LookAheadPull(steps=5).predicted(((0.75,), (0.85,))).tolist()
        [1.0, 0.0]
    """

    steps: int
    rate: float = 0.001

    part: ClassVar[str] = "C15"
    reference: ClassVar[str] = "Chavdarova et al. (2021)"
    latex: ClassVar[str] = (
        r"\big|1 - \alpha + \alpha(1 - iu)^k\big| < 1 \iff \alpha < 1 - \tfrac1k,\quad u \to 0"
    )
    assumptions: ClassVar[str] = "the rate times the speed of rotation well below 1; pulls off the limit"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(rows=64, pull=grid(0.0133, 1, 0.0133))

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"Look-ahead over {self.steps} small steps shrinks a rotation exactly for pulls below 1 - 1/{self.steps}"

    def predicted(self, instance: Rows) -> np.ndarray:
        return (columns_of(instance)[0] < theory.look_ahead_pull(self.steps)).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rule = LookAhead(Simultaneous(SGD(self.rate)), steps=self.steps)
        columns = {"rule.pull": columns_of(instance)[0]}
        points = orbits(Bilinear(), rule, columns, start=np.eye(2), steps=3)
        return (long_run_factor(points) < 1).astype(float)

    @property
    def neighbour(self) -> LookAheadPull | None:
        return self.replace(rate=0.5) if self.rate < 0.5 else None

    @classmethod
    def examples(cls) -> tuple[LookAheadPull, ...]:
        return cls(steps=3), cls(steps=6)

"""Rules that are one and the same on bilinear games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim
from gantheory.claims.orbits import columns_of, one_step
from gantheory.dynamics import SGD, Competitive, Consensus, OpponentLookAhead, Rule
from gantheory.games import LinearField
from gantheory.random import Key


class _Case(NamedTuple):
    part: str
    rule: Rule
    same: str
    weight: str
    reference: str


RULES = {
    "competitive": _Case("C06", Competitive(SGD(1.0)), "proximal point", "", "Schaefer, Anandkumar (2019)"),
    "opponent look-ahead": _Case(
        "C06", OpponentLookAhead(SGD(1.0), ahead=1.0), "extragradient", "rule.ahead", "Letcher et al. (2019)"
    ),
    "consensus": _Case(
        "C07", Consensus(SGD(1.0)), "symplectic adjustment", "rule.weight", "Balduzzi et al. (2018)"
    ),
}


@dataclass(frozen=True)
class BilinearCoincidence(Claim):
    """On bilinear games one step of a rule is one step of another.

    Competitive steps are proximal ones; looking ahead to the opponent's step of the same length is
    extragradient; consensus is symplectic adjustment. The neighbour gives the players' losses curvature of
    their own.

    Example:
        >>> BilinearCoincidence("competitive").predicted(((1.0, 1.0, 0.0, 0.0),))[0].tolist()
        [[0.5, -0.5], [0.5, 0.5]]
    """

    rule: Literal["competitive", "opponent look-ahead", "consensus"]
    curved: bool = False

    assumptions: ClassVar[str] = "a bilinear game: no loss is curved in its own player's parameters"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12
    box: ClassVar[Box] = Box(
        rows=64, rate=grid(0.05, 1, 0.05), turn=grid(-1, 1, 0.05), a=grid(0, 1, 0.1), c=grid(0, 1, 0.1)
    )

    @property
    def part(self) -> str:  # type: ignore[override]
        return RULES[self.rule].part

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"On bilinear games a step of '{self.rule}' is a step of '{RULES[self.rule].same}'"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return {
            "competitive": r"I - h(I + hM)^{-1}M = (I + hM)^{-1}",
            "opponent look-ahead": r"I - h(M - hM^2) = I - hM + h^2M^2",
            "consensus": r"I - h(M + hM^\top M) = I - h(M + hA^\top M),\quad A = M",
        }[self.rule]

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule].reference

    def _matrix(self, instance: Rows) -> tuple[np.ndarray, np.ndarray]:
        rate, turn, a, c = columns_of(instance)
        M = np.stack([a, turn, -turn, c], axis=-1).reshape(-1, 2, 2)
        return rate, M if self.curved else M * np.array([[0.0, 1.0], [1.0, 0.0]])

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, M = self._matrix(instance)
        return theory.linear_step(M, rate, rule=RULES[self.rule].same, weight=rate)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Take one step from either axis, with the rate as the rule's other number."""
        case = RULES[self.rule]
        rate, M = self._matrix(instance)
        columns = {"rule.step.rate": rate} | ({case.weight: rate} if case.weight else {})
        columns |= {f"game.matrix.{i}.{j}": M[:, i, j] for i in (0, 1) for j in (0, 1)}
        return one_step(LinearField(((1.0, 0.0), (0.0, 1.0))), case.rule, columns)

    @property
    def neighbour(self) -> BilinearCoincidence | None:
        return None if self.curved else self.replace(curved=True)

    @classmethod
    def examples(cls) -> tuple[BilinearCoincidence, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]

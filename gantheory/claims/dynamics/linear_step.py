"""What one step of a rule does to a linear field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim
from gantheory.claims.orbits import columns_of, one_step
from gantheory.dynamics import (
    SGD,
    Competitive,
    Consensus,
    CrossingTheCurl,
    ExtraGradient,
    HamiltonianDescent,
    LookAhead,
    OpponentLookAhead,
    ProximalPoint,
    Rule,
    Simultaneous,
    SymplecticAdjustment,
    Unrolled,
)
from gantheory.games import LinearField
from gantheory.random import Key


class _Case(NamedTuple):
    part: str
    rule: Rule
    latex: str
    reference: str
    rate: str = "rule.step.rate"
    weight: str = ""


LOOKS = 3
RULES = {
    "extragradient": _Case("C04", ExtraGradient(SGD(1.0)), r"I - hM + h^2M^2", "Korpelevich (1976)"),
    "proximal point": _Case("C06", ProximalPoint(SGD(1.0)), r"(I + hM)^{-1}", "Rockafellar (1976)"),
    "opponent look-ahead": _Case(
        "C06",
        OpponentLookAhead(SGD(1.0), ahead=1.0),
        r"I - h(M - cBM)",
        "Zhang, Lesser (2010)",
        weight="rule.ahead",
    ),
    "consensus": _Case(
        "C07",
        Consensus(SGD(1.0)),
        r"I - h(M + cM^\top M)",
        "Mescheder, Nowozin, Geiger (2017)",
        weight="rule.weight",
    ),
    "Hamiltonian descent": _Case(
        "C07", HamiltonianDescent(SGD(1.0)), r"I - hM^\top M", "Abernethy, Lai, Wibisono (2021)"
    ),
    "symplectic adjustment": _Case(
        "C12",
        SymplecticAdjustment(SGD(1.0)),
        r"I - h(M + cA^\top M)",
        "Balduzzi et al. (2018)",
        weight="rule.weight",
    ),
    "competitive": _Case("C13", Competitive(SGD(1.0)), r"I - h(I + hB)^{-1}M", "Schaefer, Anandkumar (2019)"),
    "unrolled": _Case(
        "C14",
        Unrolled(SGD(1.0), looks=LOOKS, ahead=1.0),
        r"I - h\,\nabla_{\!1}\,\ell_1(w_1, y_k(w_1))",
        "Metz et al. (2017)",
        weight="rule.ahead",
    ),
    "look-ahead": _Case(
        "C15",
        LookAhead(Simultaneous(SGD(1.0)), steps=LOOKS),
        r"I + \alpha\big((I - hM)^k - I\big)",
        "Chavdarova et al. (2021)",
        rate="rule.rule.step.rate",
        weight="rule.pull",
    ),
    "crossing the curl": _Case(
        "C16", CrossingTheCurl(SGD(1.0)), r"I - h(M^\top - M)M", "Gemp, Mahadevan (2018)"
    ),
}


@dataclass(frozen=True)
class LinearStep(Claim):
    """One step of a rule on a linear field ``M w`` is a matrix that its paper's formula gives.

    The neighbour forgets what the rule adds to a simultaneous step (``as_if="simultaneous"``).

    Example:
        >>> LinearStep("extragradient").predicted(((0.5, 0.5, 0.0, 1.0, -1.0, 0.0),))[0].tolist()
        [[0.75, -0.5], [0.5, 0.75]]
    """

    rule: Literal[
        "extragradient",
        "proximal point",
        "opponent look-ahead",
        "consensus",
        "Hamiltonian descent",
        "symplectic adjustment",
        "competitive",
        "unrolled",
        "look-ahead",
        "crossing the curl",
    ]
    as_if: Literal["", "simultaneous"] = ""

    assumptions: ClassVar[str] = (
        "two players of one parameter each, whose stacked gradients are M w; steps below 1 / |M|"
    )
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=64,
        rate=grid(0.01, 0.2),
        weight=grid(0.1, 1, 0.05),
        **{f"m{i}{j}": grid(-2, 2, 0.1) for i in (1, 2) for j in (1, 2)},
    )

    @property
    def part(self) -> str:  # type: ignore[override]
        return RULES[self.rule].part

    @property
    def statement(self) -> str:  # type: ignore[override]
        return (
            f"One step of the rule '{self.rule}' on a linear field M w is the matrix of its paper's formula"
        )

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"w_{{t+1}} = \big[{RULES[self.rule].latex}\big]\,w_t"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule].reference

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, weight, *entries = columns_of(instance)
        M = np.stack(entries, axis=-1).reshape(-1, 2, 2)
        return theory.linear_step(M, rate, rule=self.as_if or self.rule, weight=weight, count=LOOKS)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Take one step from either axis."""
        case = RULES[self.rule]
        rate, weight, *entries = columns_of(instance)
        columns: dict[str, Any] = {case.rate: rate}
        if case.weight:
            columns[case.weight] = weight
        columns |= {f"game.matrix.{i // 2}.{i % 2}": entry for i, entry in enumerate(entries)}
        return one_step(LinearField(((1.0, 0.0), (0.0, 1.0))), case.rule, columns)

    @property
    def neighbour(self) -> LinearStep | None:
        return None if self.as_if else self.replace(as_if="simultaneous")

    @classmethod
    def examples(cls) -> tuple[LinearStep, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]

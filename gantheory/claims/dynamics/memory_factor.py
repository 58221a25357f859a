"""Long-run factors of rules that remember."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Delayed, Momentum, Optimistic, PastExtraGradient, Rule, Simultaneous
from gantheory.games import LinearField
from gantheory.random import Key


STALENESS = 2
RULES: dict[str, tuple[str, Rule, str, int, str]] = {  # part, rule, path of the rate, memory, reference
    "optimistic": ("C05", Optimistic(SGD(1.0)), "rule.step.rate", 2, "Daskalakis et al. (2018)"),
    "past extragradient": ("C05", PastExtraGradient(SGD(1.0)), "rule.step.rate", 2, "Popov (1980)"),
    "momentum": ("C09", Simultaneous(Momentum(1.0, beta=0.5)), "rule.step.rate", 2, "Gidel et al. (2019)"),
    "delayed": (
        "H07",
        Delayed(Simultaneous(SGD(1.0)), staleness=STALENESS),
        "rule.rule.step.rate",
        STALENESS + 1,
        "Levin, May (1976)",
    ),
}
LATEX = {
    "optimistic": r"z^2 - (1 - 2h\mu)z - h\mu = 0",
    "past extragradient": r"z^2 - (1 - 2h\mu)z - h\mu = 0",
    "momentum": r"z^2 - (1 - h\mu + \beta)z + \beta = 0",
    "delayed": r"z^{s+1} - z^s + h\mu = 0",
}


@dataclass(frozen=True)
class MemoryFactor(Claim):
    """A rule with a memory multiplies distances, in the long run, by the largest root of its polynomial.

    The neighbour forgets the memory (``as_if="simultaneous"``).

    Example:
        >>> MemoryFactor("optimistic").predicted(((0.5, 0.0, 1.0, 0.0),)).round(6).tolist()
        [0.707107]
    """

    rule: Literal["optimistic", "past extragradient", "momentum", "delayed"]
    as_if: Literal["", "simultaneous"] = ""

    assumptions: ClassVar[str] = (
        "a linear field whose modes are a + ib and a - ib, turning about the equilibrium"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6  # rounding moves a double root by its square root
    box: ClassVar[Box] = Box(
        rows=128,
        rate=grid(0.05, 0.8),
        pull=grid(0, 1, 0.05),
        turn=grid(0.1, 1, 0.05),
        beta=grid(-0.9, 0.9, 0.1),
    )

    @property
    def part(self) -> str:  # type: ignore[override]
        return RULES[self.rule][0]

    @property
    def statement(self) -> str:  # type: ignore[override]
        return (
            f"Distances under '{self.rule}' steps on a mode mu = a + ib change, in the long run, by the largest "
            "root of the rule's polynomial a step"
        )

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"\rho = \max\{{|z| : {LATEX[self.rule]}\}}"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule][4]

    def predicted(self, instance: Rows) -> np.ndarray:
        rule = self.as_if or {"past extragradient": "optimistic"}.get(self.rule, self.rule)
        own: dict[str, Any] = {"delayed": {"staleness": STALENESS}}.get(rule, {})
        return np.array(
            [
                np.abs(
                    theory.mode_factors(
                        complex(pull, turn),
                        rate,
                        rule=rule,
                        **({"beta": beta} if rule == "momentum" else own),
                    )
                ).max()
                for rate, pull, turn, beta in instance
            ]
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Fit the recurrence of two orbits."""
        _, rule, path, memory, _ = RULES[self.rule]
        rate, pull, turn, beta = columns_of(instance)
        columns = {path: rate, "game.matrix.0.0": pull, "game.matrix.0.1": turn}
        columns |= {"game.matrix.1.0": -turn, "game.matrix.1.1": pull}
        if self.rule == "momentum":
            columns["rule.step.beta"] = beta
        game = LinearField(((1.0, 0.0), (0.0, 1.0)))
        return long_run_factor(
            orbits(game, rule, columns, start=np.eye(2), steps=3 * memory + 2), memory=memory
        )

    def curve(self) -> Curve:
        return self.box.curve("rate", pull=0.1, turn=1.0)

    @property
    def neighbour(self) -> MemoryFactor | None:
        return None if self.as_if else self.replace(as_if="simultaneous")

    @classmethod
    def examples(cls) -> tuple[MemoryFactor, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]

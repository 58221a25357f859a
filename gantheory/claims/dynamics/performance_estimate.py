"""Worst cases that semidefinite programs have certified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Anchored, ExtraGradient, Optimistic, PastExtraGradient, Rule
from gantheory.games import LinearField
from gantheory.random import Key


RULES: dict[str, tuple[Rule, str]] = {
    "extragradient": (ExtraGradient(SGD(0.5)), "1/2"),
    "optimistic": (Optimistic(SGD(0.25)), "1/4"),
    "past extragradient": (PastExtraGradient(SGD(0.25)), "1/4"),
    "anchored": (Anchored(SGD(0.125)), "1/8"),
}
STEPS = 6


@dataclass(frozen=True)
class PerformanceEstimate(Claim):
    """On a monotone, 1-Lipschitz field no rule is slower than performance estimation says, in any of six steps.

    Rows are a share of the Lipschitz constant 1 and an angle of the field's modes, from a pull (0 degrees) to a
    rotation (90), which comes near to the worst case or attains it. The neighbour lets the field push outwards.

    Example:
        >>> PerformanceEstimate("extragradient").predicted(((1.0, 90.0),)).tolist()
        [[0.8125, 0.6741, 0.56154, 0.46566, 0.38302, 0.31741]]
    """

    rule: Literal["extragradient", "optimistic", "past extragradient", "anchored"]
    monotone: bool = True

    reference: ClassVar[str] = "Goujaud et al. (2024); Gorbunov, Taylor, Gidel (2022)"
    assumptions: ClassVar[str] = "a monotone, 1-Lipschitz field with a zero w*; linear ones are drawn"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(share=grid(0.25, 1, 0.25), angle=grid(0, 90, 2.5))

    @property
    def part(self) -> str:  # type: ignore[override]
        return {"extragradient": "C04", "anchored": "C17"}.get(self.rule, "C05")

    @property
    def _moves(self) -> bool:
        return self.rule in ("optimistic", "past extragradient")

    @property
    def statement(self) -> str:  # type: ignore[override]
        measure = "|w_k - w_(k-1)|^2" if self._moves else "|v(w_k)|^2"
        return (
            f"From |w_0 - w*| = 1 the {self.rule} rule of rate {RULES[self.rule][1]} has {measure} at most as large as "
            "performance estimation says, for k up to 6"
        )

    @property
    def latex(self) -> str:  # type: ignore[override]
        measure = "w_k - w_{k-1}" if self._moves else "v(w_k)"
        return rf"|{measure}|^2 \le \tau_k\,|w_0 - w^*|^2,\quad L = 1,\ h = {RULES[self.rule][1]},\ k \le {STEPS}"

    def predicted(self, instance: Rows) -> np.ndarray:
        bounds = [theory.performance_bound(k, rule=self.rule) for k in range(1, STEPS + 1)]
        return np.broadcast_to(bounds, (len(instance), STEPS))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        share, angle = columns_of(instance)
        a, b = share * np.cos(np.deg2rad(angle)), share * np.sin(np.deg2rad(angle))
        a = a if self.monotone else -a
        columns = {"game.matrix.0.0": a, "game.matrix.0.1": b, "game.matrix.1.0": -b, "game.matrix.1.1": a}
        game, (rule, _) = LinearField(((0.0, 1.0), (-1.0, 0.0))), RULES[self.rule]
        w = orbits(game, rule, columns, start=[[1.0, 0.0]], steps=STEPS)[:, 0]
        if self._moves:
            return (np.diff(w, axis=1) ** 2).sum(-1)
        return (share**2)[:, None] * (w[:, 1:] ** 2).sum(-1)  # |v(w)| = share |w|

    def curve(self) -> Curve:
        return self.box.curve("angle", share=1.0)

    @property
    def neighbour(self) -> PerformanceEstimate | None:
        return self.replace(monotone=False) if self.monotone else None

    @classmethod
    def examples(cls) -> tuple[PerformanceEstimate, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]

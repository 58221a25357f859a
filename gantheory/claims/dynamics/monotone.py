"""Rates on strongly monotone fields, and of averages on monotone ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, one_step, orbits
from gantheory.dynamics import SGD, ExtraGradient, Rule, Simultaneous
from gantheory.games import LinearField
from gantheory.random import Key


GAME = LinearField(((1.0, 0.0), (0.0, 1.0)))


@dataclass(frozen=True)
class StronglyMonotone(Claim):
    """On strongly monotone linear fields a step of a stated size shrinks distances by a stated factor at least.

    The neighbour drops strong monotonicity: the field's symmetric part may have any sign.

    Example:
        >>> StronglyMonotone("simultaneous").predicted(((1.0, 0.0, 1.0),)).tolist()
        [0.0]
    """

    rule: Literal["simultaneous", "extragradient"]
    monotone: bool = True

    part: ClassVar[str] = "C08"
    assumptions: ClassVar[str] = "a linear field with <v(w), w> >= mu |w|^2 and |v(w)| <= L |w|"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, a=grid(0.1, 2, 0.1), b=grid(-2, 2, 0.1), c=grid(0.1, 2, 0.1))

    @property
    def statement(self) -> str:  # type: ignore[override]
        rate, factor = {
            "simultaneous": ("mu/L^2", "1 - mu^2/L^2"),
            "extragradient": ("1/(4L)", "1 - mu/(4L)"),
        }[self.rule]
        return f"A '{self.rule}' step of {rate} shrinks |w|^2 by {factor} at least on a mu-strongly monotone field"

    @property
    def latex(self) -> str:  # type: ignore[override]
        factor = {"simultaneous": r"1 - \frac{\mu^2}{L^2}", "extragradient": r"1 - \frac{\mu}{4L}"}[self.rule]
        return rf"|w_+|^2 \le \Big({factor}\Big)\,|w|^2"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return {
            "simultaneous": "Facchinei, Pang (2003)",
            "extragradient": "Mokhtari, Ozdaglar, Pattathil (2020)",
        }[self.rule]

    def _matrix(self, instance: Rows) -> np.ndarray:
        a, b, c = columns_of(instance)
        sign = 1 if self.monotone else -1
        return np.stack([a, b, -b, sign * c], axis=-1).reshape(-1, 2, 2)

    def predicted(self, instance: Rows) -> np.ndarray:
        a, _, c = columns_of(instance)
        L = np.linalg.norm(self._matrix(instance), 2, axis=(1, 2))
        return theory.strongly_monotone_factor(np.minimum(a, c), L, rule=self.rule)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, _, c = columns_of(instance)
        M = self._matrix(instance)
        L = np.linalg.norm(M, 2, axis=(1, 2))
        rule: Rule = Simultaneous(SGD(1.0)) if self.rule == "simultaneous" else ExtraGradient(SGD(1.0))
        rate = np.minimum(a, c) / L**2 if self.rule == "simultaneous" else 1 / (4 * L)
        columns = {"rule.step.rate": rate}
        columns |= {f"game.matrix.{i}.{j}": M[:, i, j] for i in (0, 1) for j in (0, 1)}
        return np.linalg.norm(one_step(GAME, rule, columns), 2, axis=(1, 2)) ** 2

    @property
    def neighbour(self) -> StronglyMonotone | None:
        return self.replace(monotone=False) if self.monotone else None

    @classmethod
    def examples(cls) -> tuple[StronglyMonotone, ...]:
        return cls("simultaneous"), cls("extragradient")


@dataclass(frozen=True)
class AveragedExtragradient(Claim):
    """The mean of extragradient's looks has a duality gap of at most |w_0 - w|^2/(2 h T) against every point.

    The neighbour averages simultaneous steps of the same size.

    Example:
        >>> AveragedExtragradient().predicted(((1.0, 0.0, 1.0, 0.0, 1.0, 1.0),)).tolist()
        [[0.03125, 0.003125]]
    """

    turns: Literal["extragradient", "simultaneous"] = "extragradient"

    part: ClassVar[str] = "C20"
    statement: ClassVar[str] = (
        "On a convex-concave game the mean of extragradient's T looks has f(x_T, y) - f(x, y_T) <= |w_0 - w|^2/(2 h T)"
    )
    latex: ClassVar[str] = r"f(\bar x_T, y) - f(x, \bar y_T) \le \frac{|w_0 - (x, y)|^2}{2hT}"
    reference: ClassVar[str] = "Nemirovski (2004)"
    assumptions: ClassVar[str] = (
        "a convex-concave game (here ax^2/2 + sxy - cy^2/2) and a rate h of at most 1/L"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=64,
        share=grid(0.02, 1, 0.02),
        a=grid(0, 1, 0.1),
        sigma=grid(0.25, 2, 0.25),
        c=grid(0, 1, 0.1),
        x=grid(-1, 1.5, 0.1),
        y=grid(-1, 1.5, 0.1),
    )
    start: ClassVar[tuple[float, float]] = (1.0, 0.5)
    counts: ClassVar[tuple[int, int]] = (4, 40)

    def _matrix(self, instance: Rows) -> tuple[np.ndarray, np.ndarray]:
        share, a, sigma, c, *_ = columns_of(instance)
        M = np.stack([a, sigma, -sigma, c], axis=-1).reshape(-1, 2, 2)
        return M, share / np.linalg.norm(M, 2, axis=(1, 2))

    def predicted(self, instance: Rows) -> np.ndarray:
        *_, x, y = columns_of(instance)
        _, rate = self._matrix(instance)
        distance = np.hypot(self.start[0] - x, self.start[1] - y)
        return np.stack([theory.averaged_gap_bound(T, rate, distance=distance) for T in self.counts], axis=-1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        M, rate = self._matrix(instance)
        _, a, sigma, c, x, y = columns_of(instance)
        columns = {"rule.step.rate": rate} | {
            f"game.matrix.{i}.{j}": M[:, i, j] for i in (0, 1) for j in (0, 1)
        }
        plain = Simultaneous(SGD(1.0))
        rule: Rule = ExtraGradient(SGD(1.0)) if self.turns == "extragradient" else plain
        w = orbits(GAME, rule, columns, start=[self.start], steps=max(self.counts))[:, 0]
        looks = orbits(GAME, plain, columns, start=w[:, :-1], steps=1)[:, :, 1]
        shown = looks if self.turns == "extragradient" else w[:, 1:]

        def value(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            return a * u**2 / 2 + sigma * u * v - c * v**2 / 2

        means = [shown[:, :T].mean(axis=1) for T in self.counts]
        return np.stack([value(mean[:, 0], y) - value(x, mean[:, 1]) for mean in means], axis=-1)

    @property
    def neighbour(self) -> AveragedExtragradient | None:
        return self.replace(turns="simultaneous") if self.turns == "extragradient" else None

    @classmethod
    def examples(cls) -> tuple[AveragedExtragradient, ...]:
        return (cls(),)

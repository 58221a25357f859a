"""Rates on monotone fields: strongly monotone, anchored, averaged, last iterates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, one_step, orbits
from gantheory.dynamics import SGD, Anchored, ExtraGradient, Rule, Simultaneous
from gantheory.games import LinearField
from gantheory.random import Key


GAME = LinearField(((1.0, 0.0), (0.0, 1.0)))
TWO_TURNS = LinearField(
    ((0.0, 1.0, 0.0, 0.0), (-1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0))
)
"""A turn of speed 1, which sets the Lipschitz constant, beside any field of norm at most 1."""


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
class LastIterate(Claim):
    """On monotone fields the squared field at the last point falls like 1/k^2 (anchored) or 1/k (extragradient).

    Bounds are those of the papers, for starts at distance 1 of the zero and a field of Lipschitz constant 1. The
    neighbour runs the anchored bound's steps without the anchor, or lets the field push out.

    Example:
        >>> LastIterate("anchored").predicted(((0.0, 0.1, 0.0),)).shape
        (1, 4, 40)
    """

    rule: Literal["anchored", "extragradient"]
    false: bool = False

    assumptions: ClassVar[str] = "a monotone linear field of Lipschitz constant 1; rates 1/8 (anchored), 1/2"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 0.0
    box: ClassVar[Box] = Box(rows=32, a=grid(0, 0.1, 0.005), b=grid(0.005, 0.9, 0.005), c=grid(0, 0.1, 0.005))
    record: ClassVar[int] = 10

    @property
    def part(self) -> str:  # type: ignore[override]
        return {"anchored": "C17", "extragradient": "C19"}[self.rule]

    @property
    def statement(self) -> str:  # type: ignore[override]
        bound = {
            "anchored": "260/(k + 1)^2, for a rate of 1/8",
            "extragradient": "8/(k + 1), for a rate of 1/2",
        }
        return f"On monotone 1-Lipschitz fields the {self.rule} method has |v(w_k)|^2 <= {bound[self.rule]}"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return {
            "anchored": r"|v(w_k)|^2 \le \frac{260\,L^2|w_0 - w^*|^2}{(k + 1)^2}",
            "extragradient": r"|v(w_k)|^2 \le \frac{|w_0 - w^*|^2}{h^2(1 - L^2h^2)(k + 1)}",
        }[self.rule]

    @property
    def reference(self) -> str:  # type: ignore[override]
        return {"anchored": "Yoon, Ryu (2021)", "extragradient": "Gorbunov, Loizou, Gidel (2022)"}[self.rule]

    def predicted(self, instance: Rows) -> np.ndarray:
        steps = range(self.record, 41 * self.record, self.record)
        bounds = [theory.last_iterate_bound(k, rule=self.rule, rate=0.5) for k in steps]
        return np.broadcast_to(bounds, (len(instance), 4, len(bounds)))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, b, c = columns_of(instance)
        if self.rule == "anchored":
            rule: Rule = ExtraGradient(SGD(0.125)) if self.false else Anchored(SGD(0.125))
        else:
            rule, a = ExtraGradient(SGD(0.5)), -a if self.false else a
        entries = {"2.2": a, "2.3": b, "3.2": -b, "3.3": c}
        columns = {f"game.matrix.{place}": entry for place, entry in entries.items()}
        steps = 40 * self.record
        w = orbits(TWO_TURNS, rule, columns, start=np.eye(4), steps=steps, record=self.record)[:, :, 1:]
        a, b, c = (entry[:, None, None] for entry in (a, b, c))
        v = (w[..., 1], -w[..., 0], a * w[..., 2] + b * w[..., 3], c * w[..., 3] - b * w[..., 2])
        return np.sum([part**2 for part in v], axis=0)

    @property
    def neighbour(self) -> LastIterate | None:
        return None if self.false else self.replace(false=True)

    @classmethod
    def examples(cls) -> tuple[LastIterate, ...]:
        return cls("anchored"), cls("extragradient")


@dataclass(frozen=True)
class AveragedExtragradient(Claim):
    """The mean of extragradient's looks has a duality gap of at most |w_0 - w|^2/(2 h T) against every point.

    The neighbour averages simultaneous steps of the same size.

    Example:
        >>> AveragedExtragradient().predicted(((1.0, 1.0, 1.0, 1.0),)).tolist()
        [[0.03125, 0.003125]]
    """

    turns: Literal["extragradient", "simultaneous"] = "extragradient"

    part: ClassVar[str] = "C20"
    statement: ClassVar[str] = (
        "On a bilinear game the mean of extragradient's T looks has f(x_T, y) - f(x, y_T) <= |w_0 - w|^2/(2 h T)"
    )
    latex: ClassVar[str] = r"f(\bar x_T, y) - f(x, \bar y_T) \le \frac{|w_0 - (x, y)|^2}{2hT}"
    reference: ClassVar[str] = "Nemirovski (2004)"
    assumptions: ClassVar[str] = "a convex-concave game (here x s y) and a rate h of at most 1/L"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=64,
        share=grid(0.02, 1, 0.02),
        sigma=grid(0.25, 2, 0.25),
        x=grid(-1, 1.5, 0.1),
        y=grid(-1, 1.5, 0.1),
    )
    start: ClassVar[tuple[float, float]] = (1.0, 0.5)
    counts: ClassVar[tuple[int, int]] = (4, 40)

    def predicted(self, instance: Rows) -> np.ndarray:
        share, sigma, x, y = columns_of(instance)
        squared = (self.start[0] - x) ** 2 + (self.start[1] - y) ** 2
        return np.stack(
            [theory.averaged_gap_bound(T, share / sigma, distance=squared**0.5) for T in self.counts], axis=-1
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        share, sigma, x, y = columns_of(instance)
        columns = {"rule.step.rate": share / sigma, "game.matrix.0.1": sigma, "game.matrix.1.0": -sigma}
        game, steps = LinearField(((0.0, 1.0), (-1.0, 0.0))), max(self.counts)
        plain = Simultaneous(SGD(1.0))
        rule: Rule = ExtraGradient(SGD(1.0)) if self.turns == "extragradient" else plain
        w = orbits(game, rule, columns, start=[self.start], steps=steps)[:, 0]
        looks = orbits(game, plain, columns, start=w[:, :-1], steps=1)[:, :, 1]
        shown = looks if self.turns == "extragradient" else w[:, 1:]
        means = [shown[:, :T].mean(axis=1) for T in self.counts]
        return np.stack([sigma * (mean[:, 0] * y - x * mean[:, 1]) for mean in means], axis=-1)

    @property
    def neighbour(self) -> AveragedExtragradient | None:
        return self.replace(turns="simultaneous") if self.turns == "extragradient" else None

    @classmethod
    def examples(cls) -> tuple[AveragedExtragradient, ...]:
        return (cls(),)

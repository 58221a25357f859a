"""How fast the field vanishes at the last point of extragradient methods, plain and anchored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Anchored, ExtraGradient, FastExtraGradient, Rule
from gantheory.games import LinearField
from gantheory.random import Key


TWO_TURNS = LinearField(
    ((0.0, 1.0, 0.0, 0.0), (-1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0))
)
"""A turn of speed 1, which sets the Lipschitz constant, beside any field of norm at most 1."""


class _Case(NamedTuple):
    part: str
    rule: Rule
    rate: float | None
    bound: str
    latex: str
    reference: str


RULES = {
    "anchored": _Case(
        "C17",
        Anchored(SGD(0.125)),
        None,
        "260/(k + 1)^2, for a rate of 1/8",
        r"\frac{260\,L^2|w_0 - w^*|^2}{(k + 1)^2}",
        "Yoon, Ryu (2021)",
    ),
    "fading anchored": _Case(
        "C17",
        Anchored(SGD(0.618), fading=0.618),
        None,
        "27/((k + 1)(k + 2)), for a rate that fades from 0.618",
        r"\frac{27\,L^2|w_0 - w^*|^2}{(k + 1)(k + 2)}",
        "Yoon, Ryu (2021)",
    ),
    "fast extragradient": _Case(
        "C17",
        FastExtraGradient(SGD(1.0)),
        None,
        "4/k^2, for a rate of 1",
        r"\frac{4\,L^2|w_0 - w^*|^2}{k^2}",
        "Lee, Kim (2021)",
    ),
    "extragradient": _Case(
        "C19",
        ExtraGradient(SGD(0.5)),
        0.5,
        "8/(k + 1), for a rate of 1/2",
        r"\frac{|w_0 - w^*|^2}{h^2(1 - L^2h^2)(k + 1)}",
        "Gorbunov, Loizou, Gidel (2022)",
    ),
}


@dataclass(frozen=True)
class LastIterate(Claim):
    """On monotone fields the squared field at the last point falls like 1/k^2 (anchored rules) or 1/k (extragradient).

    Bounds are those of the papers, for starts at distance 1 of the zero and a field of Lipschitz constant 1. The
    neighbour runs the anchored rules' steps without the anchor, or lets the field push out.

    Example:
        >>> LastIterate("anchored").predicted(((0.0, 0.1, 0.0),)).shape
        (1, 4, 40)
    """

    rule: Literal["anchored", "fading anchored", "fast extragradient", "extragradient"]
    false: bool = False

    assumptions: ClassVar[str] = (
        "a monotone linear field of Lipschitz constant 1; rates of 1/8 (anchored), 0.618 (fading), 1 (fast), 1/2"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-12  # the fast method attains its bound
    box: ClassVar[Box] = Box(rows=32, a=grid(0, 0.1, 0.005), b=grid(0.005, 0.9, 0.005), c=grid(0, 0.1, 0.005))
    record: ClassVar[int] = 10

    @property
    def part(self) -> str:  # type: ignore[override]
        return RULES[self.rule].part

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"On monotone 1-Lipschitz fields the {self.rule} method has |v(w_k)|^2 <= {RULES[self.rule].bound}"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"|v(w_k)|^2 \le {RULES[self.rule].latex}"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule].reference

    def predicted(self, instance: Rows) -> np.ndarray:
        steps = range(self.record, 41 * self.record, self.record)
        bounds = [theory.last_iterate_bound(k, rule=self.rule, rate=RULES[self.rule].rate) for k in steps]
        return np.broadcast_to(bounds, (len(instance), 4, len(bounds)))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, b, c = columns_of(instance)
        rule = RULES[self.rule].rule
        if self.false:
            a = -a if self.rule == "extragradient" else a
            rule = ExtraGradient(rule.step)  # type: ignore[attr-defined]
        entries = {"2.2": a, "2.3": b, "3.2": -b, "3.3": c}
        columns = {f"game.matrix.{place}": entry for place, entry in entries.items()}
        steps = 40 * self.record
        w = orbits(TWO_TURNS, rule, columns, start=np.eye(4), steps=steps, record=self.record)[:, :, 1:]
        a, b, c = (entry[:, None, None] for entry in (a, b, c))
        v = (w[..., 1], -w[..., 0], a * w[..., 2] + b * w[..., 3], c * w[..., 3] - b * w[..., 2])
        return np.sum([part**2 for part in v], axis=0)

    def curve(self) -> Curve:
        """The speed of the slower turn, at the last step."""
        return self.box.curve("b", log="xy", a=0.0, c=0.0)._replace(row=3 * 40 - 1)

    @property
    def neighbour(self) -> LastIterate | None:
        return None if self.false else self.replace(false=True)

    @classmethod
    def examples(cls) -> tuple[LastIterate, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]


@dataclass(frozen=True)
class AnchoredRate(Claim):
    """What the anchored method's bound costs for every constant rate up to 1/(8L), not the largest alone.

    Rows are the rate and the speed of a rotation, at most L = 1; both sides are ``h^2 (k + 1)^2 |v|^2``. The neighbour
    takes no anchor.

    Example:
        >>> AnchoredRate().predicted(((0.125, 1.0),))[0, :1].round(6).tolist()
        [4.055556]
    """

    anchored: bool = True

    part: ClassVar[str] = "C17"
    statement: ClassVar[str] = (
        "On monotone fields the anchored method of rate h <= 1/(8L) has |v(w_k)|^2 <= 4 (1 + hL + h^2 L^2)/(h^2 (1 + "
        "hL)) |w_0 - w*|^2/(k + 1)^2"
    )
    latex: ClassVar[str] = (
        r"|v(w_k)|^2 \le \frac{4\,(1 + hL + h^2L^2)}{h^2(1 + hL)}\,\frac{|w_0 - w^*|^2}{(k + 1)^2}"
    )
    reference: ClassVar[str] = "Yoon, Ryu (2021)"
    assumptions: ClassVar[str] = "a monotone field, here a rotation; a constant rate of at most 1/(8L)"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, rate=grid(0.025, 0.125, 0.005), speed=grid(0.05, 1, 0.05))
    record: ClassVar[int] = 20

    def predicted(self, instance: Rows) -> np.ndarray:
        k = range(self.record, 21 * self.record, self.record)
        rates = np.array([rate for rate, _ in instance])
        bounds = [[(n + 1) ** 2 * theory.last_iterate_bound(n, rate=rate) for n in k] for rate in rates]
        return rates[:, None] ** 2 * np.array(bounds)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, speed = columns_of(instance)
        columns = {"rule.step.rate": rate, "game.matrix.0.1": speed, "game.matrix.1.0": -speed}
        rule: Rule = Anchored(SGD(1.0)) if self.anchored else ExtraGradient(SGD(1.0))
        game, steps = LinearField(((0.0, 1.0), (-1.0, 0.0))), 20 * self.record
        w = orbits(game, rule, columns, start=[[1.0, 0.0]], steps=steps, record=self.record)[:, 0, 1:]
        k = np.arange(self.record, steps + 1, self.record)
        return ((k + 1) * (rate * speed)[:, None]) ** 2 * (w**2).sum(-1)

    def curve(self) -> Curve:
        return self.box.curve("speed", log="y", rate=0.125)

    @property
    def neighbour(self) -> AnchoredRate | None:
        return self.replace(anchored=False) if self.anchored else None

    @classmethod
    def examples(cls) -> tuple[AnchoredRate, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ComonotoneLastIterate(Claim):
    """The fast extragradient method bears fields that push outwards, as far as it is told by how much.

    Rows are a rho in (-1/2, 0] and the size of the modes ``rho |mu|^2 +- ib``; both sides are ``k^2 |v|^2``. The
    neighbour is told 0, as for monotone fields.

    Example:
        >>> ComonotoneLastIterate().predicted(((-0.25, 1.0),))[0, :2].tolist()
        [16.0, 16.0]
    """

    told: bool = True

    part: ClassVar[str] = "C17"
    statement: ClassVar[str] = (
        "On 1-Lipschitz fields with <v, w> >= rho |v|^2, rho > -1/2, the fast extragradient method has |v(w_k)|^2 <= "
        "4/((1 + 2 rho)^2 k^2)"
    )
    latex: ClassVar[str] = r"|v(w_k)|^2 \le \frac{4\,|w_0 - w^*|^2}{(1/L + 2\rho)^2k^2}"
    reference: ClassVar[str] = "Lee, Kim (2021)"
    assumptions: ClassVar[str] = (
        "a linear field of Lipschitz constant 1, comonotone by a known rho above -1/2"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rho=grid(-0.45, 0, 0.05), share=grid(0.5, 1, 0.05))
    record: ClassVar[int] = 10

    def predicted(self, instance: Rows) -> np.ndarray:
        steps = range(self.record, 21 * self.record, self.record)
        bounds = [
            [k**2 * theory.last_iterate_bound(k, rule="fast extragradient", comonotone=rho) for k in steps]
            for rho, *_ in instance
        ]
        return np.array(bounds)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rho, share = columns_of(instance)
        a = rho * share**2  # the border of comonotonicity
        b = np.sqrt(share**2 - a**2)
        columns = {"game.matrix.0.0": a, "game.matrix.0.1": b, "game.matrix.1.0": -b, "game.matrix.1.1": a}
        if self.told:
            columns["rule.comonotone"] = rho
        game, rule = LinearField(((1.0, 0.0), (0.0, 1.0))), FastExtraGradient(SGD(1.0))
        steps = 20 * self.record
        w = orbits(game, rule, columns, start=[[1.0, 0.0]], steps=steps, record=self.record)[:, 0, 1:]
        k = np.arange(self.record, steps + 1, self.record)
        return (k * share[:, None]) ** 2 * (w**2).sum(-1)

    def curve(self) -> Curve:
        return self.box.curve("share", log="xy", rho=-0.25)._replace(row=19)

    @property
    def neighbour(self) -> ComonotoneLastIterate | None:
        return self.replace(told=False) if self.told else None

    @classmethod
    def examples(cls) -> tuple[ComonotoneLastIterate, ...]:
        return (cls(),)

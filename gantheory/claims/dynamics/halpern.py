"""Halpern's iteration of nonexpansive maps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Averaged, Halpern, Rule, Simultaneous
from gantheory.games import LinearField
from gantheory.random import Key


STEPS = 30
RULE = Halpern(Simultaneous(SGD(1.0)))


@dataclass(frozen=True)
class HalpernBound(Claim):
    """Halpern's iteration of a nonexpansive map T has a residual |w_k - T w_k| of at most 2 |w_0 - w*|/(k + 1).

    Maps are turns by an angle, shrunk by a factor, as one simultaneous step of a linear field. The neighbour lets
    them grow.

    Example:
        >>> HalpernBound().predicted(((1.0, 90.0),))[0, :3].tolist()
        [2.0, 1.0, 0.6666666666666666]
    """

    maps: Literal["nonexpansive", "expansive"] = "nonexpansive"

    part: ClassVar[str] = "C18"
    statement: ClassVar[str] = (
        "Halpern's iteration of a nonexpansive map has residuals of at most 2 |w_0 - w*|/(k + 1)"
    )
    latex: ClassVar[str] = r"|w_k - T w_k| \le \frac{2\,|w_0 - w^*|}{k + 1}"
    reference: ClassVar[str] = "Lieder (2021)"
    assumptions: ClassVar[str] = "T nonexpansive with a fixed point w*"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, radius=grid(0.5, 1, 0.02), angle=grid(1, 180, 1))

    def predicted(self, instance: Rows) -> np.ndarray:
        bounds = [math.sqrt(theory.last_iterate_bound(k, rule="halpern")) for k in range(STEPS + 1)]
        return np.broadcast_to(bounds, (len(instance), STEPS + 1))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        radius, angle = columns_of(instance)
        return _residuals(radius if self.maps == "nonexpansive" else 2 - radius, np.deg2rad(angle))

    @property
    def neighbour(self) -> HalpernBound | None:
        return self.replace(maps="expansive") if self.maps == "nonexpansive" else None

    @classmethod
    def examples(cls) -> tuple[HalpernBound, ...]:
        return (cls(),)


@dataclass(frozen=True)
class HalpernTight(Claim):
    """After any number of steps some turn of the plane has the largest residual that Halpern's bound allows.

    The neighbour says so of the mean of the points (``rule="averaged"``).

    Example:
        >>> HalpernTight().predicted(19)
        0.1
    """

    rule: Literal["halpern", "averaged"] = "halpern"

    part: ClassVar[str] = "C18"
    statement: ClassVar[str] = "For every k some turn of the plane attains Halpern's bound after k steps"
    latex: ClassVar[str] = r"\max_\varphi |w_k - R_\varphi w_k| = \frac{2\,|w_0|}{k + 1}"
    reference: ClassVar[str] = "Lieder (2021)"
    assumptions: ClassVar[str] = "turns about the origin; the angle pi/(k + 1) is the worst"
    kind: ClassVar[Kind] = "existence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-3

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(1, STEPS)

    def predicted(self, instance: int) -> float:
        return math.sqrt(theory.last_iterate_bound(instance, rule="halpern"))

    def observed(self, instance: int, key: Key) -> float:
        """Search the angle on a fine grid."""
        angles = np.linspace(0, math.pi, 801)[1:]
        plain = Simultaneous(SGD(1.0))
        rule = Halpern(plain) if self.rule == "halpern" else Averaged(plain)
        return _residuals(np.ones(800), angles, rule=rule)[:, instance].max()

    @property
    def neighbour(self) -> HalpernTight | None:
        return self.replace(rule="averaged") if self.rule == "halpern" else None

    @classmethod
    def examples(cls) -> tuple[HalpernTight, ...]:
        return (cls(),)


def _residuals(radius: np.ndarray, angle: np.ndarray, *, rule: Rule = RULE) -> np.ndarray:
    """Return |w_k - T w_k| ``(rows, steps + 1)`` from (1, 0), for T the turn by an angle times a radius."""
    a, b = 1 - radius * np.cos(angle), radius * np.sin(angle)
    columns = {"game.matrix.0.0": a, "game.matrix.0.1": b, "game.matrix.1.0": -b, "game.matrix.1.1": a}
    game = LinearField(((0.0, 1.0), (-1.0, 0.0)))
    points = orbits(game, rule, columns, start=[[1.0, 0.0]], steps=STEPS)
    return np.hypot(a, b)[:, None] * np.linalg.norm(points[:, 0], axis=-1)

"""Which steps shrink a rotating mode, and how much at best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, ExtraGradient, Optimistic, Rule, Simultaneous
from gantheory.games import LinearField
from gantheory.random import Key


RULES: dict[str, tuple[Rule, int, str, str]] = {
    "simultaneous": (Simultaneous(SGD(1.0)), 1, r"2\cos\varphi", "Mescheder, Nowozin, Geiger (2017)"),
    "extragradient": (
        ExtraGradient(SGD(1.0)),
        1,
        r"\min\{u > 0 : 2c - u(3c^2 - s^2) + 2cu^2 - u^3 = 0\}",
        "Korpelevich (1976)",
    ),
    "optimistic": (
        Optimistic(SGD(1.0)),
        2,
        r"\min\{u > 0 : 2c + u - 4cu^2 - 3u^3 = 0\}",
        "Popov (1980)",
    ),
}


@dataclass(frozen=True)
class AngleLimit(Claim):
    """A mode of angle phi shrinks exactly for ``h |mu|`` below the rule's limit at that angle; 1 is yes, 0 no.

    The neighbour reads the limit at the angle 0, as for gradients that do not turn.

    Example:
        >>> AngleLimit("optimistic").predicted(((0.665, 60.0), (0.64, 60.0))).tolist()
        [0.0, 1.0]
    """

    rule: Literal["simultaneous", "extragradient", "optimistic"]
    angles: Literal["all", "zero"] = "all"

    part: ClassVar[str] = "C24"
    assumptions: ClassVar[str] = "a linear field; eigenvalues mu of an angle phi up to 90 degrees"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(
        rate=grid(0.05, 2.2, 0.013), angle=grid(0, 90, 1)
    )  # no limit at these angles is a rate

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"A mode mu shrinks under '{self.rule}' steps exactly while h |mu| is below the limit of its angle"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"h|\mu| < {RULES[self.rule][2]},\quad \varphi = \arg\mu"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule][3]

    def predicted(self, instance: Rows) -> np.ndarray:
        h, angle = columns_of(instance)
        asked, rows = np.unique(angle if self.angles == "all" else 0 * angle, return_inverse=True)
        turns = [((c, -s), (s, c)) for c, s in zip(np.cos(np.deg2rad(asked)), np.sin(np.deg2rad(asked)))]
        limits = np.array([theory.largest_step(turn, rule=self.rule) for turn in turns])
        return (h < limits[rows]).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        h, angle = columns_of(instance)
        phi = np.deg2rad(angle)
        rule, memory, *_ = RULES[self.rule]
        columns = {"rule.step.rate": h, "game.matrix.0.0": np.cos(phi), "game.matrix.0.1": np.sin(phi)}
        columns |= {"game.matrix.1.0": -np.sin(phi), "game.matrix.1.1": np.cos(phi)}
        game = LinearField(((1.0, 0.0), (0.0, 1.0)))
        factor = long_run_factor(orbits(game, rule, columns, start=np.eye(2), steps=8), memory=memory)
        return (factor < 1).astype(float)

    @property
    def neighbour(self) -> AngleLimit | None:
        return self.replace(angles="zero") if self.angles == "all" else None

    @classmethod
    def examples(cls) -> tuple[AngleLimit, ...]:
        return tuple(cls(rule) for rule in RULES)  # type: ignore[arg-type]


@dataclass(frozen=True)
class BestRotationFactor(Claim):
    """No step of a rule shrinks a pure rotation by more than its best factor, which one step size attains.

    For optimistic steps that is so for modes that are pulled inwards, too. The neighbour allows extragradient
    steps this pull, or asks of optimistic ones the factor of extragradient.

    Example:
        >>> BestRotationFactor("optimistic").predicted(((0.5, 0.0),)).round(6).tolist()
        [0.707107]
    """

    rule: Literal["extragradient", "optimistic"]
    false: bool = False

    assumptions: ClassVar[str] = (
        "a linear field; for extragradient a purely rotating one, as of a bilinear game"
    )
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = ">="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = Box(rate=grid(0.02, 1.2), pull=grid(0, 1, 0.05))

    @property
    def part(self) -> str:  # type: ignore[override]
        return {"extragradient": "C04", "optimistic": "C05"}[self.rule]

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"No constant step of '{self.rule}' shrinks a rotation by more than the best factor"

    @property
    def latex(self) -> str:  # type: ignore[override]
        best = {"extragradient": r"\frac{\sqrt3}{2}", "optimistic": r"\frac{1}{\sqrt2}"}[self.rule]
        return rf"\rho(h) \ge {best}"

    @property
    def reference(self) -> str:  # type: ignore[override]
        return RULES[self.rule][3]

    def predicted(self, instance: Rows) -> np.ndarray:
        return np.full(
            len(instance), theory.best_rotation_factor("extragradient" if self.false else self.rule)
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, pull = columns_of(instance)
        rule, memory, *_ = RULES[self.rule]
        inward = pull if self.false or self.rule == "optimistic" else 0 * pull
        columns = {"rule.step.rate": rate, "game.matrix.0.0": inward, "game.matrix.1.1": inward}
        game = LinearField(((0.0, 1.0), (-1.0, 0.0)))
        return long_run_factor(orbits(game, rule, columns, start=np.eye(2), steps=8), memory=memory)

    def curve(self) -> Curve:
        return self.box.curve("rate", pull=0.0)

    @property
    def neighbour(self) -> BestRotationFactor | None:
        return None if self.false else self.replace(false=True)

    @classmethod
    def examples(cls) -> tuple[BestRotationFactor, ...]:
        return cls("extragradient"), cls("optimistic")

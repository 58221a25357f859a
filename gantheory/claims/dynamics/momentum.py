"""Momentum on bilinear games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import Alternating, Momentum, PerPlayer, Rule, Simultaneous
from gantheory.games import Bilinear
from gantheory.random import Key


Turns = Literal["alternating", "simultaneous"]
BOX = Box(rows=128, u=grid(0.05, 1), b1=grid(-0.9, 0.5, 0.1), b2=grid(-0.9, 0.5, 0.1))


@dataclass(frozen=True)
class AlternatingMomentum(Claim):
    """Alternating momentum steps on a bilinear mode change distances by the largest root of a quartic.

    The neighbour runs simultaneous steps, for which another quartic holds.

    Example:
        >>> AlternatingMomentum().predicted(((0.5, -0.5, 0.0),)).round(3).tolist()
        [0.971]
    """

    turns: Turns = "alternating"

    part: ClassVar[str] = "C10"
    statement: ClassVar[str] = (
        "Alternating steps with momentum b_1 and b_2 on a bilinear mode change distances, in the long run, by the "
        "largest root of (z - 1)^2 (z - b_1)(z - b_2) + u^2 z^3"
    )
    latex: ClassVar[str] = r"\rho = \max\{|z| : (z - 1)^2(z - \beta_1)(z - \beta_2) + u^2z^3 = 0\}"
    reference: ClassVar[str] = "Gidel et al. (2019)"
    assumptions: ClassVar[str] = "u is the common rate times the singular value"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = BOX

    def predicted(self, instance: Rows) -> np.ndarray:
        return np.array(
            [np.abs(theory.alternating_momentum_factors(u, (b1, b2))).max() for u, b1, b2 in instance]
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        return _factor(instance, self.turns)

    def curve(self) -> Curve:
        return self.box.curve("u", b1=-0.5, b2=0.0)

    @property
    def neighbour(self) -> AlternatingMomentum | None:
        return self.replace(turns="simultaneous") if self.turns == "alternating" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingMomentum, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NegativeMomentum(Claim):
    """Alternating steps of which one player has momentum -1/2 shrink a bilinear mode at a stated rate.

    The neighbour has both players keep the momentum 0, which does not converge.

    Example:
        >>> NegativeMomentum().predicted(((0.4,),)).tolist()
        [0.99]
    """

    beta: float = -0.5

    part: ClassVar[str] = "C10"
    statement: ClassVar[str] = (
        "Alternating steps, one player with momentum -1/2, shrink |w|^2 by max(1/2, 1 - u^2/16) a step in the long run"
    )
    latex: ClassVar[str] = r"\rho^2 \le \max\Big(\tfrac12,\ 1 - \tfrac{u^2}{16}\Big)"
    reference: ClassVar[str] = "Gidel et al. (2019)"
    assumptions: ClassVar[str] = "u, the rate times the singular value, of at most 1"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=128, u=grid(0.01, 1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.negative_momentum_bound(columns_of(instance)[0])

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        return _factor(tuple((u, self.beta, 0.0) for (u,) in instance), "alternating") ** 2

    def curve(self) -> Curve:
        return self.box.curve("u")

    @property
    def neighbour(self) -> NegativeMomentum | None:
        return self.replace(beta=0.0) if self.beta else None

    @classmethod
    def examples(cls) -> tuple[NegativeMomentum, ...]:
        return (cls(),)


@dataclass(frozen=True)
class MomentumCriterion(Claim):
    """Slow alternating steps with momenta on a bilinear mode converge exactly where their sum of 1/(1 - b) is below 2.

    Both sides are ``(1 - rho^2)/u^2``. The neighbour asks for a negative mean of the momenta instead, as if both signs
    weighed alike.

    Example:
        >>> MomentumCriterion().predicted(((0.001, -0.5, 0.0),)).round(4).tolist()
        [0.2222]
    """

    weighs: Literal["unlike", "alike"] = "unlike"

    part: ClassVar[str] = "C10"
    statement: ClassVar[str] = (
        "Slow alternating momentum steps have 1 - rho^2 = u^2 (2 - 1/(1 - b_1) - 1/(1 - b_2))/((1 - b_1)(1 - b_2)); "
        "they converge exactly where 1/(1 - b_1) + 1/(1 - b_2) < 2"
    )
    latex: ClassVar[str] = (
        r"\rho^2 = 1 - \frac{u^2}{(1 - \beta_1)(1 - \beta_2)}"
        r"\Big(2 - \frac{1}{1 - \beta_1} - \frac{1}{1 - \beta_2}\Big) + O(u^3)"
    )
    reference: ClassVar[str] = "Gidel et al. (2019); derived"
    assumptions: ClassVar[str] = "u, the rate times the singular value, well below 1"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.01
    box: ClassVar[Box] = Box(
        rows=64, u=grid(0.001, 0.005, 0.001), b1=grid(-0.9, 0.5, 0.1), b2=grid(-0.9, 0.5, 0.1)
    )

    def predicted(self, instance: Rows) -> np.ndarray:
        _, b1, b2 = columns_of(instance)
        if self.weighs == "alike":
            b1 = b2 = (b1 + b2) / 2
        return theory.alternating_momentum_gain(b1, b2)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        return (1 - _factor(instance, "alternating") ** 2) / columns_of(instance)[0] ** 2

    def curve(self) -> Curve:
        return self.box.curve("b1", u=0.001, b2=0.0)

    @property
    def neighbour(self) -> MomentumCriterion | None:
        return self.replace(weighs="alike") if self.weighs == "unlike" else None

    @classmethod
    def examples(cls) -> tuple[MomentumCriterion, ...]:
        return (cls(),)


@dataclass(frozen=True)
class HeavyBallDiverges(Claim):
    """Simultaneous steps with any momentum diverge on a bilinear mode; 1 is convergence, 0 none.

    The neighbour says so of alternating steps.

    Example:
        >>> HeavyBallDiverges().predicted(((0.5, -0.5, -0.5),)).tolist()
        [0.0]
    """

    turns: Turns = "simultaneous"

    part: ClassVar[str] = "C09"
    statement: ClassVar[str] = (
        "Simultaneous steps with momentum, positive or negative, diverge on every bilinear mode"
    )
    latex: ClassVar[str] = r"\rho > 1\quad\text{for all}\ u > 0,\ \beta \in (-1, 1)"
    reference: ClassVar[str] = "Gidel et al. (2019)"
    assumptions: ClassVar[str] = "both players with the same rate and momentum"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = BOX

    def predicted(self, instance: Rows) -> np.ndarray:
        factors = [np.abs(theory.mode_factors(1j, u, rule="momentum", beta=b)).max() for u, b, _ in instance]
        return (np.array(factors) < 1).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        return (_factor(tuple((u, b, b) for u, b, _ in instance), self.turns) < 1).astype(float)

    @property
    def neighbour(self) -> HeavyBallDiverges | None:
        return self.replace(turns="alternating") if self.turns == "simultaneous" else None

    @classmethod
    def examples(cls) -> tuple[HeavyBallDiverges, ...]:
        return (cls(),)


def _factor(instance: Rows, turns: str) -> np.ndarray:
    u, b1, b2 = columns_of(instance)
    steps = PerPlayer((Momentum(1.0, beta=0.0), Momentum(1.0, beta=0.0)))
    rule: Rule = Alternating(steps) if turns == "alternating" else Simultaneous(steps)
    columns = {"game.matrix.0.0": u, "rule.step.steps.0.beta": b1, "rule.step.steps.1.beta": b2}
    return long_run_factor(orbits(Bilinear(), rule, columns, start=np.eye(2), steps=8), memory=2)

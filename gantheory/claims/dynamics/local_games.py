"""Rules that see more than the gradient, away from linear games: competitive, unrolled, across the curl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Competitive, Consensus, CrossingTheCurl, OpponentLookAhead, Rule, Unrolled
from gantheory.games import LQGAN, DiracGAN, Minimax, Saddle
from gantheory.random import Key


@dataclass(frozen=True)
class CompetitiveStep(Claim):
    """A competitive step on Dirac-GAN is the Nash equilibrium of the game made bilinear where the players stand.

    The neighbour looks ahead to the opponent's plain step instead, which drops the inverse.

    Example:
        >>> CompetitiveStep().predicted(((0.0, 1.0, 2.0),)).tolist()
        [[0.5, -0.5]]
    """

    rule: Literal["competitive", "opponent look-ahead"] = "competitive"

    part: ClassVar[str] = "C13"
    statement: ClassVar[str] = (
        "A competitive step on Dirac-GAN is the Nash equilibrium of the game that is bilinear in both players' moves "
        "and makes each pay |move|^2/(2h)"
    )
    latex: ClassVar[str] = (
        r"\begin{pmatrix} d_x \\ d_y \end{pmatrix} = -h\begin{pmatrix} I & hD_{xy} \\ -hD_{yx} & I \end{pmatrix}^{-1}"
        r"\begin{pmatrix} \nabla_x f \\ -\nabla_y f \end{pmatrix}"
    )
    reference: ClassVar[str] = "Schaefer, Anandkumar (2019)"
    assumptions: ClassVar[str] = "the minimax objective, no penalty"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-8
    box: ClassVar[Box] = Box(rows=64, theta=grid(-2, 2, 0.1), psi=grid(-2, 2, 0.1), rate=grid(0.1, 4, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.competitive_dirac_step(*columns_of(instance))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        theta, psi, rate = columns_of(instance)
        columns, rule = {"rule.step.rate": rate}, Competitive(SGD(1.0))
        if self.rule != "competitive":
            columns, rule = columns | {"rule.ahead": rate}, OpponentLookAhead(SGD(1.0), ahead=1.0)
        start = np.stack([theta, psi], axis=-1)[:, None]
        z = orbits(DiracGAN(Minimax()), rule, columns, start=start, steps=1)[:, 0]
        return z[:, 1] - z[:, 0]

    def curve(self) -> Curve:
        return self.box.curve("rate", theta=0.5, psi=1.0)

    @property
    def neighbour(self) -> CompetitiveStep | None:
        return self.replace(rule="opponent look-ahead") if self.rule == "competitive" else None

    @classmethod
    def examples(cls) -> tuple[CompetitiveStep, ...]:
        return (cls(),)


@dataclass(frozen=True)
class UnrolledSlope(Claim):
    """Unrolling k looks of a zero-sum game's follower brings the leader as near to its best answer as 2k looks would.

    The neighbour does not differentiate through the looks, which makes the power k.

    Example:
        >>> UnrolledSlope(looks=1).predicted(((1.0, 2.0, 1.0, 0.5),)).tolist()
        [3.0]
    """

    looks: int
    through: bool = True

    part: ClassVar[str] = "C14"
    latex: ClassVar[str] = (
        r"\frac{d}{dx}f(x, y_k(x)) = \frac{a^2x}{c}\big(1 - (1 - \eta c)^{2k}\big),\quad f = axy - \tfrac{c}{2}y^2"
    )
    reference: ClassVar[str] = "Metz et al. (2017); derived"
    assumptions: ClassVar[str] = "a zero-sum game, y standing at 0"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=64, x=grid(-2, 2, 0.1), a=grid(-2, 2, 0.1), c=grid(0.1, 2, 0.1), ahead=grid(0.05, 0.5, 0.05)
    )

    @property
    def statement(self) -> str:  # type: ignore[override]
        power = 2 * self.looks
        return (
            f"Unrolled through {self.looks} looks from y = 0, x's slope on axy - cy^2/2 is (a^2 x/c)(1 - (1 - eta "
            f"c)^{power})"
        )

    def predicted(self, instance: Rows) -> np.ndarray:
        x, a, c, ahead = columns_of(instance)
        return theory.unrolled_slope(x, a, c, looks=self.looks, ahead=ahead, through=self.through)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        x, a, c, ahead = columns_of(instance)
        rule = Unrolled(SGD(1.0), looks=self.looks, ahead=0.1)
        columns = {"rule.ahead": ahead, "game.coupling.0.0": a, "game.concave.0.0": c}
        start = np.stack([x, 0 * x], axis=-1)[:, None]
        z = orbits(Saddle(((0.0,),), ((1.0,),), ((1.0,),)), rule, columns, start=start, steps=1)[:, 0]
        return z[:, 0, 0] - z[:, 1, 0]

    def curve(self) -> Curve:
        return self.box.curve("ahead", x=1.0, a=1.0, c=1.0)

    @property
    def neighbour(self) -> UnrolledSlope | None:
        return self.replace(through=False) if self.through else None

    @classmethod
    def examples(cls) -> tuple[UnrolledSlope, ...]:
        return cls(looks=1), cls(looks=3)


@dataclass(frozen=True)
class CurlField(Claim):
    """Crossing the curl of the linear-quadratic GAN's variance part descends in both of its parameters.

    The neighbour takes consensus, which keeps the field beside its pull.

    Example:
        >>> CurlField().predicted(((2.0, 0.5, 1.0),)).tolist()
        [[24.0, 16.0]]
    """

    rule: Literal["crossing", "consensus"] = "crossing"

    part: ClassVar[str] = "C16"
    statement: ClassVar[str] = "Crossing the curl of V = w (s^2 - a^2) goes along (4a(a^2 - s^2), 8a^2 w)"
    latex: ClassVar[str] = r"(J^\top - J)v = \begin{pmatrix} 4a(a^2 - \sigma^2) \\ 8a^2w \end{pmatrix}"
    reference: ClassVar[str] = "Gemp, Mahadevan (2018)"
    assumptions: ClassVar[str] = "data of mean 0, generator without shift"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, a=grid(-2, 2, 0.1), w=grid(-2, 2, 0.1), deviation=grid(0.5, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        a, w, deviation = columns_of(instance)
        return theory.curl_crossing(a, w, target=deviation)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, w, deviation = columns_of(instance)
        rule: Rule = CrossingTheCurl(SGD(1.0)) if self.rule == "crossing" else Consensus(SGD(1.0))
        start = np.stack([a, 0 * a, w, 0 * a], axis=-1)[:, None]
        z = orbits(LQGAN(), rule, {"game.deviation": deviation}, start=start, steps=1)[:, 0]
        return (z[:, 0] - z[:, 1])[:, [0, 2]]

    @property
    def neighbour(self) -> CurlField | None:
        return self.replace(rule="consensus") if self.rule == "crossing" else None

    @classmethod
    def examples(cls) -> tuple[CurlField, ...]:
        return (cls(),)

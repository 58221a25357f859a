"""Stale gradients and averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Averaged, Delayed, Simultaneous
from gantheory.games import Bilinear, LinearField
from gantheory.random import Key


@dataclass(frozen=True)
class DelayLimit(Claim):
    """Descent with gradients s steps old converges exactly for rates below 2 sin(pi/(2(2s + 1))); 1 is yes, 0 no.

    The neighbour forgets the delay.

    Example:
        >>> DelayLimit(staleness=1).predicted(((0.95,), (1.05,))).tolist()
        [1.0, 0.0]
    """

    staleness: int
    known: bool = True

    part: ClassVar[str] = "H06"
    latex: ClassVar[str] = r"x_{t+1} = x_t - a\,x_{t-s} \to 0 \iff 0 < a < 2\sin\frac{\pi}{2(2s + 1)}"
    reference: ClassVar[str] = "Levin, May (1976)"
    assumptions: ClassVar[str] = "a quadratic loss of curvature 1; rates off the limit"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(rows=64, rate=grid(0.05, 2, 0.0117))

    @property
    def statement(self) -> str:  # type: ignore[override]
        s = self.staleness
        return f"Descent with gradients {s} steps old converges exactly for rates below 2 sin(pi/{2 * (2 * s + 1)})"

    def predicted(self, instance: Rows) -> np.ndarray:
        return (columns_of(instance)[0] < theory.delay_limit(self.staleness if self.known else 0)).astype(
            float
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rule = Delayed(Simultaneous(SGD(1.0)), staleness=self.staleness)
        columns = {"rule.rule.step.rate": columns_of(instance)[0]}
        steps = 3 * self.staleness + 4
        points = orbits(LinearField(((1.0,),)), rule, columns, start=[[1.0]], steps=steps)
        return (long_run_factor(points, memory=self.staleness + 1) < 1).astype(float)

    @property
    def neighbour(self) -> DelayLimit | None:
        return self.replace(known=False) if self.known else None

    @classmethod
    def examples(cls) -> tuple[DelayLimit, ...]:
        return cls(1), cls(2), cls(4)


@dataclass(frozen=True)
class DelayedGrowth(Claim):
    """Gradients s steps old make simultaneous steps on a rotation leave 2s + 1 times as fast.

    Both sides are ``(rho - 1)/u^2``. The neighbour forgets the delay.

    Example:
        >>> DelayedGrowth(staleness=2).predicted(((0.001,),)).tolist()
        [2.5]
    """

    staleness: int
    known: bool = True

    part: ClassVar[str] = "H07"
    latex: ClassVar[str] = r"\rho = 1 + \big(s + \tfrac12\big)u^2 + O(u^3)"
    reference: ClassVar[str] = "Levin, May (1976), for delays; derived"
    assumptions: ClassVar[str] = "u, the rate times the speed of rotation, well below 1"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.01
    box: ClassVar[Box] = Box(rows=32, u=grid(0.001, 0.004, 0.0001))

    @property
    def statement(self) -> str:  # type: ignore[override]
        s = self.staleness
        return f"Gradients {s} steps old make simultaneous steps leave a rotation {2 * s + 1} times as fast"

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.delayed_growth(self.staleness if self.known else 0, columns_of(instance)[0])

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        (u,) = columns_of(instance)
        rule = Delayed(Simultaneous(SGD(1.0)), staleness=self.staleness)
        columns = {"game.matrix.0.0": u}
        steps = 3 * self.staleness + 4
        points = orbits(Bilinear(), rule, columns, start=np.eye(2), steps=steps)
        return (long_run_factor(points, memory=self.staleness + 1) - 1) / u**2

    @property
    def neighbour(self) -> DelayedGrowth | None:
        return self.replace(known=False) if self.known else None

    @classmethod
    def examples(cls) -> tuple[DelayedGrowth, ...]:
        return cls(1), cls(3)


@dataclass(frozen=True)
class AverageGain(Claim):
    """An exponential average shrinks an orbit that turns by an angle a step to a stated share of its radius.

    The neighbour says that it removes the orbit (``gain="none"``).

    Example:
        >>> AverageGain().predicted(((180.0,),)).round(6).tolist()
        [[0.333333, 0.052632]]
    """

    gain: Literal["some", "none"] = "some"

    part: ClassVar[str] = "H10"
    statement: ClassVar[str] = (
        "An exponential average with decay b shrinks a turn by phi a step to (1 - b)/|1 - b e^(i phi)|"
    )
    latex: ClassVar[str] = r"\frac{|\bar w|}{|w|} = \frac{1 - b}{|1 - b\,e^{i\varphi}|}"
    reference: ClassVar[str] = "Yazici et al. (2019); derived"
    assumptions: ClassVar[str] = "an orbit that turns on a circle, after the average has forgotten its start"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, turn=grid(1, 180, 1))
    decays: ClassVar[tuple[float, ...]] = (0.5, 0.9)
    steps: ClassVar[int] = 250

    def predicted(self, instance: Rows) -> np.ndarray:
        (turn,) = columns_of(instance)
        gains = np.stack([theory.averaging_gain(decay, np.deg2rad(turn)) for decay in self.decays], axis=-1)
        return gains if self.gain == "some" else 0 * gains

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Turn by steps of the field I - R of a rotation R, at the rate 1."""
        angle = np.deg2rad(columns_of(instance)[0])
        a, b = 1 - np.cos(angle), np.sin(angle)
        columns = {"game.matrix.0.0": a, "game.matrix.0.1": b, "game.matrix.1.0": -b, "game.matrix.1.1": a}
        game, plain = LinearField(((0.0, 1.0), (-1.0, 0.0))), Simultaneous(SGD(1.0))
        ends = [
            orbits(
                game,
                Averaged(plain, decay=decay),
                columns,
                start=[[1.0, 0.0]],
                steps=self.steps,
                record=self.steps,
            )
            for decay in self.decays
        ]
        return np.stack([np.linalg.norm(end[:, 0, -1], axis=-1) for end in ends], axis=-1)

    def curve(self) -> Curve:
        return self.box.curve("turn")

    @property
    def neighbour(self) -> AverageGain | None:
        return self.replace(gain="none") if self.gain == "some" else None

    @classmethod
    def examples(cls) -> tuple[AverageGain, ...]:
        return (cls(),)

"""Bilinear modes: the circle of their flow, the border of alternating steps, and two published constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Alternating, ExtraGradient, Optimistic, ProximalPoint, Simultaneous
from gantheory.games import Bilinear, LinearField
from gantheory.random import Key


@dataclass(frozen=True)
class BilinearCircle(Claim):
    """The flow of ``sigma x y`` runs round a circle, at the speed sigma.

    The neighbour runs simultaneous steps of 0.1, which spiral out.

    Example:
        >>> BilinearCircle().predicted(((1.0, 1.0, 0.0),))[0, 0].tolist()
        [1.0, 0.0]
    """

    steps: Literal["fine", "coarse"] = "fine"

    part: ClassVar[str] = "C01"
    statement: ClassVar[str] = (
        "The flow of x y is the circle x = x_0 cos t - y_0 sin t, y = x_0 sin t + y_0 cos t"
    )
    latex: ClassVar[str] = (
        r"x(t) = x_0\cos\sigma t - y_0\sin\sigma t,\quad y(t) = x_0\sin\sigma t + y_0\cos\sigma t"
    )
    reference: ClassVar[str] = "Goodfellow (2016)"
    assumptions: ClassVar[str] = "continuous time"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-2  # of steps that follow the flow over the time 5
    box: ClassVar[Box] = Box(rows=32, sigma=grid(0.1, 1, 0.1), x=grid(-2, 2, 0.1), y=grid(-2, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        sigma, x, y = columns_of(instance)
        start, times = np.stack([x, y], axis=-1)[:, None], np.linspace(0, 5, 6)
        return theory.bilinear_circle(start, sigma[:, None] * times)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        sigma, x, y = columns_of(instance)
        rule = ExtraGradient(SGD(2e-3)) if self.steps == "fine" else Simultaneous(SGD(0.1))
        each = 500 if self.steps == "fine" else 10
        start = np.stack([x, y], axis=-1)[:, None]
        columns = {"game.matrix.0.0": sigma}
        return orbits(Bilinear(), rule, columns, start=start, steps=5 * each, record=each)[:, 0]

    @property
    def neighbour(self) -> BilinearCircle | None:
        return self.replace(steps="coarse") if self.steps == "fine" else None

    @classmethod
    def examples(cls) -> tuple[BilinearCircle, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AlternatingBorder(Claim):
    """Where the rate times the singular value is 2, alternating steps leave along a line, at constant speed.

    The neighbour stays a twentieth below that border, where orbits are bounded.

    Example:
        >>> AlternatingBorder().predicted(((0.5, 1.0, 0.0),))[0, 2].tolist()
        [5.0, -4.0]
    """

    share: float = 1.0

    part: ClassVar[str] = "C02"
    statement: ClassVar[str] = (
        "Alternating steps on a bilinear mode with a rate of 2 over the singular value have a Jordan block at -1: they "
        "leave at constant speed"
    )
    latex: ClassVar[str] = r"h\sigma = 2:\quad w_t = (-1)^t\big(I - t(M + I)\big)w_0,\quad (M + I)^2 = 0"
    reference: ClassVar[str] = "Bailey, Gidel, Piliouras (2020); derived"
    assumptions: ClassVar[str] = "one step a player and turn, y first"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, sigma=grid(0.1, 2, 0.1), x=grid(-2, 2, 0.1), y=grid(-2, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        _, x, y = columns_of(instance)
        return theory.alternating_border_orbit(np.stack([x, y], axis=-1)[:, None], np.arange(21))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        sigma, x, y = columns_of(instance)
        columns = {"game.matrix.0.0": sigma, "rule.step.rate": 2 * self.share / sigma}
        start = np.stack([x, y], axis=-1)[:, None]
        return orbits(Bilinear(), Alternating(SGD(1.0)), columns, start=start, steps=20)[:, 0]

    @property
    def neighbour(self) -> AlternatingBorder | None:
        return self.replace(share=0.95) if self.share == 1 else None

    @classmethod
    def examples(cls) -> tuple[AlternatingBorder, ...]:
        return (cls(),)


@dataclass(frozen=True)
class OptimisticGain(Claim):
    """Optimistic steps of 1/(40 s_max) take 1/(1600 kappa) of |w|^2 away, each, in the long run.

    Rows are s_max and s_max/s_min; both sides are times 1600 kappa. The neighbour says 1/(800 kappa), as is printed.

    Example:
        >>> OptimisticGain().predicted(((1.0, 2.0),)).tolist()
        [1.0]
    """

    constant: float = 1600.0

    part: ClassVar[str] = "C05"
    statement: ClassVar[str] = (
        "Optimistic steps of 1/(40 s_max) on a bilinear game shrink |w|^2 by 1 - 1/(1600 kappa) in the long run, "
        "kappa = (s_max/s_min)^2"
    )
    latex: ClassVar[str] = (
        r"1 - \rho^2 = \frac{1 + o(1)}{1600\,\kappa},\quad \kappa = \frac{\sigma_{\max}^2}{\sigma_{\min}^2}"
    )
    reference: ClassVar[str] = "Daskalakis et al. (2018), for the rule; derived"
    assumptions: ClassVar[str] = "a square bilinear game, a rate of 1/(40 s_max)"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 2e-3
    box: ClassVar[Box] = Box(rows=32, largest=grid(0.2, 2, 0.1), ratio=grid(1, 4, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        _, ratio = columns_of(instance)
        return 1600 / self.constant * 1600 * ratio**2 * theory.optimistic_gain(ratio**2)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        largest, ratio = columns_of(instance)
        game = Bilinear(((1.0, 0.0), (0.0, 1.0)))
        columns = {
            "game.matrix.0.0": largest,
            "game.matrix.1.1": largest / ratio,
            "rule.step.rate": 1 / (40 * largest),
        }
        points = orbits(game, Optimistic(SGD(1.0)), columns, start=np.eye(4), steps=8)
        return 1600 * ratio**2 * (1 - long_run_factor(points, memory=2) ** 2)

    @property
    def neighbour(self) -> OptimisticGain | None:
        return self.replace(constant=800.0) if self.constant > 800 else None

    @classmethod
    def examples(cls) -> tuple[OptimisticGain, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ProximalRotation(Claim):
    """A proximal step divides |w|^2 on a rotation by 1 + u^2, however long it is.

    The neighbour pulls the field inwards, too.

    Example:
        >>> ProximalRotation().predicted(((3.0, 1.0),)).round(12).tolist()
        [0.1]
    """

    pull: float = 0.0

    part: ClassVar[str] = "C06"
    statement: ClassVar[str] = "A proximal step on a bilinear mode divides |w|^2 by 1 + u^2, for every rate"
    latex: ClassVar[str] = r"\frac{|w_+|^2}{|w|^2} = \frac{1}{1 + u^2},\quad u = h\sigma"
    reference: ClassVar[str] = "Rockafellar (1976)"
    assumptions: ClassVar[str] = "a bilinear mode of singular value sigma"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, rate=grid(0.1, 10, 0.1), sigma=grid(0.1, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        factors = [
            theory.mode_factors(1j * sigma, rate, rule="proximal point")[0] for rate, sigma in instance
        ]
        return np.abs(factors) ** 2

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, sigma = columns_of(instance)
        game = LinearField(((self.pull, 1.0), (-1.0, self.pull)))
        columns = {"rule.step.rate": rate, "game.matrix.0.1": sigma, "game.matrix.1.0": -sigma}
        w = orbits(game, ProximalPoint(SGD(1.0)), columns, start=[[1.0, 0.0]], steps=1)[:, 0]
        return (w[:, 1] ** 2).sum(-1)

    def curve(self) -> Curve:
        return self.box.curve("rate", log="xy", sigma=1.0)

    @property
    def neighbour(self) -> ProximalRotation | None:
        return None if self.pull else self.replace(pull=0.5)

    @classmethod
    def examples(cls) -> tuple[ProximalRotation, ...]:
        return (cls(),)

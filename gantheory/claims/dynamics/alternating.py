"""Alternating steps on bilinear games: what they conserve, how far they go, where they are on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Alternating, Averaged, PerPlayer, Rule, Simultaneous
from gantheory.games import Bilinear
from gantheory.random import Key


STEPS = 20
TURNS = ("x", "y")
HALF = 0.5**0.5
AXES_AND_DIAGONALS = ((1.0, 0.0), (0.0, 1.0), (HALF, HALF), (HALF, -HALF))


@dataclass(frozen=True)
class AlternatingEnergy(Claim):
    """Alternating steps on ``x' A y``, x first, conserve ``|x|^2/e_1 + |y|^2/e_2 - x' A y``.

    The neighbour lets y move first, for which the last term has the other sign.

    Example:
        >>> AlternatingEnergy().predicted(((0.5, 0.25, 1.0, 0.0, 0.0, 1.0),))[0, :2].tolist()
        [19.0, 19.0]
    """

    first: Literal["x", "y"] = "x"

    part: ClassVar[str] = "C02"
    statement: ClassVar[str] = (
        "Alternating gradient steps on x'Ay, x first, conserve an energy, whatever the two step sizes"
    )
    latex: ClassVar[str] = r"\frac{|x_t|^2}{e_1} + \frac{|y_t|^2}{e_2} - x_t^\top A\,y_t = \mathrm{const}"
    reference: ClassVar[str] = "Bailey, Gidel, Piliouras (2020)"
    assumptions: ClassVar[str] = "constant step sizes; the players move in turn, x first"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=128, e1=grid(0.05, 0.9, 0.05), e2=grid(0.05, 0.9, 0.05), **{n: grid(-1, 1, 0.1) for n in "abcd"}
    )
    start: ClassVar[tuple[float, ...]] = (1.0, 0.5, -0.5, 2.0)

    def predicted(self, instance: Rows) -> np.ndarray:
        e1, e2, *entries = columns_of(instance)
        A = np.stack(entries, axis=-1).reshape(-1, 2, 2)
        x, y = (np.array([part]) for part in (self.start[:2], self.start[2:]))
        return np.repeat(theory.alternating_energy(x, y, A, rates=(e1, e2))[:, None], STEPS + 1, axis=1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        e1, e2, *entries = columns_of(instance)
        columns = {"rule.step.steps.0.rate": e1, "rule.step.steps.1.rate": e2}
        columns |= {f"game.matrix.{i // 2}.{i % 2}": entry for i, entry in enumerate(entries)}
        order = TURNS if self.first == "x" else TURNS[::-1]
        rule = Alternating(PerPlayer((SGD(1.0), SGD(1.0))), order=order)
        z = orbits(Bilinear(((1.0, 0.0), (0.0, 1.0))), rule, columns, start=[self.start], steps=STEPS)[:, 0]
        (x1, x2, y1, y2), (a, b, c, d) = np.moveaxis(z, -1, 0), (entry[:, None] for entry in entries)
        value = x1 * (a * y1 + b * y2) + x2 * (c * y1 + d * y2)
        return (x1**2 + x2**2) / e1[:, None] + (y1**2 + y2**2) / e2[:, None] - value

    @property
    def neighbour(self) -> AlternatingEnergy | None:
        return self.replace(first="y") if self.first == "x" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingEnergy, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AlternatingFactor(Claim):
    """Alternating steps on a bilinear mode neither shrink nor grow for u <= 2, and grow beyond.

    The neighbour counts both steps as taken at once (``as_if="simultaneous"``).

    Example:
        >>> AlternatingFactor().predicted(((0.5, 1.0), (1.5, 2.0))).round(6).tolist()
        [1.0, 6.854102]
    """

    as_if: Literal["alternating", "simultaneous"] = "alternating"

    part: ClassVar[str] = "C02"
    statement: ClassVar[str] = (
        "The factors of alternating steps on a bilinear mode lie on the unit circle while the rate times the "
        "singular value is at most 2, and one leaves it beyond"
    )
    latex: ClassVar[str] = (
        r"z = 1 - \tfrac{u^2}{2} \pm \sqrt{\big(1 - \tfrac{u^2}{2}\big)^2 - 1},\quad u = h\sigma"
    )
    reference: ClassVar[str] = "Bailey, Gidel, Piliouras (2020); Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "one step a player and turn"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = Box(rate=grid(0.03, 1.5, 0.03), sigma=grid(0.1, 2, 0.05))

    def predicted(self, instance: Rows) -> np.ndarray:
        if self.as_if == "simultaneous":
            return np.array([np.sqrt(theory.bilinear_growth([[sigma]], rate)[0]) for rate, sigma in instance])
        return np.array(
            [np.abs(theory.alternating_eigenvalues(rate, slope=sigma)).max() for rate, sigma in instance]
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        return long_run_factor(_turning(Alternating(SGD(1.0)), instance, steps=3))

    def curve(self) -> Curve:
        return self.box.curve("rate", sigma=2.0)

    @property
    def neighbour(self) -> AlternatingFactor | None:
        return self.replace(as_if="simultaneous") if self.as_if == "alternating" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingFactor, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AlternatingAverage(Claim):
    """The mean of the points of alternating steps on a bilinear mode goes to the equilibrium like 1/T.

    The neighbour averages simultaneous steps, which spiral out.

    Example:
        >>> AlternatingAverage().predicted(((1.0, 1.0),)).shape
        (1, 40, 4)
    """

    turns: Literal["alternating", "simultaneous"] = "alternating"

    part: ClassVar[str] = "C03"
    statement: ClassVar[str] = (
        "The mean of the points of alternating steps on a bilinear mode is at most a constant over the number of "
        "steps away from the equilibrium"
    )
    latex: ClassVar[str] = (
        r"\Big|\frac1T\sum_{t=1}^T w_t\Big| \le \frac{2\kappa}{u\,T}\,|w_0|,"
        r"\quad \kappa^2 = \frac{2 + u}{2 - u}"
    )
    reference: ClassVar[str] = "Bailey, Gidel, Piliouras (2020)"
    assumptions: ClassVar[str] = "rate times singular value below 2"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    box: ClassVar[Box] = Box(rows=128, rate=grid(0.1, 1), sigma=grid(0.1, 1.9, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, sigma = columns_of(instance)
        steps = np.arange(5, 205, 5)
        return np.repeat(theory.average_bound((rate * sigma)[:, None], steps)[..., None], 4, axis=-1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rule = Alternating(SGD(1.0)) if self.turns == "alternating" else Simultaneous(SGD(1.0))
        points = _turning(
            Averaged(rule),
            instance,
            steps=200,
            path="rule.rule.step.rate",
            record=5,
            start=AXES_AND_DIAGONALS,
        )
        return np.linalg.norm(points[:, :, 1:], axis=-1).swapaxes(1, 2)

    @property
    def neighbour(self) -> AlternatingAverage | None:
        return self.replace(turns="simultaneous") if self.turns == "alternating" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingAverage, ...]:
        return (cls(),)


def _turning(
    rule: Rule,
    instance: Rows,
    *,
    steps: int,
    path: str = "rule.step.rate",
    record: int = 1,
    start: Sequence[Sequence[float]] = ((1.0, 0.0), (0.0, 1.0)),
) -> np.ndarray:
    rate, sigma = columns_of(instance)
    columns = {path: rate, "game.matrix.0.0": sigma}
    return orbits(Bilinear(), rule, columns, start=start, steps=steps, record=record)

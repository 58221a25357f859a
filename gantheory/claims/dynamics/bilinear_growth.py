"""How fast simultaneous steps leave a bilinear equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Simultaneous
from gantheory.games import Bilinear
from gantheory.random import Key


STEPS = 5
START = ((1.0, 0.0, 0.0, 0.0), (0.5, -1.0, 0.25, 2.0))
GAME = Bilinear(((1.0, 0.0), (0.0, 1.0)))


@dataclass(frozen=True)
class BilinearGrowth(Claim):
    """Simultaneous steps on ``x' A y`` with A a multiple of a rotation multiply |w|^2 by 1 + h^2 s^2, every step.

    The neighbour takes any A, of two singular values (``matrix="any"``), for which one factor cannot serve.

    Example:
        >>> BilinearGrowth().predicted(((0.5, 1.0, 0.0, 0.0),))[0, 0, :3].tolist()
        [1.0, 1.25, 1.5625]
    """

    matrix: Literal["rotation", "any"] = "rotation"

    part: ClassVar[str] = "C01"
    statement: ClassVar[str] = (
        "Simultaneous steps on x'Ay, with A a multiple of an orthogonal matrix, multiply |w|^2 by 1 + h^2 s^2 each"
    )
    latex: ClassVar[str] = r"|w_t|^2 = (1 + h^2\sigma^2)^t\,|w_0|^2"
    reference: ClassVar[str] = "Gidel et al. (2019)"
    assumptions: ClassVar[str] = "all singular values of A equal"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=128, rate=grid(0.02, 1, 0.02), a=grid(0.1, 2, 0.05), b=grid(-2, 2, 0.05), stretch=grid(0, 1, 0.1)
    )

    def _entries(self, instance: Rows) -> tuple[np.ndarray, np.ndarray]:
        rate, a, b, stretch = columns_of(instance)
        last = a + (stretch if self.matrix == "any" else 0.0)
        return rate, np.stack([a, b, -b, last], axis=-1).reshape(-1, 2, 2)

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, A = self._entries(instance)
        _, most = theory.bilinear_growth(A, rate)
        return most[:, None, None] ** np.arange(STEPS + 1) * np.ones((1, len(START), 1))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        points = _run(*self._entries(instance))
        size = (points**2).sum(-1)
        return size / size[:, :, :1]

    def curve(self) -> Curve:
        return self.box.curve("rate")

    @property
    def neighbour(self) -> BilinearGrowth | None:
        return self.replace(matrix="any") if self.matrix == "rotation" else None

    @classmethod
    def examples(cls) -> tuple[BilinearGrowth, ...]:
        return (cls(),)


@dataclass(frozen=True)
class BilinearGrowthBound(Claim):
    """One simultaneous step on ``x' A y`` multiplies |w|^2 by 1 + h^2 s^2, s between A's singular values.

    The neighbour names the wrong end: the largest as the lower bound, or the smallest as the upper one.

    Example:
        >>> BilinearGrowthBound("lower").predicted(((0.5, 1.0, 0.0, 0.0, 2.0),)).tolist()
        [[1.25, 1.25]]
    """

    side: Literal["lower", "upper"]
    end: Literal["right", "wrong"] = "right"

    part: ClassVar[str] = "C01"
    reference: ClassVar[str] = "Gidel et al. (2019)"
    assumptions: ClassVar[str] = "A is square; one step size for both players"
    kind: ClassVar[Kind] = "inequality"
    tolerance: ClassVar[float] = 1e-12
    box: ClassVar[Box] = Box(rows=128, rate=grid(0.02, 1, 0.02), **{n: grid(-2, 2, 0.1) for n in "abcd"})

    @property
    def relation(self) -> Literal["=", "<=", ">="]:  # type: ignore[override]
        return ">=" if self.side == "lower" else "<="

    @property
    def statement(self) -> str:  # type: ignore[override]
        which, word = ("smallest", "at least") if self.side == "lower" else ("largest", "at most")
        return f"A simultaneous step on x'Ay multiplies |w|^2 by {word} 1 + h^2 s^2, s the {which} singular value"

    @property
    def latex(self) -> str:  # type: ignore[override]
        sign, end = (r"\ge", r"\min") if self.side == "lower" else (r"\le", r"\max")
        return rf"\frac{{|w_+|^2}}{{|w|^2}} {sign} 1 + h^2\sigma_{{{end}}}^2"

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, *entries = columns_of(instance)
        ends = theory.bilinear_growth(np.stack(entries, axis=-1).reshape(-1, 2, 2), rate)
        return np.repeat(ends[(self.side == "upper") == (self.end == "right")][:, None], len(START), axis=1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, *entries = columns_of(instance)
        size = (_run(rate, np.stack(entries, axis=-1).reshape(-1, 2, 2)) ** 2).sum(-1)
        return size[:, :, 1] / size[:, :, 0]

    @property
    def neighbour(self) -> BilinearGrowthBound | None:
        return self.replace(end="wrong") if self.end == "right" else None

    @classmethod
    def examples(cls) -> tuple[BilinearGrowthBound, ...]:
        return cls("lower"), cls("upper")


def _run(rate: np.ndarray, A: np.ndarray) -> np.ndarray:
    columns = {"rule.step.rate": rate}
    columns |= {f"game.matrix.{i}.{j}": A[:, i, j] for i in (0, 1) for j in (0, 1)}
    return orbits(GAME, Simultaneous(SGD(1.0)), columns, start=START, steps=STEPS)

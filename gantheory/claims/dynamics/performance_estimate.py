"""A worst case that a semidefinite program has certified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Optimistic
from gantheory.games import LinearField
from gantheory.random import Key


@dataclass(frozen=True)
class OptimisticMove(Claim):
    """The fifth optimistic step of 1/4 on a monotone, 1-Lipschitz field is no longer than performance estimation says.

    Rows are a share of the Lipschitz constant 1 and an angle of the field's modes, from a pull (0 degrees) to a
    rotation (90). The neighbour lets the field push outwards.

    Example:
        >>> OptimisticMove().predicted(((1.0, 90.0),)).tolist()
        [0.0663142]
    """

    monotone: bool = True

    part: ClassVar[str] = "C05"
    statement: ClassVar[str] = (
        "Optimistic steps of 1/4 on monotone 1-Lipschitz fields have |w_5 - w_4|^2 <= 0.0663142 |w_0 - w*|^2"
    )
    latex: ClassVar[str] = r"|w_5 - w_4|^2 \le 0.0663142\,|w_0 - w^*|^2,\quad h = \tfrac14,\ L = 1"
    reference: ClassVar[str] = "Gorbunov, Taylor, Gidel (2022); Goujaud et al. (2024)"
    assumptions: ClassVar[str] = "a monotone, 1-Lipschitz field; linear ones are drawn"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    box: ClassVar[Box] = Box(share=grid(0.02, 1, 0.02), angle=grid(0, 90, 1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return np.full(len(instance), theory.optimistic_move_bound())

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        share, angle = columns_of(instance)
        a, b = share * np.cos(np.deg2rad(angle)), share * np.sin(np.deg2rad(angle))
        a = a if self.monotone else -a
        columns = {"game.matrix.0.0": a, "game.matrix.0.1": b, "game.matrix.1.0": -b, "game.matrix.1.1": a}
        game = LinearField(((0.0, 1.0), (-1.0, 0.0)))
        w = orbits(game, Optimistic(SGD(0.25)), columns, start=[[1.0, 0.0]], steps=5)[:, 0]
        return ((w[:, 5] - w[:, 4]) ** 2).sum(-1)

    def curve(self) -> Curve:
        return self.box.curve("angle", share=1.0)

    @property
    def neighbour(self) -> OptimisticMove | None:
        return self.replace(monotone=False) if self.monotone else None

    @classmethod
    def examples(cls) -> tuple[OptimisticMove, ...]:
        return (cls(),)

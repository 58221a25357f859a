"""Bilinear games."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import Tensor

from gantheory.games.game import Game, Profile
from gantheory.games.quadratic import matrix_like


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Bilinear(Game):
    """The zero-sum game ``min_x max_y x' A y``, whose field only rotates.

    Equation: losses ``x' A y`` and ``-x' A y`` for ``matrix`` A of shape ``(m, n)``; the origin is an
    equilibrium, the only one for an invertible A. A
    population can vary the entries. Starts are drawn from the standard normal distribution.

    Reference: Gidel et al. (2019).

    Example:
        >>> Bilinear(((1.0, 0.0), (0.0, 2.0))).sizes
        (2, 2)
    """

    matrix: tuple[tuple[float, ...], ...] = ((1.0,),)

    players: ClassVar[tuple[str, ...]] = ("x", "y")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        widths = {len(row) for row in self.matrix}
        if len(widths) != 1 or widths == {0}:
            raise ValueError(f"Bilinear needs a matrix with equal, non-empty rows, got {self.matrix}")
        if not all(math.isfinite(a) for row in self.matrix for a in row):
            raise ValueError(f"Bilinear needs a finite matrix, got {self.matrix}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return len(self.matrix), len(self.matrix[0])

    def init(self, key: Key) -> Profile:
        m, n = self.sizes
        return key.child("x").normal(m), key.child("y").normal(n)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        x, y = profile
        value = x @ matrix_like(self.matrix, x) @ y
        return value, -value

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        m, n = self.sizes
        alone = m == n == np.linalg.matrix_rank(np.array(self.matrix))
        return ((0.0,) * (m + n),) if alone else ()  # a singular matrix has a whole subspace of them

    @classmethod
    def examples(cls) -> list[Bilinear]:
        return [cls(), cls(((1.0, 2.0, 0.5), (0.0, -1.0, 3.0)))]

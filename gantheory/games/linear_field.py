"""Games whose field is any linear map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from gantheory.games.game import Game, Profile
from gantheory.games.quadratic import block_losses, check_blocks, draw_players, matrix_like


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class LinearField(Game):
    """Players with quadratic losses whose stacked gradients are ``M w``, for any matrix M.

    Equation: player i loses ``w_i' M_ii w_i / 2 + w_i' sum_j M_ij w_j`` over the others j, for ``matrix`` M
    ``(k, k)`` and players of ``blocks`` parameters; `None` makes every parameter a player of its own. So M needs
    no structure but symmetric blocks M_ii. Unlike those of `Quadratic`, whose halves must stay symmetric and
    antisymmetric, single entries can be varied in a population. Starts are standard normal.

    Raises `ValueError` for a matrix that is not square and finite, or asymmetric within a player's block.

    Reference: Letcher et al. (2019), for differentiable games near a fixed point.

    Example:
        >>> LinearField(((0.0, 1.0), (-1.0, 0.0))).equilibria()
        ((0.0, 0.0),)
    """

    matrix: tuple[tuple[float, ...], ...]
    blocks: tuple[int, ...] | None = None

    def check(self) -> None:
        k = len(self.matrix)
        if k < 1 or any(len(row) != k or not all(map(math.isfinite, row)) for row in self.matrix):
            raise ValueError(f"LinearField needs a square, finite matrix, got {self.matrix}")
        check_blocks(self.sizes, "LinearField")
        if sum(self.sizes) != k:
            raise ValueError(f"LinearField has {k} parameters, but blocks of {self.sizes}")
        player = np.repeat(np.arange(len(self.sizes)), self.sizes)
        own = np.where(player[:, None] == player, np.array(self.matrix), 0.0)
        if not np.array_equal(own, own.T):
            raise ValueError(
                "LinearField needs symmetric blocks on the diagonal: no loss rotates its own player"
            )

    @property
    def players(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(f"player {i}" for i in range(1, len(self.sizes) + 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.blocks or (1,) * len(self.matrix)

    @property
    def zero_sum(self) -> bool:  # type: ignore[override]
        M = np.array(self.matrix)
        return np.array_equal(M, -M.T)

    def init(self, key: Key) -> Profile:
        return draw_players(self.sizes, key)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        return block_losses(matrix_like(self.matrix, profile[0]), profile)

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        M, edges = np.array(self.matrix), np.cumsum((0, *self.sizes))
        alone = np.linalg.matrix_rank(M) == len(M)
        convex = all(np.linalg.eigvalsh(M[a:b, a:b])[0] >= -1e-12 for a, b in pairwise(edges))
        return ((0.0,) * len(M),) if alone and convex else ()

    @classmethod
    def examples(cls) -> list[LinearField]:
        return [
            cls(((0.5, 1.0, 0.0), (-2.0, 0.0, 1.0), (0.0, 3.0, 1.0))),
            cls(((1.0, 0.5, 1.0), (0.5, 2.0, 0.0), (-1.0, 0.0, 0.5)), blocks=(2, 1)),
        ]

"""Quadratic games from a seed, with a stated spectrum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gantheory.games.game import Game, Profile
from gantheory.games.quadratic import block_losses, check_blocks, draw_players
from gantheory.random import Key


if TYPE_CHECKING:
    from gantheory.games.quadratic import Matrix


@dataclass(frozen=True)
class RandomQuadratic(Game):
    """A quadratic game drawn from a seed, with stated strong monotonicity, smoothness and rotation.

    Equation: field ``(S + rotation A) w``; S is symmetric with eigenvalues evenly spaced from ``mu`` to
    ``smoothness`` in a random basis, A antisymmetric of spectral norm 1, zero within the players' blocks.
    So ``w' F(w) >= mu |w|^2`` is tight and ``|F(w)| <= (smoothness + rotation) |w|``. The origin is the
    equilibrium where ``mu > 0``. All three numbers can be swept: the basis and A depend on ``blocks`` and
    ``seed`` alone. `matrices` gives S and ``rotation A``, as `Quadratic` takes them. Starts are standard normal.

    Raises `ValueError` unless ``mu <= smoothness`` and ``rotation >= 0``, and for a single player that is to rotate.

    Reference: Balduzzi et al. (2018); Gidel et al. (2019) for the rates that these constants give.

    Example:
        >>> game = RandomQuadratic((2, 2), mu=0.5, smoothness=2.0, rotation=3.0)
        >>> game.equilibria()
        ((0.0, 0.0, 0.0, 0.0),)
    """

    blocks: tuple[int, ...] = (1, 1)
    mu: float = 0.1
    smoothness: float = 1.0
    rotation: float = 1.0
    seed: int = 0

    def check(self) -> None:
        check_blocks(self.blocks, "RandomQuadratic")
        if not -math.inf < self.mu <= self.smoothness < math.inf:
            raise ValueError(
                f"RandomQuadratic needs finite mu <= smoothness, got {self.mu}, {self.smoothness}"
            )
        if not 0 <= self.rotation < math.inf or (self.rotation > 0 and len(self.blocks) == 1):
            raise ValueError(
                f"RandomQuadratic needs a finite rotation of at least 0, and 0 for one player, got {self.rotation}"
            )

    @property
    def players(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(f"player {i}" for i in range(1, len(self.blocks) + 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.blocks

    def matrices(self) -> tuple[Matrix, Matrix]:
        """Return the potential and the Hamiltonian matrix, as `Quadratic` takes them."""
        basis, turn = _drawn(self.blocks, self.seed)
        S = (basis * np.linspace(self.mu, self.smoothness, len(basis))) @ basis.T
        return _rows((S + S.T) / 2), _rows(self.rotation * turn)

    def init(self, key: Key) -> Profile:
        return draw_players(self.sizes, key)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        like = {"dtype": profile[0].dtype, "device": profile[0].device}
        basis, A = (torch.tensor(part, **like) for part in _drawn(self.blocks, self.seed))
        share = torch.linspace(0, 1, len(basis), **like)
        S = basis * (self.mu + (self.smoothness - self.mu) * share) @ basis.T
        return block_losses(S + self.rotation * A, profile)

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0,) * sum(self.blocks),) if self.mu > 0 else ()

    @classmethod
    def examples(cls) -> list[RandomQuadratic]:
        return [cls((3, 2, 4), mu=0.2, smoothness=1.5, rotation=2.0)]


@lru_cache(maxsize=64)
def _drawn(blocks: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A random orthogonal basis, and an antisymmetric matrix of norm 1 that is zero within blocks."""
    k, key = sum(blocks), Key(seed).to(torch.float64)
    basis, R = np.linalg.qr(key.child("basis").normal(k, k).numpy())
    A = key.child("rotation").normal(k, k).numpy()
    player = np.repeat(np.arange(len(blocks)), blocks)
    A = np.where(player[:, None] == player, 0.0, A - A.T)
    return basis * np.sign(np.diag(R)), A / max(np.linalg.norm(A, 2), 1e-300)


def _rows(matrix: np.ndarray) -> Matrix:
    return tuple(tuple(row) for row in matrix.tolist())

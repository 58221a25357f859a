"""Quadratic games of any number of players."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gantheory.games.game import Game, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


Matrix = tuple[tuple[float, ...], ...]


def matrix_like(rows: Sequence[Sequence[Any]], w: Tensor) -> Tensor:
    """Return a matrix of numbers, some of which a population may vary, in the dtype and on the device of ``w``."""
    like = {"dtype": w.dtype, "device": w.device}
    if not any(isinstance(a, Tensor) for row in rows for a in row):
        return torch.tensor(rows, **like)
    return torch.stack([torch.stack([torch.as_tensor(a, **like) for a in row]) for row in rows])


def block_losses(M: Tensor, profile: Profile) -> tuple[Tensor, ...]:
    """Return losses whose field is ``M w``: ``w_i' M_ii w_i / 2 + w_i' sum_j M_ij w_j`` over the others j."""
    sizes = [len(w) for w in profile]
    rows = [row.split(sizes, dim=1) for row in M.split(sizes, dim=0)]
    return tuple(
        sum(
            (w @ block @ v / (2 if i == j else 1) for j, (block, v) in enumerate(zip(rows[i], profile))),
            start=w.new_zeros(()),
        )
        for i, w in enumerate(profile)
    )


def draw_players(sizes: tuple[int, ...], key: Key) -> Profile:
    """Return standard normal starts, every player from a key of its own."""
    return tuple(key.child("player", i).normal(size) for i, size in enumerate(sizes))


def check_blocks(blocks: tuple[int, ...], name: str) -> None:
    """Refuse players without parameters."""
    if not blocks or min(blocks) < 1:
        raise ValueError(
            f"{name} needs at least one player, each with at least 1 parameter, got blocks={blocks}"
        )


@dataclass(frozen=True)
class Quadratic(Game):
    """Any number of players with quadratic losses, whose field is a potential and a Hamiltonian part.

    Equation: field ``(S + A) (w - centre)`` with ``potential`` S symmetric and ``hamiltonian`` A antisymmetric,
    both ``(k, k)`` for k parameters in all; ``blocks`` are the numbers of parameters of the players. Player i
    loses ``u_i' S_ii u_i / 2 + u_i' sum_j (S_ij + A_ij) u_j`` with ``u = w - centre`` and j over the others,
    so A must vanish within blocks. The centre (0 where it is left out) is the only zero of the field where
    ``S + A`` has full rank, and an equilibrium where every ``S_ii`` is positive semidefinite. Starts are
    standard normal.

    Raises `ValueError` for matrices of another shape or symmetry.

    Reference: Balduzzi et al. (2018).

    Example:
        >>> game = Quadratic((1, 1), potential=((0.5, 0.0), (0.0, 0.5)), hamiltonian=((0.0, 2.0), (-2.0, 0.0)))
        >>> game.equilibria()
        ((0.0, 0.0),)
    """

    blocks: tuple[int, ...]
    potential: Matrix
    hamiltonian: Matrix
    centre: tuple[float, ...] = ()

    def check(self) -> None:
        check_blocks(self.blocks, "Quadratic")
        k = sum(self.blocks)
        for name, matrix, sign in (("potential", self.potential, 1), ("hamiltonian", self.hamiltonian, -1)):
            if len(matrix) != k or any(len(row) != k for row in matrix):
                raise ValueError(f"Quadratic needs a {name} of {k} rows of {k} numbers, got {matrix}")
            entries = np.array(matrix)
            if not np.isfinite(entries).all() or not np.array_equal(entries, sign * entries.T):
                kind = "a symmetric" if sign == 1 else "an antisymmetric"
                raise ValueError(f"Quadratic needs {kind}, finite {name}, got {matrix}")
        edges = np.cumsum((0, *self.blocks))
        if any(np.array(self.hamiltonian)[a:b, a:b].any() for a, b in pairwise(edges)):
            raise ValueError(
                "Quadratic needs a hamiltonian that is zero within each player's block: no loss rotates its own player"
            )
        if len(self.centre) not in (0, k) or not all(map(math.isfinite, self.centre)):
            raise ValueError(f"Quadratic needs a centre of {k} finite numbers or none, got {self.centre}")

    @property
    def players(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(f"player {i}" for i in range(1, len(self.blocks) + 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.blocks

    @property
    def zero_sum(self) -> bool:  # type: ignore[override]
        return not any(map(any, self.potential))

    def init(self, key: Key) -> Profile:
        return draw_players(self.sizes, key)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        like = {"dtype": profile[0].dtype, "device": profile[0].device}
        M = torch.tensor(self.potential, **like) + torch.tensor(self.hamiltonian, **like)
        if self.centre:
            centre = torch.tensor(self.centre, **like).split(list(self.blocks))
            profile = tuple(w - c for w, c in zip(profile, centre))
        return block_losses(M, profile)

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        S, edges = np.array(self.potential), np.cumsum((0, *self.blocks))
        alone = np.linalg.matrix_rank(S + np.array(self.hamiltonian)) == len(S)
        convex = all(np.linalg.eigvalsh(S[a:b, a:b])[0] >= -1e-12 for a, b in pairwise(edges))
        return (self.centre or (0.0,) * len(S),) if alone and convex else ()

    @classmethod
    def examples(cls) -> list[Quadratic]:
        S = ((1.0, 0.5, 0.25), (0.5, 2.0, 0.0), (0.25, 0.0, 0.5))
        A = ((0.0, 0.0, 1.0), (0.0, 0.0, -2.0), (-1.0, 2.0, 0.0))
        zero = ((0.0,) * 3,) * 3
        return [cls((2, 1), S, A, centre=(1.0, -1.0, 0.5)), cls((1, 1, 1), zero, A)]

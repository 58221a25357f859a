"""A game at given points, on one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.population import Many, Profile
from gantheory.games import Game
from gantheory.random import Key


Points = Sequence[float] | Sequence[Sequence[float]] | np.ndarray | Tensor
"""One point of all players' parameters ``(parameters,)``, or one a row."""

DENSE = 256
"""Up to so many parameters a matrix is made."""


def rows_of(game: Game, points: Points, *, name: str = "point") -> Tensor:
    """Return points as float64 rows, or raise `ValueError`."""
    rows = torch.as_tensor(points, dtype=torch.float64, device="cpu").detach().clone()
    n = sum(game.sizes)
    if rows.dim() not in (1, 2) or rows.shape[-1] != n:
        raise ValueError(
            f"{name} must be ({n},) numbers, or rows of them, for {game!r}: got {tuple(rows.shape)}"
        )
    if not rows.isfinite().all():
        raise ValueError(f"{name} must be finite, got {rows.tolist()}")
    return rows.reshape(-1, n)


def placed(game: Game, points: Points, key: Key | None, *, name: str = "point") -> tuple[Many, Profile, Any]:
    """Return the game for as many members as there are points, its profile, and one batch that all share."""
    rows = rows_of(game, points, name=name)
    return Many(game, len(rows)), split(game, rows), shared_batch(game, len(rows), key)


def split(game: Game, rows: Tensor) -> Profile:
    """Return rows of all players' parameters as one matrix a player."""
    return rows.split(list(game.sizes), dim=-1)


def shared_key(key: Key | None, members: int) -> Key:
    """Return a batched key that is the same for every member."""
    return (Key(0) if key is None else key).to(torch.float64, "cpu").child("diagnostic", (0,) * members)


def shared_batch(game: Game, members: int, key: Key | None) -> Any:
    """Draw one batch for all members; a game that draws needs a key."""
    batch = game.draw(shared_key(key, members))
    if key is None and batch != ():
        raise ValueError(f"{game!r} draws batches: give a key, as in key=gt.Key(0)")
    return batch

"""The rows of regression games."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from gantheory.distributions import Distribution
from gantheory.random import Key


def check_rows(data: Distribution, rows: int, name: str) -> None:
    """Refuse data without a feature beside the target, and games without rows."""
    if data.dim < 2:
        raise ValueError(f"{name} needs data of at least 2 columns, the last one the target, got {data.dim}")
    if rows < 1:
        raise ValueError(f"{name} needs at least 1 row, got {rows}")


@lru_cache(maxsize=64)
def _table(data: Distribution, rows: int, seed: int) -> Tensor:
    return data.sample(rows, Key(seed).to(torch.float64).child("rows"))


def features_and_target(data: Distribution, rows: int, seed: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return features ``(rows, d - 1)`` and target ``(rows,)``, the last column, as a game's seed draws them."""
    table = _table(data, rows, seed).to(dtype=like.dtype, device=like.device)
    return table[:, :-1], table[:, -1]

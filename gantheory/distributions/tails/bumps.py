"""Bumps of random sign in the cells of a dyadic grid of the unit cube."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from gantheory.random import Key


UNIT = 11**0.5 * 1.1**5
"""Makes the largest bump 1: in one dimension at v = 1 / sqrt(11)."""


def cells(seed: int, level: int, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return what the cells of a level that hold the points (..., d) of [0, 1]^d have drawn.

    Their sign (...), their axis as a unit row (..., d), and the points' place v (..., d) in their cell, from
    -1 to 1.
    """
    d, count = x.shape[-1], 2**level
    index = (x.detach() * count).long().clamp(0, count - 1)  # NaN is no number of a cell
    number = torch.zeros_like(index[..., 0])
    for i in range(d):
        number = number * count + index[..., i]
    sign, axis = (v.to(x) for v in _drawn(seed, level, d))
    return sign[number], axis[number], 2 * (x * count - index) - 1


@lru_cache(maxsize=256)
def _drawn(seed: int, level: int, d: int) -> tuple[Tensor, Tensor]:
    """Signs (cells,) and axes (cells, d) of a level's cells."""
    key, count = Key(seed).child("bumps", level), 2 ** (level * d)
    sign = 2.0 * key.child("sign").integers(2, count) - 1
    return sign.double(), torch.eye(d, dtype=torch.float64)[key.child("axis").integers(d, count)]


def bump(v: Tensor, axis: Tensor) -> Tensor:
    """Return the bump ``c v_axis prod_i (1 - v_i^2)^5`` (...), at most 1 in size and odd along its axis."""
    return UNIT * (v * axis).sum(-1) * (1 - v.square()).pow(5).prod(-1)


def bump_slope(v: Tensor, axis: Tensor) -> Tensor:
    """Return the bump's gradient by v, (..., d)."""
    factor, d = (1 - v.square()).pow(5), v.shape[-1]
    slope = -10 * v * (1 - v.square()).pow(4)
    odd = (v * axis).sum(-1)
    parts = []
    for i in range(d):
        others = factor[..., [k for k in range(d) if k != i]].prod(-1)
        parts.append(others * (axis[..., i] * factor[..., i] + odd * slope[..., i]))
    return UNIT * torch.stack(parts, dim=-1)

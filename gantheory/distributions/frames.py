"""Axes turned at random, rebuilt from a seed, and products of rows with a matrix."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gantheory.random import Key


@lru_cache(maxsize=64)
def frame(seed: int, ambient: int, dim: int) -> np.ndarray:
    """Return the matrix (ambient, dim) of a seed, float64 with orthonormal columns, by the invariant law of frames.

    Reference: Mezzadri (2007), by QR with a positive diagonal.
    """
    normal = Key(seed).child("frame").normal(ambient, dim, dtype=torch.float64, device="cpu").numpy()
    q, upper = np.linalg.qr(normal)
    q = q * np.sign(np.diagonal(upper))  # without which the decomposition would choose the signs
    q.setflags(write=False)
    return q


def tensor_like(array: np.ndarray, x: Tensor) -> Tensor:
    """Return an array with the dtype and device of x."""
    return torch.tensor(array, dtype=x.dtype, device=x.device)


def rows_times(x: Tensor, matrix: np.ndarray) -> Tensor:
    """Return ``x @ matrix`` for rows x, with bits that do not depend on how many rows there are.

    A matrix product's do, by the blocks that it takes; so columns are added up one by one.
    """
    rows = tensor_like(matrix, x)
    total = x[..., :1] * rows[0]
    for j in range(1, len(rows)):
        total = total + x[..., j : j + 1] * rows[j]
    return total


def turned(y: Tensor, seed: int, dim: int) -> Tensor:
    """Return the points (..., dim) with coordinates y (..., k) along the first k axes of the seed's frame."""
    return rows_times(y, frame(seed, dim, dim)[:, : y.shape[-1]].T)

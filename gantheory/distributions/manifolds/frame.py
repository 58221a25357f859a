"""Axes turned at random, rebuilt from a seed."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from gantheory.random import Key


@lru_cache(maxsize=64)
def frame(seed: int, dim: int) -> Tensor:
    """Return the orthogonal matrix (dim, dim), float64, of a seed: Haar's law, by QR with a positive diagonal.

    Reference: Mezzadri (2007).
    """
    q, r = torch.linalg.qr(Key(seed).child("frame").normal(dim, dim, dtype=torch.float64, device="cpu"))
    return q * r.diagonal().sign()


def turned(y: Tensor, seed: int, dim: int) -> Tensor:
    """Return the points (..., dim) with coordinates y (..., k) along the first k axes of the seed's frame.

    Added axis by axis: the rounding of a matrix product depends on the number of rows, and a draw's must not.
    """
    axes = frame(seed, dim).to(y)
    return sum((y[..., j, None] * axes[:, j] for j in range(1, y.shape[-1])), y[..., :1] * axes[:, 0])

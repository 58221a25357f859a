"""Long draws in pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from torch import Tensor


BLOCK = 1 << 16
"""Rows of a piece: a few arrays of them fit into a core's cache."""


def in_blocks(sample: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Make a ``sample`` of several passes over its rows draw piece after piece on the CPU.

    The rows are the same, for row i depends on the key and i alone; large draws take half the time, for what a
    pass leaves is still in the cache when the next one reads it, and less memory.
    """

    @wraps(sample)
    def draw(self, n: int, key, *, start: int = 0) -> Tensor:
        if n <= BLOCK:
            return sample(self, n, key, start=start)
        first = sample(self, BLOCK, key, start=start)
        if first.device.type != "cpu":
            return sample(self, n, key, start=start)
        points = first.new_empty(*first.shape[:-2], n, first.shape[-1])
        points[..., :BLOCK, :] = first
        for at in range(BLOCK, n, BLOCK):
            rows = min(BLOCK, n - at)
            points[..., at : at + rows, :] = sample(self, rows, key, start=start + at)
        return points

    return draw

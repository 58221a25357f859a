"""Which points lie in which boxes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


PAIRS = 1 << 20
"""About how many pairs are held at once."""


def pairs_in_boxes(
    x: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the numbers of points ``(n, d)`` and of closed boxes ``(m, d)`` that hold them, a block at a time.

    Points are sorted by their first coordinate, where each box takes a stretch of them.
    """
    order = np.argsort(x[:, 0], kind="stable")
    first = x[order, 0]
    begin, end = np.searchsorted(first, low[:, 0], "left"), np.searchsorted(first, high[:, 0], "right")
    lengths = np.maximum(end - begin, 0)
    block = np.cumsum(lengths) // PAIRS
    for b in np.unique(block[lengths > 0]):
        boxes = np.flatnonzero((block == b) & (lengths > 0))
        size = lengths[boxes]
        box = np.repeat(boxes, size)
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        point = order[begin[box] + within]
        inside = ((x[point, 1:] >= low[box, 1:]) & (x[point, 1:] <= high[box, 1:])).all(1)
        yield point[inside], box[inside]

"""Batches of rows from a box of numbers: one simulation serves them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from hypothesis import strategies as st

from gantheory.claims.curve import Curve
from gantheory.random import Key


Row = tuple[float, ...]
Rows = tuple[Row, ...]
"""An instance of a claim about rows: as many numbers a row as the box has columns."""

ROWS = 256
NEAREST = 8


def grid(low: float, high: float, step: float = 0.01) -> tuple[float, ...]:
    """Return the multiples of ``step`` from ``low`` to ``high``, as short decimals.

    Example:
        >>> grid(0.1, 0.4, 0.1)
        (0.1, 0.2, 0.3, 0.4)
    """
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{k * step:.12g}") for k in range(first, last + 1))


class Box:
    """The numbers that each column of a row may take.

    A batch has ``rows`` rows. Hypothesis draws a seed and, for every column, the two ends between which the
    batch keeps; the rows are drawn there, from the seed. So few choices steer many rows, and margins pull the
    ends to where the claim is tight. `simpler` lists what a counterexample's row may shrink to.

    Raises `ValueError` for a column without numbers, or a batch without rows.

    Example:
        >>> box = Box(rate=grid(0.1, 2.0, 0.1), weight=(0.0, 1.0))
        >>> box.names
        ('rate', 'weight')
        >>> box.simpler((0.7, 1.0))[0]
        (1.0, 1.0)
    """

    def __init__(self, *, rows: int = ROWS, **columns: Sequence[float]):
        if rows < 1 or not columns or not all(len(column) for column in columns.values()):
            raise ValueError(f"Box needs at least one row and columns with numbers, got {rows} and {columns}")
        self.rows, self.columns = rows, {name: tuple(numbers) for name, numbers in columns.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.columns)

    def batches(self) -> st.SearchStrategy[Rows]:
        """Return the strategy that draws batches."""
        ends = [st.tuples(*[st.integers(0, len(column) - 1)] * 2) for column in self.columns.values()]
        return st.tuples(st.integers(0, 2**20), st.tuples(*ends)).map(lambda drawn: self._batch(*drawn))

    def _batch(self, seed: int, ends: tuple[tuple[int, int], ...]) -> Rows:
        shares = Key(seed).uniform(self.rows, len(ends)).numpy().astype(np.float64)
        columns = []
        for numbers, (a, b), share in zip(self._arrays, ends, shares.T):
            low, high = min(a, b), max(a, b)
            columns.append(numbers[low + (share * (high - low + 1)).astype(int)].tolist())
        return tuple(zip(*columns))

    @cached_property
    def _arrays(self) -> list[np.ndarray]:
        return [np.array(column) for column in self.columns.values()]

    def simpler(self, row: Row) -> list[Row]:
        """Return rows that print shorter in one number: the shortest ones, and the nearest to the row."""
        found = []
        for i, (number, column) in enumerate(zip(row, self.columns.values())):
            order = _by_length(column)
            shorter = order[: order.index(number)]
            near = sorted(shorter, key=lambda other: abs(other - number))
            found += [
                (*row[:i], other, *row[i + 1 :])
                for other in dict.fromkeys([*shorter[:NEAREST], *near[:NEAREST]])
            ]
        return sorted(found, key=_length)

    def curve(self, name: str, *, log: str = "", points: int = 60, **others: float) -> Curve:
        """Return single rows along one column; the other numbers are those given, or their column's median."""
        column = sorted(self.columns[name])
        values = tuple(
            column[i] for i in sorted({round(j * (len(column) - 1) / (points - 1)) for j in range(points)})
        )
        middle = {
            other: sorted(numbers)[len(numbers) // 2] for other, numbers in self.columns.items()
        } | others
        return Curve(name, values, lambda x: (tuple((middle | {name: x}).values()),), log=log)


@lru_cache(maxsize=256)
def _by_length(column: tuple[float, ...]) -> list[float]:
    return sorted(column, key=lambda number: _length((number,)))


def _length(row: Row) -> tuple[int, float, int]:
    text = [f"{number:g}" for number in row]
    return sum(map(len, text)), sum(map(abs, row)), sum(number < 0 for number in row)

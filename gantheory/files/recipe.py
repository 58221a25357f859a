"""What samples are made of: the arguments that, written down, make them again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import torch

from gantheory.distributions import Distribution
from gantheory.files.formats import csv_lines, writer_of
from gantheory.notation import parse
from gantheory.random import Key
from gantheory.room import free_memory, gigabytes


NUMBERS = 1 << 22
"""The numbers of a piece: what is drawn, and held in memory, at a time. The row groups of parquet files."""

SPLITS = {1: ("train",), 2: ("train", "test"), 3: ("train", "validation", "test")}
DTYPES = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True)
class Recipe:
    """Rows 0 to ``count`` of a distribution's samples under a key, in a format and in splits."""

    distribution: Distribution
    count: int
    key: Key
    dtype: str = "float32"
    format: str = "npy"
    splits: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        law = self.distribution
        if not isinstance(law, Distribution):
            raise ValueError(f"{law!r} is not a distribution: `gantheory list distributions` shows them")
        if self.count < 1:
            raise ValueError(f"the count must be at least 1, got {self.count}")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {self.dtype!r}")
        if self.key.batch:
            raise ValueError(f"key must be a single one, but is a batch of shape {self.key.batch}")
        writer_of(self.format)
        self.parts()
        need, free = (
            8 * 8 * max(NUMBERS, law.dim),
            free_memory(),
        )  # a draw holds some eight arrays of its size
        if need > free:
            raise ValueError(
                f"samples in {law.dim} dimensions need {gigabytes(need)} of memory, and {gigabytes(free)} are free"
            )

    @property
    def numpy_dtype(self) -> np.dtype:
        """The numbers' type, little-endian on every machine."""
        return np.dtype(self.dtype).newbyteorder("<")

    def parts(self) -> dict[str, tuple[int, int]]:
        """Return the name of every part, with its first row and the row after its last.

        Raises `ValueError` unless the splits are up to three positive numbers that add up to 1, and every
        part has a row.
        """
        if len(self.splits) not in SPLITS or not all(share > 0 for share in self.splits):
            raise ValueError(f"splits must be one to three positive numbers, got {self.splits}")
        if not math.isclose(sum(self.splits), 1, abs_tol=1e-9):
            raise ValueError(f"splits must add up to 1, but {self.splits} add up to {sum(self.splits):g}")
        cuts = [round(self.count * share) for share in accumulate(self.splits, initial=0)]
        parts = dict(zip(SPLITS[len(self.splits)], pairwise(cuts)))
        for name, (start, stop) in parts.items():
            if start == stop:
                raise ValueError(f"a count of {self.count} leaves no row for {name}: raise it, or its split")
        return parts

    def pieces(self, start: int, stop: int) -> Iterator[np.ndarray]:
        """Yield the rows from ``start`` to ``stop``, at most `NUMBERS` numbers at a time."""
        rows, key = max(1, NUMBERS // self.distribution.dim), self.key.to(DTYPES[self.dtype], "cpu")
        for at in range(start, stop, rows):
            x = self.distribution.sample(min(rows, stop - at), key, start=at)
            yield np.ascontiguousarray(x.numpy(), dtype=self.numpy_dtype)

    def write(self, file, start: int, stop: int) -> None:
        """Write the rows from ``start`` to ``stop`` to an open file."""
        shape = stop - start, self.distribution.dim
        writer_of(self.format)(file, self.pieces(start, stop), *shape, self.numpy_dtype)

    def bytes(self) -> float:
        """Return about how many bytes all rows take: of CSV by its first rows, of others by their numbers."""
        if self.format != "csv":
            return self.count * self.distribution.dim * self.numpy_dtype.itemsize
        some = min(self.count, max(1, 10_000 // self.distribution.dim))
        return self.count / some * sum(len(csv_lines(piece)) for piece in self.pieces(0, some))

    def block(self) -> dict[str, Any]:
        """Return the recipe as plain values, from which `from_block` reads it."""
        return {
            "expression": repr(self.distribution),
            "count": self.count,
            "seed": self.key.seed,
            "path": repr(self.key.path),
            "dtype": self.dtype,
            "format": self.format,
            "splits": list(self.splits),
        }

    @classmethod
    def from_block(cls, block: Mapping[str, Any]) -> Recipe:
        """Return the recipe that `block` wrote down; raises `ValueError` where something is missing or wrong."""
        try:
            key = Key(block["seed"], parse(block["path"]))
            splits = tuple(map(float, block["splits"]))
            return cls(
                parse(block["expression"]), block["count"], key, block["dtype"], block["format"], splits
            )
        except (KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"the generate block cannot be read: {failure!r}") from None

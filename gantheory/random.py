"""Randomness as a value: a counter-based key with a path."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor

from gantheory.notation import Noun
from gantheory.ops import philox


Element = int | str | range | tuple[int, ...]

DRAWS = 1
"""The version of what keys draw: it rises when a bit of any draw changes."""


@dataclass(frozen=True)
class Key(Noun):
    """A source of random numbers that is a value: a seed and a path of names below it.

    Equal keys draw equal numbers, and row i of a draw depends on the key and i alone. An element of the
    path that is a `range` or a tuple of integers makes a batch of keys, one independent stream a row:
    ``key.split(64)`` is ``key.child(range(64))``, and ``key.split(64)[3]`` is ``key.child(3)``.

    Notation: a key is four 32-bit words. Two are the key of Philox 4x32-10, two the upper half of its
    counter; the lower half numbers the draws. ``child`` runs one Philox block on the 64-bit hash
    (BLAKE2b of type and text) of each element.

    Draws have shape ``(*batch, n, d)``, or ``(*batch, n)`` without ``d``; ``start`` is the first row, so
    ``draw(n)[a:b] == draw(b - a, start=a)``. Raises `ValueError` for negative sizes.

    Reference: Salmon, Moraes, Dror, Shaw (2011); Claessen, Palka (2013).

    Example:
        >>> key = Key(0).child("critic", 3)
        >>> key
        Key(seed=0, path=('critic', 3))
        >>> bool((key.normal(4, 2)[1:3] == key.normal(2, 2, start=1)).all())
        True
        >>> tuple(key.split(64).normal(5).shape)
        (64, 5)
    """

    seed: int = 0
    path: tuple[int | str | range | tuple[int, ...], ...] = ()

    def child(self, *path: int | str | range | Sequence[int]) -> Key:
        """Return the key below this one at the given path; different paths give independent keys."""
        key = self
        for element in path:
            key = key._with(parent=key, path=(*key.path, _element(element)))
        return key

    def split(self, count: int) -> Key:
        """Return a batch of ``count`` independent keys, ``child(0)`` to ``child(count - 1)``."""
        return self.child(range(count))

    def to(self, dtype: torch.dtype | None = None, device: torch.device | str | None = None) -> Key:
        """Return an equal key whose draws, and whose children's, have this dtype and device by default."""
        return self._with(dtype=dtype or self._defaults[0], device=device or self._defaults[1])

    def _with(self, **entries) -> Key:
        key = object.__new__(Key)  # the path is converted already: a step's key must cost microseconds
        known = {name: value for name, value in vars(self).items() if name not in ("words", "parent")}
        key.__dict__.update(known | entries)
        return key

    @property
    def _defaults(self) -> tuple[torch.dtype | None, torch.device | str | None]:
        return self.__dict__.get("dtype"), self.__dict__.get("device")

    @property
    def batch(self) -> tuple[int, ...]:
        """The batch shape, one axis for every range or tuple in the path; ``()`` for a single key."""
        return tuple(len(e) for e in self.path if isinstance(e, (range, tuple)))

    def __getitem__(self, index: int | slice) -> Key:
        """Take one key, or a slice of keys, from the first batch axis."""
        for i, element in enumerate(self.path):
            if isinstance(element, (range, tuple)):
                return self._with(path=(*self.path[:i], element[index], *self.path[i + 1 :]))
        raise ValueError(f"{self} is a single key: only a batch of keys, as split makes, can be indexed")

    @cached_property
    def words(self) -> np.ndarray:
        """The four words of every key, uint32 of shape ``(*batch, 4)``."""
        parent = self.__dict__.get("parent")
        if parent is not None:
            return _child_words(parent.words, self.path[-1])
        digest = blake2b(f"int:{self.seed}".encode(), digest_size=16).digest()
        words = np.frombuffer(digest, dtype="<u4").astype(np.uint32)
        for element in self.path:
            words = _child_words(words, element)
        return words

    def normal(self, n: int, d: int | None = None, *, start: int = 0, dtype=None, device=None) -> Tensor:
        """Draw standard normal numbers, by Box-Muller: ``sqrt(-2 log u1) (cos, sin)(2 pi u2)``."""
        return self._draw(philox.normal, n, d, start, dtype, device)

    def uniform(self, n: int, d: int | None = None, *, start: int = 0, dtype=None, device=None) -> Tensor:
        """Draw uniform numbers in the open interval (0, 1): ``(word >> 8 + 1/2) 2^-24``."""
        return self._draw(philox.uniform, n, d, start, dtype, device)

    def integers(self, bound: int, n: int, d: int | None = None, *, start: int = 0, device=None) -> Tensor:
        """Draw integers in ``[0, bound)``, int64, from 64 random bits each (bias below bound / 2^64)."""
        if not 1 <= bound < 2**63:
            raise ValueError(f"bound must lie between 1 and 2^63 - 1, got {bound}")

        def kernel(rows, first, count, *, dtype, device):
            return philox.integers(rows, bound, first, count, device=device)

        return self._draw(kernel, n, d, start, None, device)

    def permutation(self, n: int, *, device=None) -> Tensor:
        """Draw a permutation of ``range(n)``, int64 of shape ``(*batch, n)``."""
        return self.integers(2**63 - 1, n, device=device).argsort(dim=-1, stable=True)

    def _draw(self, kernel: Callable, n: int, d: int | None, start: int, dtype, device) -> Tensor:
        if n < 0 or start < 0 or (d is not None and d < 0):
            raise ValueError(f"a draw needs n, d and start of at least 0, got n={n}, d={d}, start={start}")
        width = 1 if d is None else d
        own_dtype, own_device = self._defaults
        flat = kernel(
            self.words.reshape(-1, 4),
            start * width,
            n * width,
            dtype=dtype or own_dtype or torch.get_default_dtype(),
            device=device or own_device,
        )
        return flat.reshape(*self.batch, n, *(() if d is None else (d,)))


def _element(element: int | str | range | Sequence[int]) -> Element:
    if isinstance(element, (str, range)):
        return element
    if isinstance(element, (tuple, list, np.ndarray)):
        return tuple(operator.index(i) for i in element)
    return operator.index(element)  # pyright: ignore[reportArgumentType] (what has no index raises)


@lru_cache(maxsize=4096)
def _hash(element: int | str) -> int:
    text = f"{type(element).__name__}:{element}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _child_words(words: np.ndarray, element: Element) -> np.ndarray:
    rows = np.ascontiguousarray(words.reshape(-1, 4))
    if isinstance(element, (int, str)):
        return philox.child(rows, np.array([_hash(element)], dtype=np.uint64)).reshape(words.shape)
    if isinstance(element, range):
        found = (_hash(e) for e in element)
    else:
        distinct = {e: _hash(e) for e in element}
        found = (distinct[e] for e in element)
    hashes = np.fromiter(found, np.uint64, len(element))
    parents, children = np.repeat(rows, len(hashes), axis=0), np.tile(hashes, len(rows))
    return philox.child(parents, children).reshape(*words.shape[:-1], len(hashes), 4)

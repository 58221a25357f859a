"""Rejection that keeps the promise of a draw: row i depends on the key and i alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Tensor


if TYPE_CHECKING:
    from gantheory.random import Key


def first_accepted(
    propose: Callable[[Tensor], tuple[Tensor, Tensor]], n: int, key: Key, *, width: int, start: int = 0
) -> Tensor:
    """Return, for every row, its first accepted proposal.

    ``propose`` makes uniform numbers (..., width) into points (..., d) and says which (...) it accepts. Try j of
    row i is row i of the key's child j, so that a row's fate is its own.
    """
    points, accepted = propose(key.child("try", 0).uniform(n, width, start=start))
    attempt = 0
    while not bool(accepted.all()):
        attempt += 1
        rest = ~accepted
        points[rest], accepted[rest] = propose(key.child("try", attempt).uniform(n, width, start=start)[rest])
    return points

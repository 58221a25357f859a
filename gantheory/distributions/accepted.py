"""Rejection that keeps the promise of a draw: row i depends on the key and i alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor


if TYPE_CHECKING:
    from gantheory.random import Key


def first_accepted(propose: Callable[[Key, Any], tuple[Tensor, Tensor]], key: Key) -> Tensor:
    """Return, for every row, its first accepted proposal, ``(*batch, n, d)``.

    ``propose(attempt, rows)`` draws from the attempt's key for all rows, and gives points (..., d) for those
    chosen, as an index of ``(*batch, n)``, and which of them it accepts. Attempt j has its own key, so that a row's
    fate is its own.
    """
    attempt = 0
    points, accepted = propose(key.child("attempt", 0), ...)
    while not bool(accepted.all()):
        attempt += 1
        rest = ~accepted
        points[rest], accepted[rest] = propose(key.child("attempt", attempt), rest)
    return points

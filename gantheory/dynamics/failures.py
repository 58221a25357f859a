"""What torch raises while a game is played, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gantheory.models.model import DRAWS
from gantheory.room import free_memory, gigabytes


if TYPE_CHECKING:
    from gantheory.games import Game


@contextmanager
def explained(doing: str, game: Game) -> Iterator[None]:
    """Turn torch's errors inside into a `MemoryError`, or a `ValueError` that names the game."""
    try:
        yield
    except (RuntimeError, ValueError) as failure:
        told = _told(failure, doing, game)
        if told is failure:
            raise
        raise told from failure


def _told(failure: Exception, doing: str, game: Game) -> Exception:
    lines = [line for line in str(failure).splitlines() if line.strip()] or [type(failure).__name__]
    if any(words in lines[0] for words in ("to Python scalars", "converted to Scalar")):
        return ValueError(
            f"{doing} cannot be computed with one number a member: a swept field is made part of what cannot vary in a "
            f"population; run one simulation for each of its values (in {game})"
        )
    if isinstance(failure, ValueError):
        return failure
    if any(words in str(failure) for words in ("can't allocate memory", "out of memory")):
        return MemoryError(
            f"there is not enough memory for {doing} of {game} ({gigabytes(free_memory())} are free): take a "
            f"smaller population, batch or network, or record less often. torch says: {lines[0]}"
        )
    return ValueError(f"{doing} cannot be computed: {_advised(lines[0])} (in {game})")


def _advised(failure: str) -> str:
    if "random operation" in failure:
        return f"a network {DRAWS}"
    if any(words in failure for words in ("vmap", "Batching rule")):
        return (
            f"{failure}; a module that cannot be vectorised runs member by member as Network(..., vmap=False)"
        )
    return failure

"""What torch raises while a game is played, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gantheory.room import free_memory, gigabytes


if TYPE_CHECKING:
    from gantheory.games import Game


@contextmanager
def explained(doing: str, game: Game) -> Iterator[None]:
    """Turn torch's errors inside into a `MemoryError`, or a `ValueError` that names the game."""
    try:
        yield
    except RuntimeError as failure:
        lines = [line for line in str(failure).splitlines() if line.strip()] or [type(failure).__name__]
        if any(words in str(failure) for words in ("can't allocate memory", "out of memory")):
            raise MemoryError(
                f"there is not enough memory for {doing} of {game} ({gigabytes(free_memory())} are free): take a "
                f"smaller population, batch or network, or record less often. torch says: {lines[0]}"
            ) from failure
        advice = ""
        if "vmap" in str(failure):
            advice = "; a module that cannot be vectorised runs member by member as Network(..., vmap=False)"
        raise ValueError(f"{doing} of {game} cannot be computed: {lines[0]}{advice}") from failure

"""Penalties, one a file, and the game that adds one."""

from gantheory.games.penalties.penalty import Penalty
from gantheory.games.penalties.r1 import R1


__all__ = ["R1", "Penalty"]

"""Penalties, one a file."""

from gantheory.games.penalties.dragan import DRAGAN
from gantheory.games.penalties.gradient_penalty import GradientPenalty
from gantheory.games.penalties.penalty import Penalty
from gantheory.games.penalties.r1 import R1
from gantheory.games.penalties.r2 import R2


__all__ = ["DRAGAN", "R1", "R2", "GradientPenalty", "Penalty"]

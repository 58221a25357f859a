"""Steps: how far to go, one a file."""

from gantheory.dynamics.steps.adam import Adam
from gantheory.dynamics.steps.per_player import PerPlayer
from gantheory.dynamics.steps.sgd import SGD


__all__ = ["SGD", "Adam", "PerPlayer"]

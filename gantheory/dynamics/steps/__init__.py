"""Steps: how far to go, one a file."""

from gantheory.dynamics.steps.adam import Adam
from gantheory.dynamics.steps.clipped import Clipped
from gantheory.dynamics.steps.entropic import Entropic
from gantheory.dynamics.steps.momentum import Momentum
from gantheory.dynamics.steps.per_player import PerPlayer
from gantheory.dynamics.steps.rmsprop import RMSProp
from gantheory.dynamics.steps.scheduled import Scheduled
from gantheory.dynamics.steps.schedules import CosineDecay, InverseTime, LinearDecay, Schedule
from gantheory.dynamics.steps.sgd import SGD


__all__ = [
    "SGD",
    "Adam",
    "Clipped",
    "CosineDecay",
    "Entropic",
    "InverseTime",
    "LinearDecay",
    "Momentum",
    "PerPlayer",
    "RMSProp",
    "Schedule",
    "Scheduled",
]

"""Wrappers: rules made of rules, one a file."""

from gantheory.dynamics.wrappers.averaged import Averaged
from gantheory.dynamics.wrappers.delayed import Delayed
from gantheory.dynamics.wrappers.elastic import Elastic
from gantheory.dynamics.wrappers.halpern import Halpern
from gantheory.dynamics.wrappers.historical_averaging import HistoricalAveraging
from gantheory.dynamics.wrappers.look_ahead import LookAhead
from gantheory.dynamics.wrappers.power_iterated import PowerIterated
from gantheory.dynamics.wrappers.projected import Projected
from gantheory.dynamics.wrappers.same_batch import SameBatch
from gantheory.dynamics.wrappers.staleness import GeometricStaleness, Staleness, UniformStaleness


__all__ = [
    "Averaged",
    "Delayed",
    "Elastic",
    "GeometricStaleness",
    "Halpern",
    "HistoricalAveraging",
    "LookAhead",
    "PowerIterated",
    "Projected",
    "SameBatch",
    "Staleness",
    "UniformStaleness",
]

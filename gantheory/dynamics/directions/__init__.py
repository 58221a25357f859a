"""Directions: which way to go, one a file."""

from gantheory.dynamics.directions.alternating import Alternating
from gantheory.dynamics.directions.consensus import Consensus
from gantheory.dynamics.directions.extragradient import ExtraGradient
from gantheory.dynamics.directions.simultaneous import Simultaneous


__all__ = ["Alternating", "Consensus", "ExtraGradient", "Simultaneous"]

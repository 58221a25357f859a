"""Directions: which way to go, one a file."""

from gantheory.dynamics.directions.alternating import Alternating
from gantheory.dynamics.directions.anchored import Anchored
from gantheory.dynamics.directions.competitive import Competitive
from gantheory.dynamics.directions.consensus import Consensus
from gantheory.dynamics.directions.crossing_the_curl import CrossingTheCurl
from gantheory.dynamics.directions.expectation_maximisation import ExpectationMaximisation
from gantheory.dynamics.directions.extragradient import ExtraGradient
from gantheory.dynamics.directions.fast_extragradient import FastExtraGradient
from gantheory.dynamics.directions.follow_the_ridge import FollowTheRidge
from gantheory.dynamics.directions.hamiltonian import HamiltonianDescent
from gantheory.dynamics.directions.opponent_look_ahead import OpponentLookAhead
from gantheory.dynamics.directions.optimistic import Optimistic
from gantheory.dynamics.directions.past_extragradient import PastExtraGradient
from gantheory.dynamics.directions.proximal_point import ProximalPoint
from gantheory.dynamics.directions.simultaneous import Simultaneous
from gantheory.dynamics.directions.symplectic import SymplecticAdjustment
from gantheory.dynamics.directions.unrolled import Unrolled


__all__ = [
    "Alternating",
    "Anchored",
    "Competitive",
    "Consensus",
    "CrossingTheCurl",
    "ExpectationMaximisation",
    "ExtraGradient",
    "FastExtraGradient",
    "FollowTheRidge",
    "HamiltonianDescent",
    "OpponentLookAhead",
    "Optimistic",
    "PastExtraGradient",
    "ProximalPoint",
    "Simultaneous",
    "SymplecticAdjustment",
    "Unrolled",
]

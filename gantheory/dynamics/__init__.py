"""Dynamics: how games are played."""

from gantheory.dynamics.directions import (
    Alternating,
    Anchored,
    Competitive,
    Consensus,
    CrossingTheCurl,
    ExtraGradient,
    FollowTheRidge,
    HamiltonianDescent,
    OpponentLookAhead,
    Optimistic,
    PastExtraGradient,
    ProximalPoint,
    Simultaneous,
    SymplecticAdjustment,
    Unrolled,
)
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.rule import Rule, Step, Stepping
from gantheory.dynamics.run import Cost
from gantheory.dynamics.simulate import simulate
from gantheory.dynamics.steps import (
    SGD,
    Adam,
    Clipped,
    CosineDecay,
    Entropic,
    InverseTime,
    LinearDecay,
    Momentum,
    PerPlayer,
    RMSProp,
    Schedule,
    Scheduled,
)
from gantheory.dynamics.trajectory import Trajectory
from gantheory.dynamics.wrappers import Averaged, Delayed, Elastic, Halpern, LookAhead, Projected, SameBatch


__all__ = [
    "SGD",
    "Adam",
    "Alternating",
    "Anchored",
    "Averaged",
    "Clipped",
    "Competitive",
    "Consensus",
    "CosineDecay",
    "Cost",
    "CrossingTheCurl",
    "Delayed",
    "Elastic",
    "Entropic",
    "ExtraGradient",
    "FollowTheRidge",
    "Halpern",
    "HamiltonianDescent",
    "InverseTime",
    "LinearDecay",
    "Linearised",
    "LookAhead",
    "Momentum",
    "OpponentLookAhead",
    "Optimistic",
    "PastExtraGradient",
    "PerPlayer",
    "Projected",
    "ProximalPoint",
    "RMSProp",
    "Rule",
    "SameBatch",
    "Schedule",
    "Scheduled",
    "Simultaneous",
    "Step",
    "Stepping",
    "SymplecticAdjustment",
    "Trajectory",
    "Unrolled",
    "simulate",
]

"""Dynamics: how games are played."""

from gantheory.dynamics.directions import Alternating, Consensus, ExtraGradient, Simultaneous
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.rule import Rule, Step, Stepping
from gantheory.dynamics.run import Cost
from gantheory.dynamics.simulate import simulate
from gantheory.dynamics.steps import SGD, Adam, PerPlayer
from gantheory.dynamics.trajectory import Trajectory


__all__ = [
    "SGD",
    "Adam",
    "Alternating",
    "Consensus",
    "Cost",
    "ExtraGradient",
    "Linearised",
    "PerPlayer",
    "Rule",
    "Simultaneous",
    "Step",
    "Stepping",
    "Trajectory",
    "simulate",
]

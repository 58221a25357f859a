"""Dynamics: how games are played."""

from gantheory.dynamics.directions import Alternating, ExtraGradient, Simultaneous
from gantheory.dynamics.rule import Rule, Step
from gantheory.dynamics.run import Cost
from gantheory.dynamics.simulate import simulate
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.trajectory import Trajectory


__all__ = [
    "SGD",
    "Adam",
    "Alternating",
    "Cost",
    "ExtraGradient",
    "Rule",
    "Simultaneous",
    "Step",
    "Trajectory",
    "simulate",
]

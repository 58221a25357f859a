"""Tails and shape: laws whose tail index or smoothness is a dial."""

from gantheory.distributions.tails.alpha_stable import AlphaStable
from gantheory.distributions.tails.generalised_gaussian import GeneralisedGaussian
from gantheory.distributions.tails.hoelder_density import HoelderDensity
from gantheory.distributions.tails.pareto_radial import ParetoRadial
from gantheory.distributions.tails.spikes import Spikes
from gantheory.distributions.tails.steps import Steps
from gantheory.distributions.tails.student import Student
from gantheory.distributions.tails.tent import Tent


__all__ = [
    "AlphaStable",
    "GeneralisedGaussian",
    "HoelderDensity",
    "ParetoRadial",
    "Spikes",
    "Steps",
    "Student",
    "Tent",
]

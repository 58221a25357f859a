"""Tails and shape: laws whose tail index or smoothness is a dial."""

from gantheory.distributions.tails.alpha_stable import AlphaStable
from gantheory.distributions.tails.generalised_gaussian import GeneralisedGaussian
from gantheory.distributions.tails.pareto_radial import ParetoRadial
from gantheory.distributions.tails.student import Student


__all__ = ["AlphaStable", "GeneralisedGaussian", "ParetoRadial", "Student"]

"""Distributions: what can be sampled, with the truth about it."""

from gantheory.distributions.banana import Banana
from gantheory.distributions.bent_gaussian import BentGaussian
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.circles import Circles
from gantheory.distributions.distribution import Density, Distribution
from gantheory.distributions.empirical import Empirical
from gantheory.distributions.facts import Edge, Fact, Facts, Modes, Topology
from gantheory.distributions.funnel import Funnel
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.grid import Grid
from gantheory.distributions.moons import Moons
from gantheory.distributions.ring import Ring
from gantheory.distributions.spirals import Spirals
from gantheory.distributions.tails import (
    AlphaStable,
    GeneralisedGaussian,
    HoelderDensity,
    ParetoRadial,
    Spikes,
    Steps,
    Student,
    Tent,
)
from gantheory.distributions.transport import (
    ConvexPushforward,
    MinFunnels,
)


__all__ = [
    "AlphaStable",
    "Banana",
    "BentGaussian",
    "Checkerboard",
    "Circles",
    "ConvexPushforward",
    "Density",
    "Distribution",
    "Edge",
    "Empirical",
    "Fact",
    "Facts",
    "Funnel",
    "GaussianMixture",
    "GeneralisedGaussian",
    "Grid",
    "HoelderDensity",
    "MinFunnels",
    "Modes",
    "Moons",
    "ParetoRadial",
    "Ring",
    "Spikes",
    "Spirals",
    "Steps",
    "Student",
    "Tent",
    "Topology",
]

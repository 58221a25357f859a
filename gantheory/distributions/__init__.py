"""Distributions: what can be sampled, with the truth about it."""

from gantheory.distributions.banana import Banana
from gantheory.distributions.bent_gaussian import BentGaussian
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.circles import Circles
from gantheory.distributions.cosine import Cosine
from gantheory.distributions.distribution import Density, Distribution
from gantheory.distributions.empirical import Empirical
from gantheory.distributions.facts import Edge, Fact, Facts, Modes, Topology
from gantheory.distributions.funnel import Funnel
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.grid import Grid
from gantheory.distributions.hierarchical_mixture import HierarchicalMixture
from gantheory.distributions.high_dimensional import HighDimensional
from gantheory.distributions.moons import Moons
from gantheory.distributions.noisy_circles import NoisyCircles
from gantheory.distributions.pinwheel import Pinwheel
from gantheory.distributions.potential import Potential
from gantheory.distributions.random_mixture import RandomMixture
from gantheory.distributions.rezende_mohamed import RezendeMohamed
from gantheory.distributions.ring import Ring
from gantheory.distributions.s_curve import SCurve
from gantheory.distributions.spirals import Spirals
from gantheory.distributions.stacked_modes import StackedModes
from gantheory.distributions.swiss_roll import SwissRoll
from gantheory.distributions.triangles import Triangles
from gantheory.distributions.uniform_box import UniformBox


__all__ = [
    "Banana",
    "BentGaussian",
    "Checkerboard",
    "Circles",
    "Cosine",
    "Density",
    "Distribution",
    "Edge",
    "Empirical",
    "Fact",
    "Facts",
    "Funnel",
    "GaussianMixture",
    "Grid",
    "HierarchicalMixture",
    "HighDimensional",
    "Modes",
    "Moons",
    "NoisyCircles",
    "Pinwheel",
    "Potential",
    "RandomMixture",
    "RezendeMohamed",
    "Ring",
    "SCurve",
    "Spirals",
    "StackedModes",
    "SwissRoll",
    "Topology",
    "Triangles",
    "UniformBox",
]

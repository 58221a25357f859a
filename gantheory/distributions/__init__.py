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
from gantheory.distributions.manifolds import (
    SO3,
    DisjointCircles,
    FlatTorus,
    GaussianTube,
    Helix,
    Isometric,
    KleinBottle,
    MoebiusBand,
    Segments,
    Sphere,
    Torus,
)
from gantheory.distributions.moons import Moons
from gantheory.distributions.ring import Ring
from gantheory.distributions.spirals import Spirals


__all__ = [
    "SO3",
    "Banana",
    "BentGaussian",
    "Checkerboard",
    "Circles",
    "Density",
    "DisjointCircles",
    "Distribution",
    "Edge",
    "Empirical",
    "Fact",
    "Facts",
    "FlatTorus",
    "Funnel",
    "GaussianMixture",
    "GaussianTube",
    "Grid",
    "Helix",
    "Isometric",
    "KleinBottle",
    "Modes",
    "MoebiusBand",
    "Moons",
    "Ring",
    "Segments",
    "Sphere",
    "Spirals",
    "Topology",
    "Torus",
]

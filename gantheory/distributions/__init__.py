"""Distributions: what can be sampled, with the truth about it."""

from gantheory.distributions.algebra import (
    Affine,
    Composed,
    Conditional,
    Embedded,
    Map,
    Mixture,
    Product,
    Pushforward,
    RadialPower,
    Shear,
    SinhArcsinh,
    Standardised,
    Tempered,
    Twist,
    WithNoise,
)
from gantheory.distributions.banana import Banana
from gantheory.distributions.bent_gaussian import BentGaussian
from gantheory.distributions.bridge import Bridge
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.circles import Circles
from gantheory.distributions.corners import Corners
from gantheory.distributions.dialled import Dialled
from gantheory.distributions.dials import Dial, dials
from gantheory.distributions.distribution import Density, Distribution, MaybeDensity
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
from gantheory.distributions.overlap_ring import OverlapRing
from gantheory.distributions.plate import Plate
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


__all__ = [
    "SO3",
    "Affine",
    "AlphaStable",
    "Banana",
    "BentGaussian",
    "Bridge",
    "Checkerboard",
    "Circles",
    "Composed",
    "Conditional",
    "Corners",
    "Density",
    "Dial",
    "Dialled",
    "DisjointCircles",
    "Distribution",
    "Edge",
    "Embedded",
    "Empirical",
    "Fact",
    "Facts",
    "FlatTorus",
    "Funnel",
    "GaussianMixture",
    "GaussianTube",
    "GeneralisedGaussian",
    "Grid",
    "Helix",
    "HoelderDensity",
    "Isometric",
    "KleinBottle",
    "Map",
    "MaybeDensity",
    "Mixture",
    "Modes",
    "MoebiusBand",
    "Moons",
    "OverlapRing",
    "ParetoRadial",
    "Plate",
    "Product",
    "Pushforward",
    "RadialPower",
    "Ring",
    "Segments",
    "Shear",
    "SinhArcsinh",
    "Sphere",
    "Spikes",
    "Spirals",
    "Standardised",
    "Steps",
    "Student",
    "Tempered",
    "Tent",
    "Topology",
    "Torus",
    "Twist",
    "WithNoise",
    "dials",
]

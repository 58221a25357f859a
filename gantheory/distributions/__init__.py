"""Distributions: what can be sampled, with the truth about it."""

from gantheory.distributions.algebra import (
    Affine,
    Composed,
    Conditional,
    Embedded,
    Map,
    Mixture,
    NuisanceAxis,
    Product,
    Pushforward,
    Quantised,
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
from gantheory.distributions.cosine import Cosine
from gantheory.distributions.dialled import Dialled
from gantheory.distributions.dials import Dial, dials
from gantheory.distributions.distribution import Density, Distribution, MaybeDensity
from gantheory.distributions.empirical import Empirical
from gantheory.distributions.facts import Edge, Fact, Facts, Modes, Topology
from gantheory.distributions.funnel import Funnel
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.grid import Grid
from gantheory.distributions.hierarchical_mixture import HierarchicalMixture
from gantheory.distributions.high_dimensional import HighDimensional
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
from gantheory.distributions.noisy_circles import NoisyCircles
from gantheory.distributions.overlap_ring import OverlapRing
from gantheory.distributions.pinwheel import Pinwheel
from gantheory.distributions.plate import Plate
from gantheory.distributions.potential import Potential
from gantheory.distributions.random_mixture import RandomMixture
from gantheory.distributions.rezende_mohamed import RezendeMohamed
from gantheory.distributions.ring import Ring
from gantheory.distributions.s_curve import SCurve
from gantheory.distributions.spirals import Spirals
from gantheory.distributions.stacked_modes import StackedModes
from gantheory.distributions.swiss_roll import SwissRoll
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
from gantheory.distributions.transport import ConvexPushforward, MinFunnels
from gantheory.distributions.triangles import Triangles
from gantheory.distributions.uniform_box import UniformBox


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
    "ConvexPushforward",
    "Corners",
    "Cosine",
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
    "HierarchicalMixture",
    "HighDimensional",
    "HoelderDensity",
    "Isometric",
    "KleinBottle",
    "Map",
    "MaybeDensity",
    "MinFunnels",
    "Mixture",
    "Modes",
    "MoebiusBand",
    "Moons",
    "NoisyCircles",
    "NuisanceAxis",
    "OverlapRing",
    "ParetoRadial",
    "Pinwheel",
    "Plate",
    "Potential",
    "Product",
    "Pushforward",
    "Quantised",
    "RadialPower",
    "RandomMixture",
    "RezendeMohamed",
    "Ring",
    "SCurve",
    "Segments",
    "Shear",
    "SinhArcsinh",
    "Sphere",
    "Spikes",
    "Spirals",
    "StackedModes",
    "Standardised",
    "Steps",
    "Student",
    "SwissRoll",
    "Tempered",
    "Tent",
    "Topology",
    "Torus",
    "Triangles",
    "Twist",
    "UniformBox",
    "WithNoise",
    "dials",
]

"""Uniform laws on sets of lower dimension, whose topology and geometry are known."""

from gantheory.distributions.manifolds.disjoint_circles import DisjointCircles
from gantheory.distributions.manifolds.flat_torus import FlatTorus
from gantheory.distributions.manifolds.gaussian_tube import GaussianTube
from gantheory.distributions.manifolds.helix import Helix
from gantheory.distributions.manifolds.isometric import Isometric
from gantheory.distributions.manifolds.klein_bottle import KleinBottle
from gantheory.distributions.manifolds.moebius_band import MoebiusBand
from gantheory.distributions.manifolds.segments import Segments
from gantheory.distributions.manifolds.so3 import SO3
from gantheory.distributions.manifolds.sphere import Sphere
from gantheory.distributions.manifolds.torus import Torus


__all__ = [
    "SO3",
    "DisjointCircles",
    "FlatTorus",
    "GaussianTube",
    "Helix",
    "Isometric",
    "KleinBottle",
    "MoebiusBand",
    "Segments",
    "Sphere",
    "Torus",
]

"""Maps with known inverses and Jacobians, to push laws forward."""

from gantheory.distributions.algebra.maps.composed import Composed
from gantheory.distributions.algebra.maps.map import Map
from gantheory.distributions.algebra.maps.radial_power import RadialPower
from gantheory.distributions.algebra.maps.shear import Shear
from gantheory.distributions.algebra.maps.sinh_arcsinh import SinhArcsinh
from gantheory.distributions.algebra.maps.twist import Twist


__all__ = ["Composed", "Map", "RadialPower", "Shear", "SinhArcsinh", "Twist"]

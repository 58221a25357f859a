"""Laws made of other laws, with the truth about them."""

from gantheory.distributions.algebra.affine import Affine
from gantheory.distributions.algebra.conditional import Conditional
from gantheory.distributions.algebra.embedded import Embedded
from gantheory.distributions.algebra.maps import Composed, Map, RadialPower, Shear, SinhArcsinh, Twist
from gantheory.distributions.algebra.mixture import Mixture
from gantheory.distributions.algebra.nuisance_axis import NuisanceAxis
from gantheory.distributions.algebra.product import Product
from gantheory.distributions.algebra.pushforward import Pushforward
from gantheory.distributions.algebra.quantised import Quantised
from gantheory.distributions.algebra.standardised import Standardised
from gantheory.distributions.algebra.tempered import Tempered
from gantheory.distributions.algebra.with_noise import WithNoise


__all__ = [
    "Affine",
    "Composed",
    "Conditional",
    "Embedded",
    "Map",
    "Mixture",
    "NuisanceAxis",
    "Product",
    "Pushforward",
    "Quantised",
    "RadialPower",
    "Shear",
    "SinhArcsinh",
    "Standardised",
    "Tempered",
    "Twist",
    "WithNoise",
]

"""A law beside one axis that says nothing about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtr
from torch import Tensor

from gantheory.distributions.algebra.derived import Derived, density
from gantheory.distributions.algebra.product import Product
from gantheory.distributions.bridge import Bridge
from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Facts, Modes
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class NuisanceAxis(Derived):
    """A law and, as its last coordinate, an independent normal number with a shift.

    Equation: ``(x, t)`` with ``x ~ law`` and ``t ~ N(shift, 1)``. Against the law without a shift, the one
    defect is that of the axis, of total variation ``2 Phi(|shift| / 2) - 1``: `shift` is a dial of it, and
    keeps the law, the covariance and the entropy. It is for two-sample tests and critics that may look at
    nothing else.

    Raises `ValueError` for a shift that is not finite.

    Reference: Lopez-Paz, Oquab (2017), for tests by classifiers.

    Example:
        >>> from gantheory import Ring
        >>> round(NuisanceAxis(Ring(), shift=1.0).total_variation(), 4)
        0.3829
    """

    law: Distribution
    shift: float = 0.0

    def check(self) -> None:
        if not math.isfinite(self.shift):
            raise ValueError(f"NuisanceAxis: shift must be finite, got {self.shift}")

    @property
    def product(self) -> Product:
        """The product it is."""
        return Product((self.law, GaussianMixture(((self.shift,),))))

    def total_variation(self) -> float:
        """Return the total variation distance from the law whose axis has no shift."""
        return float(2 * ndtr(abs(self.shift) / 2) - 1)

    @property
    def dim(self) -> int:
        return self.law.dim + 1

    @property
    def no_density(self) -> str:
        return self.product.no_density

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.product.sample(n, key, start=start)

    def _log_prob(self, x: Tensor) -> Tensor:
        return density(self.product).log_prob(x)

    def _score(self, x: Tensor) -> Tensor:
        return density(self.product).score(x)

    def components(self) -> Modes | None:
        return self.product.components()

    def blurred(self, scale: float) -> Product | None:
        return self.product.blurred(scale)

    def tempered(self, temperature: float) -> Product | None:
        return self.product.tempered(temperature)

    def facts(self) -> Facts:
        return self.product.facts()

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        if dim < 2:
            return []
        held = ("covariance", "entropy", "labels")
        law = cls(Bridge(dim - 1))
        return [Dial("nuisance", "shift of an axis", law, "shift", 0, 4, "linear", "total_variation", held)]

    @classmethod
    def examples(cls) -> list[NuisanceAxis]:
        return [cls(Ring(), shift=0.5)]

"""Gaussians on a circle whose number moves nothing but itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scipy import integrate, optimize
from scipy.special import ndtr
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes, check_size
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class OverlapRing(GaussianModes):
    """A `Ring` of a stated Bayes error of its labels, with covariance I, whatever the number of modes.

    Equation: radius r and scale s solve ``r^2 / 2 + s^2 = 1`` and ``P(label(x) != k | mode k) = overlap``: the
    best classifier takes the nearest centre, so a point of a mode is missed outside the wedge of
    half-angle pi / modes around its centre. The usual ``s = c r sin(pi / modes)``
    holds the overlap only roughly. Two dials: `modes` and `overlap`, each holding the other, mean and covariance.

    Raises `ValueError` below three modes (two have no round covariance), above a million, or for an overlap outside
    (0, 1/2).

    Example:
        >>> [round(OverlapRing(modes=k, overlap=0.01).ring.scale, 3) for k in (3, 8, 20)]
        [0.432, 0.206, 0.086]
    """

    modes: int = 8
    overlap: float = 0.01

    def check(self) -> None:
        if self.modes < 3 or not 0 < self.overlap < 0.5:
            raise ValueError(f"OverlapRing needs at least 3 modes and an overlap in (0, 1/2), got {self}")
        check_size(self.modes, 2, "OverlapRing")

    @property
    def dim(self) -> int:
        return 2

    @property
    def ring(self) -> Ring:
        """The ring it is."""
        ratio = _ratio(self.modes, self.overlap)
        radius = (0.5 + ratio**2) ** -0.5
        return Ring(self.modes, radius, ratio * radius)

    def components(self) -> Modes:
        return self.ring.components()

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.ring.sample(n, key, start=start)

    def bayes_error(self) -> float:
        """Return the Bayes error of the labels, from the ring's own radius and scale."""
        ring = self.ring
        return _missed(ring.modes, ring.scale / ring.radius)

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        if dim != 2:
            return []
        still = ("mean", "covariance")
        return [
            Dial(
                "modes",
                "number of modes",
                cls(),
                "modes",
                3,
                16,
                "integers",
                "labels",
                (*still, "bayes_error"),
            ),
            Dial(
                "overlap",
                "Bayes error",
                cls(),
                "overlap",
                1e-4,
                0.3,
                "log",
                "bayes_error",
                (*still, "labels"),
            ),
        ]

    @classmethod
    def examples(cls) -> list[OverlapRing]:
        return [cls(), cls(modes=3, overlap=0.2)]


def _missed(modes: int, ratio: float) -> float:
    """The mass outside the wedge, of a Gaussian of that scale around (1, 0): along x, then across it."""
    steep = math.tan(math.pi / modes)

    def outside(t: float) -> float:
        return math.exp(-t * t / 2) / math.sqrt(2 * math.pi) * 2 * ndtr(-max(0.0, 1 / ratio + t) * steep)

    kink = max(-1 / ratio, -12.0)
    parts = [integrate.quad(outside, a, b, epsabs=1e-15, limit=200)[0] for a, b in ((-12, kink), (kink, 12))]
    return math.fsum(parts)


@lru_cache(maxsize=256)
def _ratio(modes: int, overlap: float) -> float:
    """Scale over radius."""

    def excess(log_ratio: float) -> float:
        return math.log(max(_missed(modes, math.exp(log_ratio)), 1e-300) / overlap)

    root: Any = optimize.brentq(excess, -12.0, 5.0, xtol=1e-14)
    return math.exp(root)

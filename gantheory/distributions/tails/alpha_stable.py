"""Symmetric stable laws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import gammaln
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts
from gantheory.distributions.points import check_points
from gantheory.distributions.tails.generalised_gaussian import GeneralisedGaussian
from gantheory.distributions.tails.stable_density import WIDTH, stable_quartile, stable_table
from gantheory.distributions.tails.student import Student


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class AlphaStable(Density):
    """The stable law around the origin that looks the same in every direction.

    Equation: ``E exp(i t.x) = exp(-|s t|^alpha)``; sums of n draws over ``n^(1/alpha)`` have the same law.
    The scale s is the one that gives every coordinate the median absolute deviation `mad`, for no variance
    exists below alpha 2; it is the property `scale`. alpha 1 is Cauchy's law, 2 Gauss'. `alpha` is a dial: it
    moves the tail index and keeps centre, symmetry and median absolute deviation. Draws are Kanter's exact
    transformation of a uniform, an exponential and a normal number; the density is the exact integral over
    the first two, tabulated, with errors of its logarithm below 1e-7 in up to 10 dimensions.

    Raises `ValueError` below one dimension, for an alpha outside [1/2, 2] (no stable law exists above 2;
    from 1/2 down the density has no table) or for a mad that is not positive and finite.

    Reference: Kanter (1975); Chambers, Mallows, Stuck (1976); Nolan (2013).

    Example:
        >>> AlphaStable(alpha=1.5).facts().covariance.reason
        'moments exist below order 1.5 only'
        >>> round(AlphaStable(alpha=1.0, mad=3.0).scale, 9)
        3.0
    """

    alpha: float = 1.5
    dim: int = 1
    mad: float = 1.0

    def check(self) -> None:
        if not 0 < self.alpha <= 2:
            raise ValueError(f"AlphaStable: no stable law has alpha {self.alpha}: choose it in [0.5, 2]")
        if self.alpha < 0.5:
            raise ValueError(f"AlphaStable: the density is known for alpha in [0.5, 2], got {self.alpha}")
        if self.dim < 1 or not 0 < self.mad < math.inf:
            raise ValueError(f"AlphaStable needs a dimension and a positive, finite mad, got {self}")

    @property
    def scale(self) -> float:
        """The factor s of the standard law."""
        return self.mad / (stable_quartile(self.alpha) if self.alpha < 2 else _GAUSS)

    def _known(self) -> Student | GeneralisedGaussian | None:
        """The law with a closed density that this one is."""
        if self.alpha == 1:
            return Student(1.0, self.dim, self.mad)
        return GeneralisedGaussian(2.0, self.dim, self.mad) if self.alpha == 2 else None

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        z = key.child("noise").normal(n, self.dim, start=start)
        u = key.child("angle").uniform(n, 1, start=start).double()
        e = -key.child("exponential").uniform(n, 1, start=start).double().log()
        a, angle = self.alpha / 2, math.pi * u
        if a < 1:
            log_a = a * (a * angle).sin().log() + (1 - a) * ((1 - a) * angle).sin().log()
            log_a = (log_a - (math.pi * u.minimum(1 - u)).sin().log() - (1 - a) * e.log()) / a
        else:
            log_a = torch.zeros_like(u)  # the variance is constant
        return (self.scale * math.sqrt(2) * (log_a / 2).exp() * z.double()).to(z.dtype)

    def log_prob(self, x: Tensor) -> Tensor:
        known = self._known()
        if known is not None:
            return known.log_prob(x)
        square = check_points(x, self.dim).double().square().sum(-1) / self.scale**2
        log_p, _ = _standard(self.alpha, self.dim, square)
        return (log_p - self.dim * math.log(self.scale)).to(x.dtype)

    def score(self, x: Tensor) -> Tensor:
        known = self._known()
        if known is not None:
            return known.score(x)
        square = check_points(x, self.dim).double().square().sum(-1, keepdim=True) / self.scale**2
        _, slope = _standard(self.alpha, self.dim, square)
        return (2 * slope * x / self.scale**2).to(x.dtype)

    def tempered(self, temperature: float) -> Student | GeneralisedGaussian | None:
        known = self._known()
        return None if known is None else known.tempered(temperature)

    def facts(self) -> Facts:
        known = self._known()
        if known is not None:
            return known.facts()
        missing = Fact(None, reason=f"moments exist below order {self.alpha} only")
        entropy, error = _entropy(self.alpha, self.dim)
        return Facts(
            mean=Fact(np.zeros(self.dim)) if self.alpha > 1 else missing,
            covariance=missing,
            entropy=Fact(entropy + self.dim * math.log(self.scale), error),
            support_distance=WHOLE_SPACE,
            project=WHOLE_SPACE,
            intrinsic_dimension=Fact(self.dim),
            tail_index=Fact(self.alpha),
            smoothness=Fact(math.inf),
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        held = ("mad", "intrinsic_dimension")
        if dim > 10:
            return []  # beyond the density's tables
        return [Dial("tails", "tail index", cls(dim=dim), "alpha", 0.6, 2, "linear", "tail_index", held)]

    @classmethod
    def examples(cls) -> list[AlphaStable]:
        return [cls(), cls(alpha=0.8, dim=2, mad=0.5)]


_GAUSS = 0.9538725524089402
"""The median absolute deviation of N(0, 2), the stable law of index 2."""


def _standard(alpha: float, d: int, square: Tensor) -> tuple[Tensor, Tensor]:
    """Return log p of the standard law at squares of radii, and its derivative by the square."""
    table = stable_table(alpha, d)
    inner, outer = (torch.tensor(v.copy(), device=square.device) for v in (table.inner, table.outer))
    near = square.clamp(max=table.limit)
    v = (near / table.core).log1p() / 2
    piece = (v.detach() / WIDTH).long().clamp(0, len(inner) - 1)  # NaN is no number of a piece
    value, slope = _horner(inner[piece].unbind(-1), 2 * (v / WIDTH - piece) - 1)
    near_p = value - (d + alpha) * v
    near_slope = (2 / WIDTH * slope - (d + alpha)) / (2 * (table.core + near))
    far = square.clamp(min=table.limit)
    z = (-alpha / 2 * (far / table.limit).log()).exp()
    value, slope = _horner(outer.unbind(), z)
    far_p = value.log() - (d + alpha) / 2 * far.log()
    far_slope = -(alpha * z * slope / value + d + alpha) / (2 * far)
    inside = square < table.limit
    return near_p.where(inside, far_p), near_slope.where(inside, far_slope)


def _horner(coefficients: tuple[Tensor, ...], t: Tensor) -> tuple[Tensor, Tensor]:
    """Return a polynomial, given highest power first, and its derivative."""
    value, slope = torch.zeros_like(t), torch.zeros_like(t)
    for c in coefficients:
        value, slope = value * t + c, slope * t + value
    return value, slope


@lru_cache(maxsize=64)
def _entropy(alpha: float, d: int) -> tuple[float, float]:
    """The entropy of the standard law, by the trapezoid rule in the logarithm of the radius, and its error."""
    log_area = math.log(2) + d / 2 * math.log(math.pi) - float(gammaln(d / 2))
    high = math.log(stable_table(alpha, d).limit) / 2 + 40 / alpha
    values = []
    for step in (0.03, 0.02):
        log_r = torch.arange(high - 80 - 40 / alpha, high, step, dtype=torch.float64)
        log_p, _ = _standard(alpha, d, (2 * log_r).exp())
        mass = step * (log_area + d * log_r + log_p).exp()
        values.append(-float(mass @ log_p))
    return values[1], 3 * abs(values[1] - values[0]) + 1e-7 * (1 + abs(values[1]))

"""Gaussians at the corners of a simplex or a hypercube."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from scipy import integrate, linalg
from scipy.stats import norm
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.mixture import GaussianModes, mixture_facts
from gantheory.distributions.mixture_entropy import mixture_entropy


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Corners(GaussianModes):
    """Round Gaussians at the dim + 1 corners of a regular simplex, or the 2^dim of a hypercube.

    Equation: ``p(x) = sum_k w_k N(x; m_k, scale^2 I)``, with nearest corners `separation` standard deviations
    apart, ``w_k ~ k^-imbalance``, and the scale for which equal weights have the covariance I. Two dials:
    `separation` moves the overlap and holds mean, covariance and weights; `imbalance` moves the
    weights and holds centres and scale (mean and covariance then follow).

    Raises `ValueError` below one dimension, above 12 for a hypercube, for a separation that is not positive or
    an imbalance that is negative.

    Example:
        >>> Corners(dim=3, shape="hypercube").facts().labels.value.size
        8
        >>> round(Corners(dim=2, separation=4.0).bayes_error(), 4)
        0.0414
    """

    dim: int = 2
    shape: Literal["simplex", "hypercube"] = "simplex"
    separation: float = 6.0
    imbalance: float = 0.0

    def check(self) -> None:
        if not 1 <= self.dim <= (12 if self.shape == "hypercube" else 1000):
            raise ValueError(
                f"Corners: dim must be 1 to 12 for a hypercube, to 1000 for a simplex, got {self}"
            )
        if not (0 < self.separation < math.inf and 0 <= self.imbalance < math.inf):
            raise ValueError(f"Corners needs a positive separation and no negative imbalance, got {self}")

    @property
    def scale(self) -> float:
        """The standard deviation of a mode."""
        spread = self.separation**2 / (4 if self.shape == "hypercube" else 2 * (self.dim + 1))
        return (1 + spread) ** -0.5

    def components(self) -> Modes:
        if self.shape == "hypercube":
            centres = np.array(list(itertools.product((-0.5, 0.5), repeat=self.dim)))
        else:
            centres = linalg.helmert(self.dim + 1).T / 2**0.5  # rows 1 apart, around 0
        count = len(centres)
        weights = np.arange(1.0, count + 1) ** -self.imbalance
        covariances = np.broadcast_to(self.scale**2 * np.eye(self.dim), (count, self.dim, self.dim))
        return Modes(self.separation * self.scale * centres, covariances, weights / weights.sum())

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        modes = self.components()
        noise = key.child("noise").normal(n, self.dim, start=start)
        u = key.child("mode").uniform(n, start=start, dtype=torch.float64, device=noise.device)
        edges = torch.as_tensor(modes.weights.cumsum()[:-1], device=noise.device)
        centres = torch.as_tensor(modes.centres, dtype=noise.dtype, device=noise.device)
        return centres[torch.searchsorted(edges, u, right=True)] + self.scale * noise

    def bayes_error(self) -> float:
        """Return the least share of labels that any classifier misses, for equal weights.

        Equation: ``1 - Phi(s / 2)^d`` for the hypercube, ``1 - integral phi(t - s / sqrt 2) Phi(t)^d dt`` for
        the simplex, with the separation s. Raises `ValueError` for an imbalance.
        """
        if self.imbalance:
            raise ValueError(
                f"the Bayes error is known for equal weights only, got imbalance={self.imbalance}"
            )
        if self.shape == "hypercube":
            return float(-np.expm1(self.dim * norm.logcdf(self.separation / 2)))
        shift = self.separation / 2**0.5
        # 1 - Phi^d, not Phi^d: a small error is then not the difference of two ones
        wrong = lambda t: norm.pdf(t - shift) * -np.expm1(self.dim * norm.logcdf(t))  # noqa: E731
        return integrate.quad(wrong, shift - 12, shift + 12, epsabs=1e-14, limit=200)[0]

    def facts(self) -> Facts:
        return mixture_facts(self.components(), entropy=self._entropy())

    def _entropy(self) -> Fact:
        modes = self.components()
        if self.shape == "simplex":
            return _simplex_entropy(self.dim, self.separation, self.scale, tuple(modes.weights.tolist()))
        if self.imbalance:
            return mixture_entropy(modes)
        pair = Corners(1, "hypercube", self.separation)  # every axis is one, independent of the others
        fact = mixture_entropy(pair.components())
        return Fact(self.dim * (fact.value + math.log(self.scale / pair.scale)), self.dim * fact.error)

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        equal = ("mean", "covariance", "labels")
        fixed = ("modes.centres", "modes.covariances")
        return [
            Dial("overlap", "separation", cls(dim), "separation", 2, 8, "log", "bayes_error", equal),
            Dial("imbalance", "weights of modes", cls(dim), "imbalance", 0, 3, "linear", "labels", fixed),
        ]

    @classmethod
    def examples(cls) -> list[Corners]:
        return [cls(separation=4.0, imbalance=1.0), cls(3, "hypercube")]


@lru_cache(maxsize=64)
def _simplex_entropy(d: int, separation: float, scale: float, weights: tuple[float, ...]) -> Fact:
    """The entropy by integrals over one number, in any dimension.

    With one more axis the corners are ``a e_1, ..., a e_K``, a = separation / sqrt 2, so that from mode i
    ``log p(x) = log N(x; a e_i, I) + log S - log S_i`` with ``S = sum_j w_j exp(a x_j)``, ``S_i = exp(a x_i)`` and
    independent x_j. Then ``E log S = integral over u of exp(-e^u) - prod_j E exp(-w_j e^(u + a x_j))``, and the
    trapezoid rule converges exponentially for both integrals.
    """
    a, w = separation / 2**0.5, np.array(weights)
    values = []
    for fine in (1.0, 1.3):
        g = np.arange(-10, 10, min(0.15, 0.45 / a) / fine)
        u = np.arange(-(a**2) - 10 * a - 40, 10 * a + 10 - math.log(w.min()), 0.25 / fine)
        plain, own = (_damped(u[:, None] + np.log(w) + shift, a, g) for shift in (0.0, a**2))
        others = _products_without(plain)
        mean_log = (np.exp(-np.exp(u))[:, None] - own * others).sum(0) * (0.25 / fine)
        values.append(float(w @ (a**2 - mean_log)))
    noise = d / 2 * math.log(2 * math.pi * math.e) + d * math.log(scale)
    return Fact(noise + values[1], 3 * abs(values[1] - values[0]) + 1e-10)


def _damped(v: np.ndarray, a: float, g: np.ndarray) -> np.ndarray:
    """``E exp(-e^(v + a g))`` for a standard normal g, by the trapezoid rule on the points given."""
    weight = norm.pdf(g) * (g[1] - g[0])
    return np.stack([np.exp(-np.exp(np.minimum(row[:, None] + a * g, 50))) @ weight for row in v])


def _products_without(x: np.ndarray) -> np.ndarray:
    """The products over all columns but one, for every one, without division."""
    ahead = np.cumprod(np.concatenate((np.ones_like(x[:, :1]), x[:, :-1]), axis=1), axis=1)
    behind = np.cumprod(np.concatenate((np.ones_like(x[:, :1]), x[:, :0:-1]), axis=1), axis=1)[:, ::-1]
    return ahead * behind

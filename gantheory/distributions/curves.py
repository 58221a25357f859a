"""What noisy curves share: a point uniform in a curve's parameter, plus isotropic Gaussian noise."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points
from gantheory.ops import log_sum_exp, softmax_average


if TYPE_CHECKING:
    from gantheory.random import Key


_NODES = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class NoisyCurves(Density, ABC):
    """A uniformly chosen curve, a random coordinate s in (0, 1) on it, and noise of variance scale^2.

    The density is the integral over s by Gauss-Legendre rules on pieces at most 1.5 scale long, whose
    error is below 1e-10. A leaf gives `scale`, `curves`, `place`, `speed` and `betti`; and where s is not
    uniform, `coordinate` and `mass`.
    """

    if TYPE_CHECKING:  # a field of the leaf

        @property
        def scale(self) -> float:
            """The noise's standard deviation."""
            ...

    def check(self) -> None:
        if not 0 < self.scale < math.inf:
            raise ValueError(f"{type(self).__name__}: scale must be positive and finite, got {self.scale}")

    @property
    def dim(self) -> int:
        return 2

    @property
    @abstractmethod
    def curves(self) -> int:
        """The number of curves."""

    @abstractmethod
    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        """Return the points (..., 2) at coordinates s (...) of the curves of these numbers (...)."""

    @property
    @abstractmethod
    def speed(self) -> float:
        """The largest |d place / ds|."""

    @property
    @abstractmethod
    def betti(self) -> tuple[int, ...]:
        """The Betti numbers of the curves' union."""

    def coordinate(self, u: Tensor) -> Tensor:
        """Return the coordinate s that a uniform number becomes."""
        return u

    def mass(self, s: np.ndarray) -> np.ndarray:
        """Return the density of s."""
        return np.ones_like(s)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        u = key.child("place").uniform(n, start=start)
        curve = key.child("curve").integers(self.curves, n, start=start, device=noise.device)
        return self.place(curve, self.coordinate(u)) + self.scale * noise

    def log_prob(self, x: Tensor) -> Tensor:
        nodes, bias, _ = self._held(x)
        constant = self.dim * math.log(self.scale * math.sqrt(2 * math.pi))
        return log_sum_exp(check_points(x, self.dim), nodes, epsilon=2 * self.scale**2, bias=bias) - constant

    def score(self, x: Tensor) -> Tensor:
        nodes, bias, _ = self._held(x)
        middle = softmax_average(
            check_points(x, self.dim), nodes, nodes, epsilon=2 * self.scale**2, bias=bias
        )
        return (middle - x) / self.scale**2

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number of the likeliest curve."""
        nodes, bias, label = self._held(x)
        shares = [
            log_sum_exp(x, nodes, epsilon=2 * self.scale**2, bias=bias.where(label == c, -torch.inf))
            for c in range(self.curves)
        ]
        return torch.stack(shares, dim=-1).argmax(-1)

    def blurred(self, scale: float) -> Density:
        return self.replace(scale=math.hypot(self.scale, scale))

    def _held(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        nodes, log_weights, label = _quadrature(self)
        return nodes.to(x), log_weights.to(x), label.to(x.device)

    def facts(self) -> Facts:
        nodes, log_weights, _ = (v.numpy() for v in _quadrature(self))
        weights = np.exp(log_weights)
        mean = weights @ nodes
        covariance = (weights[:, None] * (nodes - mean)).T @ (nodes - mean)
        return Facts(
            mean=Fact(mean, 1e-12),
            covariance=Fact(covariance + self.scale**2 * np.eye(self.dim), 1e-12),
            entropy=_entropy(self),
            mode_of=Fact(self.mode_of),
            labels=Fact(np.full(self.curves, 1 / self.curves)),
            noise=Fact(self.scale),
            intrinsic_dimension=Fact(self.dim),
            topology=Fact(Topology(self.betti, "the curves without noise")),
            tail_index=Fact(math.inf),
        )


@lru_cache(maxsize=64)
def _quadrature(law: NoisyCurves) -> tuple[Tensor, Tensor, Tensor]:
    """Nodes (K, 2), their log-weights (K,), which add up to 1, and the curve of each."""
    pieces = max(4, math.ceil(law.speed / (1.5 * law.scale)))
    if pieces * law.curves > 50_000:
        raise ValueError(f"scale is too small for the density's quadrature, which {law} needs: raise it")
    at, mass = _NODES
    s = ((np.arange(pieces)[:, None] + (at + 1) / 2) / pieces).ravel()
    log_mass = np.log(np.tile(mass / 2, pieces) * law.mass(s) / (pieces * law.curves))
    label = torch.arange(law.curves).repeat_interleave(len(s))
    nodes = law.place(label, torch.from_numpy(np.tile(s, law.curves)))
    return nodes, torch.from_numpy(np.tile(log_mass, law.curves)), label


@lru_cache(maxsize=64)
def _entropy(law: NoisyCurves) -> Fact:
    """The entropy by Gauss-Hermite noise around the curve's nodes, with the difference of two orders."""
    nodes, log_weights, _ = _quadrature(law)
    values = []
    for order in (12, 17):
        z, mass = np.polynomial.hermite_e.hermegauss(order)
        noise = torch.from_numpy(np.stack(np.meshgrid(z, z), axis=-1).reshape(-1, 2))
        weight = torch.from_numpy(np.outer(mass, mass).ravel() / (2 * math.pi))
        total = 0.0
        for part, log_part in zip(nodes.split(64), log_weights.split(64)):
            log_p = law.log_prob((part[:, None] + law.scale * noise).reshape(-1, 2)).reshape(len(part), -1)
            total -= float(log_part.exp() @ (log_p @ weight))
        values.append(total)
    return Fact(values[1], 3 * abs(values[1] - values[0]) + 1e-9)

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

from gantheory.distributions import band
from gantheory.distributions.blocks import in_blocks
from gantheory.distributions.curve_projection import nearest_on_curves
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points
from gantheory.ops import log_sum_exp, softmax_average


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class NoisyCurves(Density, ABC):
    """A uniformly chosen curve, a random coordinate s in (0, 1) on it, and noise of variance scale^2.

    The density is the integral over s by Gauss-Legendre rules on pieces at most 1.5 scale long, whose
    error is below 1e-10. A leaf gives `scale`, `curves`, `place`, `speed` and `betti`; where s is not
    uniform, `coordinate` and `mass`; and `band` where the curves are drawn out to sheets in space: then the
    plane is that of the first and third axis.
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
        return 2 if self.band is None else 3

    @property
    def band(self) -> float | None:
        """The length of the interval (0, band) of the second axis over which curves are drawn out, if any."""
        return None

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

    @in_blocks
    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        u = key.child("place").uniform(n, start=start)
        curve = torch.zeros((), dtype=torch.int64, device=noise.device)
        if self.curves > 1:
            curve = key.child("curve").integers(self.curves, n, start=start, device=noise.device)
        point = self.place(curve, self.coordinate(u))
        if self.band is not None:
            point = self._with_band(point, self.band * key.child("band").uniform(n, start=start))
        return noise.mul_(self.scale).add_(point)  # two passes fewer over the memory

    def log_prob(self, x: Tensor) -> Tensor:
        log_p = self._plane_log_prob(self._plane(x))
        return log_p if self.band is None else log_p + band.log_prob(x[..., 1], self.band, self.scale)

    def score(self, x: Tensor) -> Tensor:
        plane = self._plane(x)
        nodes, bias, _ = self._held(x)
        middle = softmax_average(plane, nodes, nodes, epsilon=2 * self.scale**2, bias=bias)
        score = (middle - plane) / self.scale**2
        return (
            score
            if self.band is None
            else self._with_band(score, band.score(x[..., 1], self.band, self.scale))
        )

    def _plane(self, x: Tensor) -> Tensor:
        """The coordinates of points in the curves' plane."""
        x = check_points(x, self.dim)
        return x if self.band is None else torch.stack((x[..., 0], x[..., 2]), dim=-1)

    def _with_band(self, plane: Tensor, along: Tensor) -> Tensor:
        return torch.stack((plane[..., 0], along, plane[..., 1]), dim=-1)

    def _plane_log_prob(self, plane: Tensor) -> Tensor:
        nodes, bias, _ = self._held(plane)
        constant = 2 * math.log(self.scale * math.sqrt(2 * math.pi))
        return log_sum_exp(plane, nodes, epsilon=2 * self.scale**2, bias=bias) - constant

    def _project(self, x: Tensor) -> Tensor:
        near = nearest_on_curves(self.place, self.curves, self._plane(x))
        return near if self.band is None else self._with_band(near, x[..., 1].clamp(0, self.band))

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number of the likeliest curve."""
        plane = self._plane(x)
        nodes, bias, label = self._held(x)
        shares = [
            log_sum_exp(plane, nodes, epsilon=2 * self.scale**2, bias=bias.where(label == c, -torch.inf))
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
        entropy = _entropy(self)
        if self.band is not None:
            mean = np.insert(mean, 1, self.band / 2)
            covariance = np.insert(np.insert(covariance, 1, 0, axis=0), 1, 0, axis=1)
            covariance[1, 1] = self.band**2 / 12
            across = band.entropy(self.band, self.scale)
            entropy = Fact(entropy.value + across.value, entropy.error + across.error)
        return Facts(
            mean=Fact(mean, 1e-12),
            covariance=Fact(covariance + self.scale**2 * np.eye(self.dim), 1e-12),
            entropy=entropy,
            mode_of=Fact(self.mode_of),
            labels=Fact(np.full(self.curves, 1 / self.curves)),
            support_distance=Fact(lambda x: (x - self._project(x)).norm(dim=-1)),
            project=Fact(self._project),
            noise=Fact(self.scale),
            intrinsic_dimension=Fact(self.dim),
            topology=Fact(Topology(self.betti, "the curves without noise")),
            tail_index=Fact(math.inf),
        )


@lru_cache(maxsize=64)
def _quadrature(law: NoisyCurves, count: int = 8) -> tuple[Tensor, Tensor, Tensor]:
    """Nodes (K, 2), `count` a piece, their log-weights (K,), which add up to 1, and the curve of each."""
    pieces = max(4, math.ceil(law.speed / (1.5 * law.scale)))
    if pieces * law.curves > 50_000:
        raise ValueError(f"scale is too small for the density's quadrature, which {law} needs: raise it")
    at, mass = np.polynomial.legendre.leggauss(count)
    s = ((np.arange(pieces)[:, None] + (at + 1) / 2) / pieces).ravel()
    log_mass = np.log(np.tile(mass / 2, pieces) * law.mass(s) / (pieces * law.curves))
    label = torch.arange(law.curves).repeat_interleave(len(s))
    nodes = law.place(label, torch.from_numpy(np.tile(s, law.curves)))
    return nodes, torch.from_numpy(np.tile(log_mass, law.curves)), label


@lru_cache(maxsize=64)
def _entropy(law: NoisyCurves) -> Fact:
    """The plane's entropy by Gauss-Hermite noise around nodes on the curve, with three times the difference of
    two rules; coarser ones than the density's, whose cost is their product with the noise's."""
    values = []
    for order, count in ((9, 3), (13, 4)):
        nodes, log_weights, _ = _quadrature(law, count)
        z, mass = np.polynomial.hermite_e.hermegauss(order)
        noise = torch.from_numpy(np.stack(np.meshgrid(z, z), axis=-1).reshape(-1, 2))
        weight = torch.from_numpy(np.outer(mass, mass).ravel() / (2 * math.pi))
        points = (nodes[:, None] + law.scale * noise).reshape(-1, 2)
        log_p = log_sum_exp(points, nodes, epsilon=2 * law.scale**2, bias=log_weights)
        surprise = 2 * math.log(law.scale * math.sqrt(2 * math.pi)) - log_p.reshape(len(nodes), -1) @ weight
        values.append(float(log_weights.exp() @ surprise))
    return Fact(values[1], 3 * abs(values[1] - values[0]) + 1e-9)

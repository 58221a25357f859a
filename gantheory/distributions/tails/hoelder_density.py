"""Densities of a given smoothness."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import beta
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.points import check_points
from gantheory.distributions.tails.bumps import UNIT, bump, bump_slope, cells


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class HoelderDensity(Density):
    """A density on the unit cube that is as smooth as its Hoelder exponent says, at every place and scale.

    Equation: ``p(x) = 1 + a sum_{j < levels} w_j sum_k sign_jk b(2^j x - k)``: level j covers the cube with
    2^(j dim) cells and puts a bump b of size at most 1 into each, odd along a random axis, with a random
    sign; the weights w_j fall like ``2^(-smoothness j)`` and add up to 1, so p is positive. Signs and axes come from
    the integer `seed`. The amplitude a is the one for which the law has the stated `entropy` in nats (the
    uniform law has 0), so `smoothness` is a dial: it moves the exponent and keeps support and entropy. Below lengths of
    2^-levels, by default ``12 // dim`` levels, the density is a smooth polynomial.

    All exact: p is a mixture over levels of uniform laws whose points are reflected within their cell with
    probability ``(1 - a sign b) / 2``, and so it is drawn. The bumps are C^4, of exponent 5.

    Raises `ValueError` for a smoothness outside (0, 4], a dim outside 1 to 4, levels with dim * levels above
    12, or an entropy that is not negative or that no amplitude up to 1 reaches (then it says which can be).

    Reference: Tsybakov (2009), section 2.6, for bumps at one scale.

    Example:
        >>> law = HoelderDensity(smoothness=0.5, entropy=-0.01)
        >>> round(law.facts().entropy.value, 6)
        -0.01
    """

    smoothness: float = 1.0
    dim: int = 1
    entropy: float = -0.005
    levels: int | None = None
    seed: int = 0

    def check(self) -> None:
        if not 0 < self.smoothness <= 4:
            raise ValueError(f"HoelderDensity: smoothness must lie in (0, 4], got {self.smoothness}")
        if not 1 <= self.dim <= 4 or self._levels < 1 or self.dim * self._levels > 12:
            raise ValueError(
                f"HoelderDensity needs 1 to 4 dimensions and dim * levels of 1 to 12, got {self}"
            )
        least = _entropy(self, 1.0)
        if not least <= self.entropy < 0:
            raise ValueError(
                f"HoelderDensity: entropy must lie in [{least:.4g}, 0) for this smoothness, got {self.entropy}"
            )

    @property
    def _levels(self) -> int:
        return 12 // self.dim if self.levels is None else self.levels

    def _weights(self) -> np.ndarray:
        weights = 2.0 ** (-self.smoothness * np.arange(self._levels))
        return weights / weights.sum()

    @property
    def amplitude(self) -> float:
        """The factor a of the bumps."""
        return _amplitude(self)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        x = key.child("place").uniform(n, self.dim, start=start)
        coin = key.child("coin").uniform(n, start=start, device=x.device)
        u = key.child("level").uniform(n, start=start, dtype=torch.float64, device=x.device)
        level = torch.searchsorted(torch.as_tensor(self._weights().cumsum()[:-1]).to(u.device), u, right=True)
        for j in range(self._levels):
            sign, axis, v = cells(self.seed, j, x)
            flip = (level == j) & (2 * coin > 1 + self.amplitude * sign * bump(v, axis))
            turned = x - v * axis * 2.0**-j  # the mirror image in the cell's middle
            x = torch.where(flip[..., None], turned, x)
        return x

    def _height(self, x: Tensor) -> Tensor:
        """The density inside the cube."""
        height = torch.ones_like(x[..., 0])
        for j, weight in enumerate(self._weights()):
            sign, axis, v = cells(self.seed, j, x)
            height = height + self.amplitude * weight * sign * bump(v, axis)
        return height

    def log_prob(self, x: Tensor) -> Tensor:
        x = check_points(x, self.dim)
        inside = ((x >= 0) & (x <= 1)).all(-1)
        return self._height(x.clamp(0, 1)).log().where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        slope = torch.zeros_like(check_points(x, self.dim))
        held = x.clamp(0, 1)
        for j, weight in enumerate(self._weights()):
            sign, axis, v = cells(self.seed, j, held)
            slope = slope + self.amplitude * weight * 2.0 ** (j + 1) * sign[..., None] * bump_slope(v, axis)
        return slope / self._height(held)[..., None]

    def facts(self) -> Facts:
        mean, covariance = _moments(self)
        d = self.dim
        finest = f"down to lengths of 2^-{self._levels}, below which the density is a smooth polynomial"
        return Facts(
            mean=Fact(mean),
            covariance=Fact(covariance),
            entropy=Fact(
                self.entropy, abs(_entropy(self, self.amplitude, coarse=True) - self.entropy) + 1e-9
            ),
            support_distance=Fact(lambda x: (check_points(x, d) - x.clamp(0, 1)).norm(dim=-1)),
            project=Fact(lambda x: check_points(x, d).clamp(0, 1)),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(d),
            topology=Fact(Topology((1,) + (0,) * (d - 1), "the support")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            smoothness=Fact(self.smoothness, reason=finest),
            edge=Fact(Edge(np.zeros(d), float(d))),  # the density is 1 at the cube's faces
        )

    @classmethod
    def examples(cls) -> list[HoelderDensity]:
        return [cls(smoothness=0.5), cls(smoothness=1.5, dim=2, entropy=-0.01, seed=1)]


class _Shape(NamedTuple):
    """What the bumps depend on, but not their amplitude."""

    smoothness: float
    dim: int
    levels: int
    seed: int


def _shape(law: HoelderDensity) -> _Shape:
    return _Shape(law.smoothness, law.dim, law._levels, law.seed)


@lru_cache(maxsize=32)
def _bumps(shape: _Shape, order: int) -> tuple[Tensor, Tensor]:
    """The sum of the bumps for amplitude 1 at Gauss-Legendre nodes of the finest cells, and weights."""
    nodes, mass = np.polynomial.legendre.leggauss(order)
    ticks = ((np.arange(2**shape.levels)[:, None] + (nodes + 1) / 2) / 2**shape.levels).ravel()
    mass = np.tile(mass / 2, 2**shape.levels) / 2**shape.levels
    x = torch.cartesian_prod(*[torch.from_numpy(ticks)] * shape.dim).reshape(-1, shape.dim)
    weight = torch.cartesian_prod(*[torch.from_numpy(mass)] * shape.dim).reshape(-1, shape.dim).prod(-1)
    total, height = 2.0 ** (-shape.smoothness * np.arange(shape.levels)), torch.zeros(len(x)).double()
    for j, part in enumerate(total / total.sum()):
        sign, axis, v = cells(shape.seed, j, x)
        height = height + part * sign * bump(v, axis)
    return height, weight


def _entropy(law: HoelderDensity, amplitude: float, *, coarse: bool = False) -> float:
    order = {1: 8, 2: 6, 3: 4, 4: 3}[law.dim]  # at most half a million nodes
    height, weight = _bumps(_shape(law), order - 1 if coarse else order)
    p = 1 + amplitude * height
    return -float(weight @ torch.xlogy(p, p))


@lru_cache(maxsize=256)
def _amplitude(law: HoelderDensity) -> float:
    return brentq(lambda a: _entropy(law, a) - law.entropy, 0.0, 1.0, xtol=1e-14)


@lru_cache(maxsize=256)
def _moments(law: HoelderDensity) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance: only the odd axis of a cell has a moment."""
    d = law.dim
    mean, square = np.full(d, 0.5), np.full((d, d), 0.25) + np.eye(d) / 12
    factor = UNIT * beta(1.5, 6) * beta(0.5, 6) ** (d - 1)  # the integral of b v_axis
    for j, weight in enumerate(law._weights()):
        middle = torch.cartesian_prod(*[(torch.arange(2**j).double() + 0.5) / 2**j] * d).reshape(-1, d)
        sign, axis, _ = cells(law.seed, j, middle)
        pull = (law.amplitude * weight * factor * 2.0 ** (-(j + 1) * (d + 1)) * sign[:, None] * axis).numpy()
        mean = mean + pull.sum(0)
        square = square + pull.T @ middle.numpy() + middle.numpy().T @ pull
    return mean, square - np.outer(mean, mean)

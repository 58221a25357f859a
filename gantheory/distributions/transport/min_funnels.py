"""A target whose Wasserstein-1 distance from its source, and the critic that attains it, are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.points import check_points
from gantheory.distributions.quasi import averaged, shifted_sobol
from gantheory.distributions.transport.funnels import Funnels, drawn
from gantheory.distributions.uniform_box import UniformBox


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class MinFunnels(Density):
    """The uniform law on a cube, moved along the transport rays of a minimum of funnels.

    Equation: ``u(x) = min_i (|x - a_i| + b_i)`` has slope 1 along the rays from a_i through the cell where
    funnel i is the least; a cell holds with each point the segment from a_i to it. A point of the source at
    a fraction t of its ray, which ends at the cell's or the cube's border, goes to the fraction
    ``t^power``: inwards for a power above 1, outwards below. What moves up u, all along rays, moves at the
    least cost: u, or -u for inward motion, is the optimal critic, and ``W_1 = |power - 1| / (dim + power)
    E|x - a|`` over the source. The centres a are uniform in the cube [-half_width, half_width]^dim, b is
    normal with standard deviation `spread`, both drawn from the integer `seed`. The density ``t^(dim / power
    - dim) / (power volume)`` at a fraction t of a ray and the entropy are exact; averages are over randomly
    shifted Sobol sequences.

    A power far above dim puts a share of about ``eps^(dim / power)`` of the samples into a centre, up to the
    rounding error eps, where the density is infinite: 2 % of them in float32 for power 8 in the plane.

    Draws of the law and of its `source` with one key are optimally coupled; take different keys for
    independent ones.

    Raises `ValueError` below one funnel or dimension, for a power or half_width that is not positive and
    finite, or a negative spread.

    Reference: Korotin, Kolesov, Burnaev (2022).

    Example:
        >>> law = MinFunnels(funnels=4, dim=2, power=8.0)
        >>> abs(law.distance().value - 1.1874) < 0.001
        True
    """

    funnels: int = 4
    dim: int = 2
    power: float = 8.0
    half_width: float = 2.5
    spread: float = 0.1
    seed: int = 0

    def check(self) -> None:
        if self.funnels < 1 or self.dim < 1:
            raise ValueError(f"MinFunnels needs a funnel and a dimension, got {self}")
        if not (0 < self.power < math.inf and 0 < self.half_width < math.inf and 0 <= self.spread < math.inf):
            raise ValueError(
                f"MinFunnels needs a positive power and half_width, and a spread from 0 up, got {self}"
            )

    def source(self) -> UniformBox:
        """Return the uniform law on the cube."""
        return UniformBox(self.dim, -self.half_width, self.half_width)

    def _funnels(self, x: Tensor) -> Funnels:
        return drawn(self.funnels, self.dim, self.half_width, self.spread, self.seed).to(x)

    def transport(self, x: Tensor) -> Tensor:
        """Return where points (..., n, dim) of the source go: an optimal plan."""
        ray = self._funnels(check_points(x, self.dim)).ray(x)
        return ray.centre + (ray.end * ray.fraction**self.power).unsqueeze(-1) * ray.direction

    def critic(self, x: Tensor) -> Tensor:
        """Return an optimal critic (..., n), of slope 1: high on the target, low on the source."""
        return self._sign * self._funnels(check_points(x, self.dim)).least(x)[0]

    def critic_gradient(self, x: Tensor) -> Tensor:
        """Return the critic's gradient (..., n, dim), of length 1 but at the funnels' centres."""
        return self._sign * self._funnels(check_points(x, self.dim)).ray(x).direction

    @property
    def _sign(self) -> float:
        return 1.0 if self.power < 1 else -1.0

    def distance(self) -> Fact:
        """Return the Wasserstein-1 distance between source and target, with its error."""
        share = abs(self.power - 1) / (self.dim + self.power)
        mean = _averages(self)[0]
        return Fact(share * mean.value, share * mean.error)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.transport(self.source().sample(n, key, start=start))

    def log_prob(self, x: Tensor) -> Tensor:
        inside = (check_points(x, self.dim).abs() <= self.half_width).all(-1)
        fraction = self._funnels(x).ray(x).fraction
        log_p = -self._bend * fraction.log() if self._bend else 0 * x.sum(-1)
        return (log_p - self._log_volume - math.log(self.power)).where(inside, -torch.inf)

    @property
    def _bend(self) -> float:
        return self.dim * (1 - 1 / self.power)

    @property
    def _log_volume(self) -> float:
        return self.dim * math.log(2 * self.half_width)

    def score(self, x: Tensor) -> Tensor:
        return -self._bend * self._funnels(check_points(x, self.dim)).fraction_slope(x)

    def tempered(self, temperature: float) -> MinFunnels | None:
        inverse = 1 - (1 - 1 / self.power) / temperature
        return self.replace(power=1 / inverse) if inverse > 0 else None  # beyond, no power makes the density

    def facts(self) -> Facts:
        d, half = self.dim, self.half_width
        _, mean, covariance = _averages(self)
        poles = Fact(None, reason="the density has poles at the funnels' centres")
        return Facts(
            mean=mean,
            covariance=covariance,
            entropy=Fact(self._log_volume + math.log(self.power) + 1 - self.power),
            support_distance=Fact(lambda x: (check_points(x, d).abs() - half).clamp(min=0).norm(dim=-1)),
            project=Fact(lambda x: check_points(x, d).clamp(-half, half)),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(d),
            topology=Fact(Topology((1,) + (0,) * (d - 1), "the support")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            smoothness=poles if self.power > 1 else Fact(0.0, reason="it ends with a jump"),
            edge=Fact(Edge(np.zeros(d), d / self.power)),  # the same at every point of the border
        )

    @classmethod
    def examples(cls) -> list[MinFunnels]:
        return [cls(power=0.5), cls(funnels=2, dim=3, power=0.25, half_width=1.0)]

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        source = (
            "Korotin et al. (2022), code: {} funnels in {} dimensions, power 8; the funnels are drawn anew"
        )
        return {
            f"w1_{dim}d_{funnels}": Preset(cls(funnels, dim), source.format(funnels, dim))
            for dim in (2, 4, 8, 16, 32, 64, 128)
            for funnels in (4, 16, 64, 256)
        }


@lru_cache(maxsize=64)
def _averages(law: MinFunnels) -> tuple[Fact, Fact, Fact]:
    """Over the source E|x - a|, over the law the mean and the covariance.

    A fraction of a ray is independent of the ray, with density d t^(d-1): offsets shrink on average by
    E t^power / E t, their squares by E t^(2 power) / E t^2.
    """
    d, power = law.dim, law.power
    first, second = (d + 1) / (d + power), (d + 2) / (d + 2 * power)
    rows = []
    for u in shifted_sobol(d):
        x = law.half_width * (2 * torch.from_numpy(u) - 1)
        ray = law._funnels(x).ray(x)
        a, offset = ray.centre, x - ray.centre
        cross = a.mT @ offset
        square = (a.mT @ a + first * (cross + cross.mT) + second * offset.mT @ offset) / len(x)
        rows.append((offset.norm(dim=-1).mean(), (a + first * offset).mean(0), square))
    length, mean, square = (np.stack([v.numpy() for v in column]) for column in zip(*rows))
    covariance = square - mean[:, :, None] * mean[:, None, :]
    return averaged(length), averaged(mean), averaged(covariance)

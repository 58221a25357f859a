"""A Gaussian along a warped sheet in a larger space, with noise across it and an exact density."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.frames import frame, rows_times, turned
from gantheory.distributions.manifolds.nearest import nearest_parameter
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class GaussianTube(Density):
    """Normal coordinates on an m-dimensional sheet in R^d, warped by a cosine, with noise across the sheet.

    Notation: m = intrinsic, d = ambient, a = warp, w = frequency, t = noise. Equation: ``x = Q y``,
    ``y = (z, a cos(w z_1) + t e_1, t e_2, ..., t e_{d-m})``, z ~ N(0, I_m), e ~ N(0, I_{d-m}), Q the orthogonal
    matrix of the seed. The warp is a shear, whose Jacobian is 1: density, score and the entropy
    ``d/2 log(2 pi e) + (d - m) log t`` are exact, and the entropy does not change with the warp. The sheet without
    noise has curvature ``a w^2`` and reach ``1 / (a w^2)``; ``t a w^2`` is the ratio of noise to reach. Without noise
    there is no density: see `Isometric`.

    Raises `ValueError` unless 1 <= intrinsic < ambient, for a negative warp, or a frequency or noise that is not
    positive.

    Reference: Loaiza-Ganem, Ross, Cresswell, Caterini (2022), for densities near a manifold.

    Example:
        >>> tube = GaussianTube(intrinsic=1, ambient=2, noise=0.1)
        >>> round(tube.facts().entropy.value, 4)
        0.5353
    """

    intrinsic: int = 1
    ambient: int = 2
    warp: float = 1.0
    frequency: float = 1.0
    noise: float = 0.1
    seed: int = 0

    def check(self) -> None:
        if not 1 <= self.intrinsic < self.ambient:
            raise ValueError(f"GaussianTube needs 1 <= intrinsic < ambient, got {self}")
        if not (0 <= self.warp < math.inf and 0 < self.frequency < math.inf and 0 < self.noise < math.inf):
            raise ValueError(f"GaussianTube needs a warp >= 0 and a positive frequency and noise, got {self}")

    @property
    def dim(self) -> int:
        return self.ambient

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        z = key.child("place").normal(n, self.intrinsic, start=start)
        across = self.noise * key.child("noise").normal(n, self.ambient - self.intrinsic, start=start)
        return self._turn(z, across)

    def _turn(self, z: Tensor, across: Tensor) -> Tensor:
        """Points at places z (..., m) on the sheet and offsets (..., d - m) from it."""
        lifted = across[..., :1] + self.warp * (self.frequency * z[..., :1]).cos()
        return turned(torch.cat((z, lifted, across[..., 1:]), dim=-1), self.seed, self.dim)

    def _flat(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Places (..., m) on the sheet and the offsets (..., d - m) from it."""
        y = rows_times(check_points(x, self.dim), frame(self.seed, self.dim, self.dim))
        z, rest = y[..., : self.intrinsic], y[..., self.intrinsic :]
        lifted = rest[..., :1] - self.warp * (self.frequency * z[..., :1]).cos()
        return z, torch.cat((lifted, rest[..., 1:]), dim=-1)

    def log_prob(self, x: Tensor) -> Tensor:
        z, across = self._flat(x)
        constant = self.dim / 2 * math.log(2 * math.pi) + across.shape[-1] * math.log(self.noise)
        return -(z.square().sum(-1) + (across / self.noise).square().sum(-1)) / 2 - constant

    def score(self, x: Tensor) -> Tensor:
        z, across = self._flat(x)
        pull = -across / self.noise**2
        steep = self.warp * self.frequency * (self.frequency * z[..., :1]).sin()
        along = torch.cat((pull[..., :1] * steep - z[..., :1], -z[..., 1:]), dim=-1)
        return turned(torch.cat((along, pull), dim=-1), self.seed, self.dim)

    def project(self, x: Tensor) -> Tensor:
        """Return the nearest point of the sheet without noise."""
        z, across = (v.reshape(-1, v.shape[-1]) for v in self._flat(x))
        a, w = self.warp, self.frequency
        height = across[:, :1] + a * (w * z[:, :1]).cos()
        # mirrored at the crests, no point gets nearer: the search stays between two of them
        crest = (w * z[:, :1] / math.pi).floor()

        def distance(at: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
            first, height, crest = at.unbind(-1)
            phase = math.pi * (crest + share)
            along, up = phase / w - first, a * phase.cos() - height
            return along.square() + up.square(), along - up * a * w * phase.sin()

        share = nearest_parameter(distance, torch.cat((z[:, :1], height, crest), -1), 0.0, 1.0, cells=48)
        nearest = torch.cat(((crest + share) * math.pi / w, z[:, 1:]), dim=-1)
        return self._turn(nearest, torch.zeros_like(across)).reshape(x.shape)

    def facts(self) -> Facts:
        m, a, w, turn = self.intrinsic, self.warp, self.frequency, frame(self.seed, self.dim, self.dim)
        mean, variance = np.zeros(self.dim), np.full(self.dim, self.noise**2)
        mean[m] = a * math.exp(-(w**2) / 2)
        variance[:m] = 1
        variance[m] += a**2 * math.expm1(-(w**2)) ** 2 / 2
        return Facts(
            mean=Fact(turn @ mean),
            covariance=Fact(turn * variance @ turn.T),
            entropy=Fact(
                self.dim / 2 * math.log(2 * math.pi * math.e) + (self.dim - m) * math.log(self.noise)
            ),
            support_distance=Fact(lambda x: (x - self.project(x)).norm(dim=-1)),
            project=Fact(self.project),
            noise=Fact(self.noise),
            intrinsic_dimension=Fact(self.dim),
            topology=Fact(Topology((1,), "the sheet without noise")),
            reach=Fact(1 / (a * w**2) if a > 0 else math.inf),
            curvature=Fact(a * w**2),
            tail_index=Fact(math.inf),
            smoothness=Fact(math.inf),
        )

    @classmethod
    def examples(cls) -> list[GaussianTube]:
        return [cls(), cls(intrinsic=2, ambient=3, warp=0.5, frequency=2.0, noise=0.3, seed=4)]

"""Neal's funnel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.stats import norm
from torch import Tensor

from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Funnel(Density):
    """A Gaussian whose width is the exponential of another one.

    Equation: ``v ~ N(0, scale^2)``, ``x_i | v ~ N(0, min(e^v, limit))`` for the other dim - 1 coordinates; a
    point is (v, x_1, ..., x_{dim-1}). All moments exist, but without a limit sample moments of x are poor for a
    scale above 1: its variance is exp(scale^2 / 2), and that of x^2 grows like exp(2 scale^2). At
    ``v = log limit`` the score jumps.

    Raises `ValueError` below two dimensions or for a scale or limit that is not positive.

    Reference: Neal (2003), with scale 3; Song and Ermon (2020), with a limit.

    Example:
        >>> round(Funnel(dim=2, scale=3.0).facts().entropy.value, 4)
        3.9365
    """

    dim: int = 2
    scale: float = 3.0
    limit: float = math.inf

    def check(self) -> None:
        if self.dim < 2 or not 0 < self.scale < math.inf:
            raise ValueError(f"Funnel needs two dimensions and a positive, finite scale, got {self}")
        if not self.limit > 0:
            raise ValueError(f"Funnel: limit must be positive, got {self.limit}")

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        z = key.child("noise").normal(n, self.dim, start=start)
        v = self.scale * z[..., :1]
        return torch.cat((v, (self._log_variance(v) / 2).exp() * z[..., 1:]), dim=-1)

    def _log_variance(self, v: Tensor) -> Tensor:
        return v.clamp(max=math.log(self.limit))

    def log_prob(self, x: Tensor) -> Tensor:
        v, rest = self._split(x)
        width = self._log_variance(v)
        squares = (v / self.scale).square() + rest.square().sum(-1) * (-width).exp()
        constant = self.dim / 2 * math.log(2 * math.pi) + math.log(self.scale)
        return -squares / 2 - (self.dim - 1) / 2 * width - constant

    def score(self, x: Tensor) -> Tensor:
        v, rest = self._split(x)
        precision = (-self._log_variance(v)).exp()
        free = v <= math.log(self.limit)
        slope = (rest.square().sum(-1) * precision - (self.dim - 1)) / 2 * free - v / self.scale**2
        return torch.cat((slope[..., None], -rest * precision[..., None]), dim=-1)

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = check_points(x, self.dim)
        return x[..., 0], x[..., 1:]

    def facts(self) -> Facts:
        s, top = self.scale, math.log(self.limit)
        below = norm.cdf(top / s - s) if math.isfinite(top) else 1.0
        above = self.limit * norm.cdf(-top / s) if math.isfinite(top) else 0.0
        spread = np.full(self.dim, math.exp(s**2 / 2) * below + above)
        spread[0] = s**2
        # E min(v, top)
        lost = top * norm.cdf(-top / s) - s * norm.pdf(top / s) if math.isfinite(top) else 0.0
        return Facts(
            mean=Fact(np.zeros(self.dim)),
            covariance=Fact(np.diag(spread)),
            entropy=Fact(
                self.dim / 2 * math.log(2 * math.pi * math.e) + math.log(s) + (self.dim - 1) / 2 * float(lost)
            ),
            intrinsic_dimension=Fact(self.dim),
            tail_index=Fact(math.inf),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {
            "neal": Preset(cls(10, 3.0), "Neal (2003), section 8"),
            "f_wgan": Preset(cls(2, 2.0, 10.0), "Song and Ermon (2020), datasets.py, with v mirrored"),
        }

    @classmethod
    def examples(cls) -> list[Funnel]:
        return [cls(scale=1.0), cls(dim=3, scale=0.7), cls(scale=1.0, limit=1.5)]

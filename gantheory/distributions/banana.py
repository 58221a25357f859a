"""Haario's banana: a Gaussian under a shear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Banana(Density):
    """A Gaussian whose second coordinate is bent by the square of the first.

    Equation: ``z ~ N(0, diag(scale^2, 1, ..., 1))``, ``x_2 = z_2 + bend (z_1^2 - scale^2)``, the other
    coordinates as they are. The map has Jacobian 1, so density, score and entropy are exact.

    Raises `ValueError` below two dimensions, for a scale that is not positive or a bend that is not finite.

    Reference: Haario, Saksman, Tamminen (1999).

    Example:
        >>> from gantheory import Key
        >>> tuple(Banana(dim=3).sample(4, Key(0)).shape)
        (4, 3)
    """

    dim: int = 2
    bend: float = 0.2
    scale: float = 2.0

    def check(self) -> None:
        if self.dim < 2 or not (0 < self.scale < math.inf and math.isfinite(self.bend)):
            raise ValueError(f"Banana needs two dimensions, a positive scale and a finite bend, got {self}")

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        z = key.child("noise").normal(n, self.dim, start=start)
        first = self.scale * z[..., 0]
        second = z[..., 1] + self._shift(first)
        return torch.cat((first[..., None], second[..., None], z[..., 2:]), dim=-1)

    def _shift(self, first: Tensor) -> Tensor:
        return self.bend * (first.square() - self.scale**2)

    def log_prob(self, x: Tensor) -> Tensor:
        x = check_points(x, self.dim)
        first, second = x[..., 0], x[..., 1]
        squares = (first / self.scale).square() + (second - self._shift(first)).square()
        squares = squares + x[..., 2:].square().sum(-1)
        return -squares / 2 - self.dim / 2 * math.log(2 * math.pi) - math.log(self.scale)

    def score(self, x: Tensor) -> Tensor:
        x = check_points(x, self.dim)
        first = x[..., 0]
        off = x[..., 1] - self._shift(first)
        slope = 2 * self.bend * first * off - first / self.scale**2
        return torch.cat((slope[..., None], -off[..., None], -x[..., 2:]), dim=-1)

    def facts(self) -> Facts:
        spread = np.ones(self.dim)
        spread[0], spread[1] = self.scale**2, 1 + 2 * self.bend**2 * self.scale**4
        return Facts(
            mean=Fact(np.zeros(self.dim)),
            covariance=Fact(np.diag(spread)),
            entropy=Fact(self.dim / 2 * math.log(2 * math.pi * math.e) + math.log(self.scale)),
            intrinsic_dimension=Fact(self.dim),
            tail_index=Fact(math.inf),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"f_wgan": Preset(cls(2, 0.2, 2.0), "Song and Ermon (2020), datasets.py, Banana")}

    @classmethod
    def examples(cls) -> list[Banana]:
        return [cls(), cls(dim=3, bend=0.5, scale=1.0)]

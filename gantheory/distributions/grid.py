"""Gaussians on a square grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes, isotropic
from gantheory.distributions.mixture_draw import draw_mixture


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Grid(GaussianModes):
    """Equally weighted Gaussians on a square grid in the plane, centred on the origin.

    Equation: centres ``spacing (i - (side - 1) / 2, j - (side - 1) / 2)``, covariance ``scale^2 I``.
    ``Grid(side=5, spacing=2.0, scale=0.05)`` is VEEGAN's and PacGAN's.

    Raises `ValueError` below a side of one or for a spacing or scale that is not positive.

    Reference: Srivastava et al. (2017); Lin et al. (2018).

    Example:
        >>> from gantheory import Key
        >>> tuple(Grid(side=5).sample(7, Key(0)).shape)
        (7, 2)
    """

    side: int = 5
    spacing: float = 2.0
    scale: float = 0.05

    def check(self) -> None:
        if self.side < 1 or not (0 < self.spacing < math.inf and 0 < self.scale < math.inf):
            raise ValueError(f"Grid needs a side of at least 1, a positive spacing and scale, got {self}")

    @property
    def dim(self) -> int:
        return 2

    def components(self) -> Modes:
        return isotropic(self.spacing * _places(self.side), self.scale)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        centres = self.spacing * torch.as_tensor(_places(self.side))
        keys = key.child("noise"), key.child("cell")
        return draw_mixture(*keys, n, start, centres, scale=self.scale, digits=2)

    @classmethod
    def examples(cls) -> list[Grid]:
        return [cls(side=3, spacing=1.0, scale=0.3), cls(side=5)]


@lru_cache(maxsize=64)
def _places(side: int) -> np.ndarray:
    ticks = np.arange(side) - (side - 1) / 2
    return np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)

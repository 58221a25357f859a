"""Gaussians on a square grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.mixture import GaussianModes, check_size, isotropic, mixture_facts
from gantheory.distributions.mixture_draw import draw_mixture
from gantheory.distributions.mixture_entropy import mixture_entropy


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Grid(GaussianModes):
    """Equally weighted Gaussians on a square grid in the plane, centred on the origin.

    Equation: centres ``spacing (i - (side - 1) / 2, j - (side - 1) / 2)``, turned counterclockwise by `angle`
    radians, covariance ``scale^2 I``. ``Grid(side=5, spacing=2.0, scale=0.05)`` is VEEGAN's and PacGAN's.

    Raises `ValueError` for a side outside 1 to 1000, a spacing or scale that is not positive or an angle that
    is not finite.

    Reference: Srivastava et al. (2017); Lin et al. (2018).

    Example:
        >>> from gantheory import Key
        >>> tuple(Grid(side=5).sample(7, Key(0)).shape)
        (7, 2)
    """

    side: int = 5
    spacing: float = 2.0
    scale: float = 0.05
    angle: float = 0.0

    def check(self) -> None:
        if self.side < 1 or not (0 < self.spacing < math.inf and 0 < self.scale < math.inf):
            raise ValueError(f"Grid needs a side of at least 1, a positive spacing and scale, got {self}")
        check_size(self.side**2, 2, "Grid")
        if not math.isfinite(self.angle):
            raise ValueError(f"Grid: angle must be finite, got {self.angle}")

    @property
    def dim(self) -> int:
        return 2

    def components(self) -> Modes:
        return isotropic(self.spacing * _places(self.side) @ self._turn.T, self.scale)

    @property
    def _ticks(self) -> np.ndarray:
        return self.spacing * (np.arange(self.side) - (self.side - 1) / 2)

    def facts(self) -> Facts:
        # before it is turned, the law is the product of two equal ones
        axis = mixture_entropy(isotropic(self._ticks[:, None], self.scale))
        both = axis if axis.value is None else Fact(2 * axis.value, 2 * axis.error)
        return mixture_facts(self.components(), entropy=both)

    @property
    def _turn(self) -> np.ndarray:
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cosine, -sine], [sine, cosine]])

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        centres = self.spacing * torch.as_tensor(_places(self.side) @ self._turn.T)
        keys = key.child("noise"), key.child("cell")
        return draw_mixture(*keys, n, start, centres, scale=self.scale, digits=2)

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {
            "veegan": Preset(cls(5, 2.0, 0.05), "Srivastava et al. (2017), by PacGAN's configuration"),
            "pacgan": Preset(cls(5, 2.0, 0.05), "Lin et al. (2018), its 2D grid"),
            "wgan_gp": Preset(
                cls(5, 2 / 2.828, 0.05 / 2.828),
                "Gulrajani et al. (2017), gan_toy.py, there a fixed set of 100,000 points, equally many a mode",
            ),
            "nsf_diamond": Preset(
                cls(20, 5 / 19, 0.04, math.pi / 4),
                "Durkan et al. (2019), plane.py, without its jitter of the centres by up to 0.001",
            ),
        }

    @classmethod
    def examples(cls) -> list[Grid]:
        return [cls(side=3, spacing=1.0, scale=0.3), cls(side=5, angle=0.5)]


@lru_cache(maxsize=64)
def _places(side: int) -> np.ndarray:
    ticks = np.arange(side) - (side - 1) / 2
    return np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)

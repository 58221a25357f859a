"""Gaussians on a circle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Modes
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.mixture import GaussianModes, check_size, isotropic
from gantheory.distributions.mixture_draw import draw_mixture


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Ring(GaussianModes):
    """Equally weighted Gaussians at equal distances on a circle in the plane.

    Equation: centres ``radius (cos, sin)(2 pi k / modes)``, covariance ``scale^2 I``. At least eight
    variants are called "8 Gaussians" in the literature; `presets` has them by the name of their code. With
    ``scale = c sin(pi / modes)`` neighbours overlap equally for every number of modes.

    Raises `ValueError` below one mode or above a million, or for a radius or scale that is not positive.

    Reference: Metz et al. (2017); Srivastava et al. (2017).

    Example:
        >>> from gantheory import Key
        >>> ring = Ring(modes=8, radius=1.0, scale=0.15)
        >>> tuple(ring.sample(5, Key(0)).shape)
        (5, 2)
        >>> round(ring.facts().entropy.value, 3)
        1.093
    """

    modes: int = 8
    radius: float = 1.0
    scale: float = 0.15

    def check(self) -> None:
        if self.modes < 1 or not (0 < self.radius < math.inf and 0 < self.scale < math.inf):
            raise ValueError(f"Ring needs a mode and a positive, finite radius and scale, got {self}")
        check_size(self.modes, 2, "Ring")

    @property
    def dim(self) -> int:
        return 2

    def components(self) -> Modes:
        return isotropic(self.radius * _directions(self.modes), self.scale)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        centres = self.radius * torch.as_tensor(_directions(self.modes))
        return draw_mixture(key.child("noise"), key.child("mode"), n, start, centres, scale=self.scale)

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        first_twice = GaussianMixture(
            tuple(map(tuple, _directions(7))), (((1e-4, 0.0), (0.0, 1e-4)),) * 7, (2, *(1,) * 6)
        )
        return {
            "veegan": Preset(cls(8, 1.0, 0.01), "Srivastava et al. (2017), by PacGAN's configuration"),
            "pacgan": Preset(cls(8, 1.0, 0.01), "Lin et al. (2018), its 2D ring"),
            "metz": Preset(cls(8, 2.0, 0.02), "Metz et al. (2017), the paper"),
            "metz_notebook": Preset(
                cls(8, 1.0, 0.01),
                "Metz et al. (2017), the notebook, whose eight angles include both 0 and 2 pi: seven modes, one "
                "of them twice as heavy",
                first_twice,
            ),
            "wgan_gp": Preset(cls(8, 2 / 1.414, 0.02 / 1.414), "Gulrajani et al. (2017), gan_toy.py"),
            "ot_gan": Preset(cls(8, 2.0, 0.2), "Salimans et al. (2018), the toy notebook"),
            "ffjord": Preset(cls(8, 4 / 1.414, 0.5 / 1.414), "Grathwohl et al. (2019), toy_data.py"),
            "torchcfm": Preset(
                cls(8, 5.0, 0.1**0.5),
                "Tong et al. (2024), utils.py, whose variance of 0.1 becomes its own square root on the way",
                cls(8, 5.0, 0.1**0.25),
            ),
            "normflows": Preset(
                cls(8, 2.0, 2 / 3 * math.sin(math.pi / 8)), "Stimper et al. (2023), CircularGaussianMixture"
            ),
        }

    @classmethod
    def examples(cls) -> list[Ring]:
        return [cls(), cls(modes=1), cls(modes=5, radius=2.0, scale=0.5)]


@lru_cache(maxsize=64)
def _directions(modes: int) -> np.ndarray:
    angle = 2 * np.pi * np.arange(modes) / modes
    return np.stack((np.cos(angle), np.sin(angle)), axis=-1)

"""Spiral arms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.curves import NoisyCurves


@dataclass(frozen=True)
class Spirals(NoisyCurves):
    """Spiral arms around the origin, with Gaussian noise.

    Equation: ``radius s (cos(2 pi (turns s + k / arms)), sin(...))``, s = sqrt(u) with u uniform in (0, 1), for
    arm k of `arms`, plus ``N(0, scale^2 I)``. The two spirals of the literature add uniform noise as well,
    under which no density is known in closed form or by one integral.

    Raises `ValueError` below one arm, or for turns, a radius or a scale that are not positive.

    Reference: Durkan et al. (2019), with 1.5 turns, radius pi and scale 0.1.

    Example:
        >>> len(Spirals(arms=3).facts().labels.value)
        3
    """

    arms: int = 2
    turns: float = 1.5
    radius: float = math.pi
    scale: float = 0.1

    def check(self) -> None:
        NoisyCurves.check(self)
        if self.arms < 1 or not (0 < self.turns < math.inf and 0 < self.radius < math.inf):
            raise ValueError(f"Spirals needs an arm, positive turns and a positive radius, got {self}")

    @property
    def curves(self) -> int:
        return self.arms

    @property
    def speed(self) -> float:
        return self.radius * math.hypot(1, 2 * math.pi * self.turns)

    @property
    def betti(self) -> tuple[int, ...]:
        return 1, 0  # the arms meet at the origin

    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        angle = 2 * math.pi * (self.turns * s + curve / self.arms)
        return self.radius * s[..., None] * torch.stack((angle.cos(), angle.sin()), dim=-1)

    def coordinate(self, u: Tensor) -> Tensor:
        return u.sqrt()

    def mass(self, s: np.ndarray) -> np.ndarray:
        return 2 * s

    @classmethod
    def examples(cls) -> list[Spirals]:
        return [cls(), cls(arms=3, turns=0.5, radius=2.0, scale=0.2)]

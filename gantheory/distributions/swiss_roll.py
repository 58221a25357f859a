"""A rolled-up sheet."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.curves import NoisyCurves
from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Fact, Facts


@dataclass(frozen=True)
class SwissRoll(NoisyCurves):
    """A sheet rolled into a spiral, with Gaussian noise, in space or as a curve in the plane.

    Equation: ``(size t cos t, w, size t sin t)`` with t uniform in (3 pi / 2, 3 pi / 2 + 2 pi turns) and w uniform
    in (0, width), plus ``N(0, scale^2 I)``; a width of `None` leaves the middle coordinate out.

    Raises `ValueError` for turns, a size, a width or a scale that is not positive.

    Reference: Tenenbaum, de Silva, Langford (2000); scikit-learn's ``make_swiss_roll`` has these numbers.

    Example:
        >>> SwissRoll().dim, SwissRoll(width=None).dim
        (3, 2)
    """

    width: float | None = 21.0
    turns: float = 1.5
    size: float = 1.0
    scale: float = 0.5

    def check(self) -> None:
        NoisyCurves.check(self)
        numbers = [v for v in (self.turns, self.size, self.width) if v is not None]
        if not all(0 < v < math.inf for v in numbers):
            raise ValueError(f"SwissRoll needs positive, finite turns, size and width, got {self}")

    @property
    def band(self) -> float | None:
        return self.width

    @property
    def curves(self) -> int:
        return 1

    @property
    def _last(self) -> float:
        return (1.5 + 2 * self.turns) * math.pi

    @property
    def speed(self) -> float:
        return 2 * math.pi * self.turns * self.size * math.hypot(1, self._last)

    @property
    def betti(self) -> tuple[int, ...]:
        return 1, 0

    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        t = math.pi * (1.5 + 2 * self.turns * s)
        return self.size * torch.stack((t * t.cos(), t * t.sin()), dim=-1)

    def facts(self) -> Facts:
        first = 1.5 * math.pi  # a spiral bends most where it begins
        curvature = (2 + first**2) / (1 + first**2) ** 1.5 / self.size
        return dataclasses.replace(NoisyCurves.facts(self), curvature=Fact(curvature))

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {
            "wgan_gp": Preset(cls(None, 1.5, 1 / 7.5, 0.25 / 7.5), "Gulrajani et al. (2017), gan_toy.py"),
            "ffjord": Preset(cls(None, 1.5, 0.2, 0.2), "Grathwohl et al. (2019), toy_data.py"),
        }

    @classmethod
    def examples(cls) -> list[SwissRoll]:
        return [cls(), cls(width=None, turns=0.5, size=0.2, scale=0.2)]

"""Two interleaving half circles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.curves import NoisyCurves


@dataclass(frozen=True)
class Moons(NoisyCurves):
    """Two interleaving half circles of radius 1, with Gaussian noise.

    Equation: ``(cos t, sin t)`` or ``(1 - cos t, 1/2 - sin t)``, t uniform in (0, pi), plus
    ``N(0, scale^2 I)``. The angles are independent (scikit-learn's are equally spaced, so that its samples
    vary less than samples should).

    Raises `ValueError` for a scale that is not positive.

    Reference: scikit-learn's ``make_moons``.

    Example:
        >>> Moons(scale=0.1).facts().topology.value.betti
        (2, 0)
    """

    scale: float = 0.1

    @property
    def curves(self) -> int:
        return 2

    @property
    def speed(self) -> float:
        return math.pi

    @property
    def betti(self) -> tuple[int, ...]:
        return 2, 0

    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        upper = curve == 0
        cosine, sine = (math.pi * s).cos(), (math.pi * s).sin()
        return torch.stack(
            (torch.where(upper, cosine, 1 - cosine), torch.where(upper, sine, 0.5 - sine)), dim=-1
        )

    @classmethod
    def examples(cls) -> list[Moons]:
        return [cls(), cls(scale=0.3)]

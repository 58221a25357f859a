"""A sheet bent like an S."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.curves import NoisyCurves
from gantheory.distributions.facts import Fact, Facts


@dataclass(frozen=True)
class SCurve(NoisyCurves):
    """A sheet bent into two three-quarter circles of radius 1, with Gaussian noise, in space or in the plane.

    Equation: ``(sin t, w, sign(t) (cos t - 1))`` with t uniform in (-3 pi / 2, 3 pi / 2) and w uniform in
    (0, width), plus ``N(0, scale^2 I)``; a width of `None` leaves the middle coordinate out.

    Raises `ValueError` for a width or a scale that is not positive.

    Reference: scikit-learn's ``make_s_curve`` has these numbers.

    Example:
        >>> SCurve(scale=0.2).facts().topology.value.betti
        (1, 0)
    """

    width: float | None = 2.0
    scale: float = 0.1

    def check(self) -> None:
        NoisyCurves.check(self)
        if self.width is not None and not 0 < self.width < math.inf:
            raise ValueError(f"SCurve: width must be positive and finite, or None, got {self.width}")

    @property
    def band(self) -> float | None:
        return self.width

    @property
    def curves(self) -> int:
        return 1

    @property
    def speed(self) -> float:
        return 3 * math.pi

    @property
    def betti(self) -> tuple[int, ...]:
        return 1, 0

    def place(self, curve: Tensor, s: Tensor) -> Tensor:
        t = 3 * math.pi * (s - 0.5)
        return torch.stack((t.sin(), t.sign() * (t.cos() - 1)), dim=-1)

    def facts(self) -> Facts:
        return dataclasses.replace(NoisyCurves.facts(self), curvature=Fact(1.0))

    @classmethod
    def examples(cls) -> list[SCurve]:
        return [cls(scale=0.2)]

"""A shift of the last coordinate that the first one decides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.algebra.maps.map import Map


@dataclass(frozen=True)
class Shear(Map):
    """The last coordinate moves by a polynomial and a wave of the first; volumes stay.

    Equation: ``y_d = x_d + sum_k polynomial_k x_1^k + amplitude cos(frequency x_1)``, the other coordinates as
    they are. Amplitude and frequency are a dial of curvature that keeps density and entropy exact.

    Raises `ValueError` for numbers that are not finite.

    Reference: Dinh, Krueger, Bengio (2015), additive coupling.

    Example:
        >>> import torch
        >>> Shear((0.0, 0.0, 1.0)).forward(torch.tensor([[3.0, 1.0]]))
        tensor([[ 3., 10.]])
    """

    polynomial: tuple[float, ...] = ()
    amplitude: float = 0.0
    frequency: float = 1.0

    def check(self) -> None:
        if not all(math.isfinite(v) for v in (*self.polynomial, self.amplitude, self.frequency)):
            raise ValueError(f"Shear needs finite numbers, got {self}")

    def _shift(self, first: Tensor) -> Tensor:
        shift = self.amplitude * (self.frequency * first).cos()
        for k, coefficient in enumerate(self.polynomial):
            shift = shift + coefficient * first**k
        return shift

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((x[..., :-1], x[..., -1:] + self._shift(x[..., :1])), dim=-1)

    def inverse(self, y: Tensor) -> Tensor:
        return torch.cat((y[..., :-1], y[..., -1:] - self._shift(y[..., :1])), dim=-1)

    def log_det(self, x: Tensor) -> Tensor:
        return 0 * x[..., 0]

    @property
    def keeps_volume(self) -> bool:
        return True

    @property
    def growth(self) -> tuple[float, float]:
        degree = max((k for k, c in enumerate(self.polynomial) if c), default=0)
        return 1 / max(degree, 1), float(max(degree, 1))

    def least_dim(self) -> int:
        return 2

    @classmethod
    def examples(cls) -> list[Shear]:
        return [cls((0.5, 0.0, 0.3)), cls(amplitude=0.5, frequency=3.0)]

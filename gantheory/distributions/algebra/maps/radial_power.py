"""The distance from the origin raised to a power."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.algebra.maps.map import Map


@dataclass(frozen=True)
class RadialPower(Map):
    """Points move along their rays, far out to the power of their distance; smooth at the origin.

    Equation: ``y = x rho / r``, ``1 + rho^2 = (1 + r^2)^power``, r = |x|.

    Raises `ValueError` for a power that is not positive and finite.

    Reference: Rezende, Mohamed (2015), radial flows, here with an inverse in closed form.

    Example:
        >>> import torch
        >>> RadialPower(2.0).forward(torch.tensor([[1.0, 0.0]])).square()
        tensor([[3., 0.]])
    """

    power: float = 1.0

    def check(self) -> None:
        if not 0 < self.power < math.inf:
            raise ValueError(f"RadialPower: power must be positive and finite, got {self.power}")

    def forward(self, x: Tensor) -> Tensor:
        return x * _ratio(x.square().sum(-1, keepdim=True), self.power).sqrt()

    def inverse(self, y: Tensor) -> Tensor:
        return y * _ratio(y.square().sum(-1, keepdim=True), 1 / self.power).sqrt()

    def log_det(self, x: Tensor) -> Tensor:
        """``rho' (rho / r)^(d-1)`` with ``rho rho' = power r (1 + r^2)^(power - 1)``."""
        square = x.square().sum(-1)
        slope = math.log(self.power) + (self.power - 1) * square.log1p()
        return slope + (x.shape[-1] - 2) / 2 * _ratio(square, self.power).log()

    @property
    def growth(self) -> tuple[float, float]:
        return self.power, self.power

    @classmethod
    def examples(cls) -> list[RadialPower]:
        return [cls(0.7), cls(1.5)]


def _ratio(square: Tensor, power: float) -> Tensor:
    """``((1 + s)^power - 1) / s``, by its series where s is too small to divide by."""
    small = square < 1e-5
    safe = torch.where(small, 1.0, square)
    full = torch.expm1(power * safe.log1p()) / safe
    series = power * (1 + (power - 1) / 2 * square * (1 + (power - 2) / 3 * square))
    return torch.where(small, series, full)

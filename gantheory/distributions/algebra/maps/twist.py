"""A rotation by an angle that grows with the radius."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.algebra.maps.map import Map


@dataclass(frozen=True)
class Twist(Map):
    """The first two coordinates turn by an angle of their radius; volumes and radii stay.

    Equation: ``(y_1, y_2) = R(rate sqrt(1 + r^2)) (x_1, x_2)``, r^2 = x_1^2 + x_2^2, smooth at the origin too.
    Around laws with several arms it makes pinwheels whose density is exact.

    Raises `ValueError` for a rate that is not finite.

    Reference: Johnson, Duvenaud, Wiltschko, Adams, Datta (2016), the pinwheel, there without a density.

    Example:
        >>> import torch
        >>> x = torch.tensor([[3.0, 4.0]])
        >>> Twist(2.0).forward(x).norm(dim=-1)
        tensor([5.])
    """

    rate: float = 1.0

    def check(self) -> None:
        if not math.isfinite(self.rate):
            raise ValueError(f"Twist: rate must be finite, got {self.rate}")

    def forward(self, x: Tensor) -> Tensor:
        return _turn(x, self.rate)

    def inverse(self, y: Tensor) -> Tensor:
        return _turn(y, -self.rate)

    def log_det(self, x: Tensor) -> Tensor:
        return 0 * x[..., 0]

    @property
    def keeps_volume(self) -> bool:
        return True

    @property
    def growth(self) -> tuple[float, float]:
        return 1.0, 1.0

    def least_dim(self) -> int:
        return 2

    @classmethod
    def examples(cls) -> list[Twist]:
        return [cls(), cls(-0.5)]


def _turn(x: Tensor, rate: float) -> Tensor:
    a, b = x[..., 0], x[..., 1]
    angle = rate * (1 + a.square() + b.square()).sqrt()
    turned = torch.stack((angle.cos() * a - angle.sin() * b, angle.sin() * a + angle.cos() * b), dim=-1)
    return torch.cat((turned, x[..., 2:]), dim=-1)

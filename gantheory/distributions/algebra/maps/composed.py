"""Several maps, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from torch import Tensor

from gantheory.distributions.algebra.maps.map import Map
from gantheory.distributions.algebra.maps.radial_power import RadialPower
from gantheory.distributions.algebra.maps.shear import Shear
from gantheory.distributions.algebra.maps.twist import Twist


@dataclass(frozen=True)
class Composed(Map):
    """Several maps, the first applied first: a flow written out.

    Raises `ValueError` without maps.

    Reference: Rezende, Mohamed (2015).

    Example:
        >>> from gantheory import Shear
        >>> import torch
        >>> square = Shear((0.0, 0.0, 1.0))
        >>> Composed((square, square)).forward(torch.tensor([[1.0, 0.0]]))
        tensor([[1., 2.]])
    """

    maps: tuple[Map, ...]

    def check(self) -> None:
        if not self.maps:
            raise ValueError("Composed needs at least one map, got none")

    def forward(self, x: Tensor) -> Tensor:
        return reduce(lambda point, step: step.forward(point), self.maps, x)

    def inverse(self, y: Tensor) -> Tensor:
        return reduce(lambda point, step: step.inverse(point), reversed(self.maps), y)

    def log_det(self, x: Tensor) -> Tensor:
        total = 0 * x[..., 0]
        for step in self.maps:
            total = total + step.log_det(x)
            x = step.forward(x)
        return total

    @property
    def keeps_volume(self) -> bool:
        return all(step.keeps_volume for step in self.maps)

    @property
    def growth(self) -> tuple[float, float]:
        low, high = zip(*(step.growth for step in self.maps))
        return reduce(float.__mul__, low), reduce(float.__mul__, high)

    def least_dim(self) -> int:
        return max(step.least_dim() for step in self.maps)

    @classmethod
    def examples(cls) -> list[Composed]:
        return [cls((Shear(amplitude=0.5), Twist(0.5))), cls((RadialPower(0.8), Shear((0.0, 0.0, 0.2))))]

"""Every coordinate by itself, with a dial for skewness and one for the tails."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.distributions.algebra.maps.map import Map


@dataclass(frozen=True)
class SinhArcsinh(Map):
    """Every coordinate skewed by ``skew`` and its tails' power changed by ``tail``.

    Equation: ``y_i = sinh((arcsinh(x_i) + skew) / tail)``, of the order ``|x_i|^(1 / tail)`` far out: heavier
    tails below 1, lighter ones above.

    Raises `ValueError` for a skew that is not finite or a tail that is not positive and finite.

    Reference: Jones, Pewsey (2009).

    Example:
        >>> import torch
        >>> SinhArcsinh(tail=0.5).forward(torch.tensor([[1.0]]))  # 2 x sqrt(1 + x^2)
        tensor([[2.8284]])
    """

    skew: float = 0.0
    tail: float = 1.0

    def check(self) -> None:
        if not (math.isfinite(self.skew) and 0 < self.tail < math.inf):
            raise ValueError(f"SinhArcsinh needs a finite skew and a positive, finite tail, got {self}")

    def forward(self, x: Tensor) -> Tensor:
        return _sinh((_arcsinh(x) + self.skew) / self.tail)

    def inverse(self, y: Tensor) -> Tensor:
        return _sinh(self.tail * _arcsinh(y) - self.skew)

    def log_det(self, x: Tensor) -> Tensor:
        u = (_arcsinh(x) + self.skew) / self.tail
        log_cosh = u.abs() + (-2 * u.abs()).exp().log1p() - math.log(2)
        return (log_cosh - math.log(self.tail) - x.square().log1p() / 2).sum(-1)

    @property
    def growth(self) -> tuple[float, float]:
        return 1 / self.tail, 1 / self.tail

    @classmethod
    def examples(cls) -> list[SinhArcsinh]:
        return [cls(skew=0.5), cls(tail=0.8), cls(skew=-0.3, tail=1.5)]


# torch's own asinh and sinh round the last elements of a block by another rule, so that draws would depend on sizes


def _arcsinh(x: Tensor) -> Tensor:
    sign = torch.where(x < 0, -1.0, 1.0)
    size = sign * x
    return sign * torch.log1p(size + size.square() / (1 + (1 + size.square()).sqrt()))


def _sinh(u: Tensor) -> Tensor:
    sign = torch.where(u < 0, -1.0, 1.0)
    grown = torch.expm1(sign * u)
    return sign * (grown + grown / (grown + 1)) / 2

"""Radial flows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gantheory.models.flow import Flow


@dataclass(frozen=True)
class Radial(Flow):
    """Layers that draw points towards a centre, or push them away from it.

    Equation: ``z = x + beta h (x - c)`` with ``h = 1 / (alpha + r)``, ``r = |x - c|``;
    ``log |det| = (d - 1) log(1 + beta h) + log(1 + alpha beta h^2)``. ``alpha > 0`` and ``beta > -alpha`` keep a
    layer one to one; the way back solves a quadratic equation for r.

    Here the formula runs from data to base, for fitting by likelihood; the paper's flows run from base to
    data: ``Inverse(Radial(...))``. Raises `ValueError` below one dimension or layer.

    Reference: Rezende and Mohamed (2015), section 4.1 and appendix A.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = Radial(2, layers=8)
        >>> flow.size, tuple(flow.sample(flow.init(Key(0)), 5, Key(1)).shape)
        (32, (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 8

    def check(self) -> None:
        if self.dim < 1 or self.layers < 1:
            raise ValueError(f"Radial needs dim and layers of at least 1, got {self}")

    @property
    def sequential_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return _Centres(self.dim, self.layers)

    def initial_bound(self, name: str, fan_in: int) -> float:
        return 1.0

    @classmethod
    def examples(cls) -> list[Radial]:
        return [cls(2, layers=3), cls(1, layers=2)]


class _Centres(nn.Module):
    def __init__(self, dim: int, layers: int):
        super().__init__()
        self.dim = dim
        self.centre = nn.Parameter(torch.zeros(layers, dim))
        self.free_alpha = nn.Parameter(torch.zeros(layers))
        self.free_beta = nn.Parameter(torch.zeros(layers))

    def layers(self) -> list[tuple[Tensor, ...]]:
        alpha = softplus(self.free_alpha)
        beta = softplus(self.free_beta) - alpha
        return list(zip(self.centre.unbind(0), alpha.unbind(0), beta.unbind(0)))

    def log_det(self, r: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
        h = 1 / (alpha + r)
        return (self.dim - 1) * torch.log1p(beta * h) + torch.log1p(alpha * beta * h.square())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for centre, alpha, beta in self.layers():
            r = _length(x - centre)
            total = total + self.log_det(r, alpha, beta)
            x = x + (beta / (alpha + r))[..., None] * (x - centre)
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        total = z.new_zeros(z.shape[:-1])
        for centre, alpha, beta in reversed(self.layers()):
            away = z - centre
            s = _length(away)
            p = s - alpha - beta  # r (1 + beta / (alpha + r)) = s: r^2 - p r - alpha s = 0
            r = (p + (p.square() + 4 * alpha * s).sqrt()) / 2
            z = centre + away / (1 + beta / (alpha + r))[..., None]
            total = total - self.log_det(r, alpha, beta)
        return z, total


def _length(x: Tensor) -> Tensor:
    """The length of vectors, with a gradient of 0 where it is 0."""
    square = x.square().sum(-1)
    return torch.where(square > 0, square.where(square > 0, 1.0).sqrt(), 0.0)

"""Planar flows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gantheory.models.flow import Flow
from gantheory.models.monotone import monotone_inverse


@dataclass(frozen=True)
class Planar(Flow):
    """Layers that move every point along one direction, by an amount that one plane decides.

    Equation: ``z = x + u tanh(w.x + b)`` with ``log |det| = log(1 + u.w sech^2(w.x + b))``, and u kept where
    ``u.w > -1`` by ``u <- u + (m(u.w) - u.w) w / |w|^2`` with ``m(a) = log(1 + (e - 1) e^a) - 1``: there the layer is
    one to one. (The paper's ``m(a) = log(1 + e^a) - 1`` is not 0 at 0, so that u is infinite where w vanishes.)

    Here the formula runs from data to base, for fitting by likelihood, and the way back solves one equation of one
    unknown a layer by halving. The paper's flows run from base to data: ``Inverse(Planar(...))``.

    Raises `ValueError` below one dimension or layer.

    Reference: Rezende and Mohamed (2015), section 4.1 and appendix A.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = Planar(2, layers=8)
        >>> flow.size, tuple(flow.sample(flow.init(Key(0)), 5, Key(1)).shape)
        (40, (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 8

    def check(self) -> None:
        if self.dim < 1 or self.layers < 1:
            raise ValueError(f"Planar needs dim and layers of at least 1, got {self}")

    @property
    def sequential_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return _Planes(self.dim, self.layers)

    @classmethod
    def examples(cls) -> list[Planar]:
        return [cls(2, layers=3), cls(1, layers=2)]


class _Planes(nn.Module):
    def __init__(self, dim: int, layers: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(layers, dim))
        self.bias = nn.Parameter(torch.zeros(layers))
        self.direction = nn.Parameter(torch.zeros(layers, dim))

    def layers(self) -> list[tuple[Tensor, ...]]:
        """Return w, b, the direction u that keeps the layer one to one, and u.w, layer by layer."""
        w, u = self.weight, self.direction
        free = (w * u).sum(-1, keepdim=True)
        product = softplus(free + math.log(math.e - 1)) - 1
        u = u + (product - free) * w / w.square().sum(-1, keepdim=True).clamp(min=1e-12)
        return list(zip(w.unbind(0), self.bias.unbind(0), u.unbind(0), product.squeeze(-1).unbind(0)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for w, b, u, product in self.layers():
            h = torch.tanh((x * w).sum(-1) + b)
            x = x + h[..., None] * u
            total = total + torch.log1p(product * (1 - h.square()))
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        total = z.new_zeros(z.shape[:-1])
        for w, b, u, product in reversed(self.layers()):
            along = tanh_inverse((z * w).sum(-1), product, torch.ones_like(b), b)
            h = torch.tanh(along + b)
            z = z - h[..., None] * u
            total = total - torch.log1p(product * (1 - h.square()))
        return z, total


def tanh_inverse(target: Tensor, c: Tensor, s: Tensor, k: Tensor) -> Tensor:
    """Return the a with ``a + c tanh(s a + k) = target``, for ``c s > -1``."""

    def function(a: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.tanh(s * a + k)
        return a + c * h, 1 + c * s * (1 - h.square())

    return monotone_inverse(function, target, target - c.abs(), target + c.abs())

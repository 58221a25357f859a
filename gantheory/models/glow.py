"""Glow's steps of flow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.linalg import solve_triangular

from gantheory.models.flow import Flow
from gantheory.models.mlp import perceptron
from gantheory.models.real_nvp import scale_and_shift


@dataclass(frozen=True)
class Glow(Flow):
    """Steps of a scaling of every coordinate (actnorm), an invertible linear map, and an affine coupling.

    Equation: ``x <- exp(s) (x + b)``; ``x <- W x`` with ``W = P L U``, P the reversal of the coordinates, L lower
    triangular with a unit diagonal, U upper triangular with a positive one; then
    ``z_b = x_b exp(r(x_a)) + t(x_a)``. ``log |det| = sum s + sum log diag U + sum r``, r kept within ``+- 3``.

    At the start L, U and the scalings are the identity, whatever the data: the paper instead sets the
    scalings by the first batch and W to a random rotation. Here an initialisation is a function of the key alone.

    Raises `ValueError` below two dimensions or one layer.

    Reference: Kingma and Dhariwal (2018).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = Glow(3, layers=2, hidden=(16,))
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 3)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 3))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 6
    hidden: tuple[int, ...] = (64, 64)

    def check(self) -> None:
        if self.dim < 2 or self.layers < 1 or min(self.hidden, default=1) < 1:
            raise ValueError(f"Glow needs dim of at least 2, a layer and widths of at least 1, got {self}")

    @property
    def sequential_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return _Steps(self.dim, self.layers, self.hidden)

    def initial_bound(self, name: str, fan_in: int) -> float:
        _, _, part, *rest = name.split(".")
        free = part == "network" and int(rest[0]) < 2 * len(self.hidden)
        return 1 / math.sqrt(fan_in) if free else 0.0

    @classmethod
    def examples(cls) -> list[Glow]:
        return [cls(2, layers=2, hidden=(8,)), cls(3, layers=2, hidden=(4,))]


class _Step(nn.Module):
    def __init__(self, dim: int, hidden: tuple[int, ...]):
        super().__init__()
        self.kept = dim // 2
        self.bias = nn.Parameter(torch.zeros(dim))
        self.log_scale = nn.Parameter(torch.zeros(dim))
        self.triangles = nn.Parameter(torch.zeros(dim, dim))  # L below the diagonal, U above it
        self.log_diagonal = nn.Parameter(torch.zeros(dim))
        self.network = perceptron(self.kept, hidden, 2 * (dim - self.kept), "relu")

    def factors(self) -> tuple[Tensor, Tensor]:
        return self.triangles.tril(-1), self.triangles.triu(1) + torch.diag_embed(self.log_diagonal.exp())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        lower, upper = self.factors()
        x = (x + self.bias) * self.log_scale.exp() @ upper.mT
        x = (x + x @ lower.mT).flip(-1)
        a, b = x[..., : self.kept], x[..., self.kept :]
        r, t = scale_and_shift(self.network, a)
        return torch.cat((a, b * r.exp() + t), dim=-1), r.sum(-1) + (self.log_scale + self.log_diagonal).sum()

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        lower, upper = self.factors()
        a, b = z[..., : self.kept], z[..., self.kept :]
        r, t = scale_and_shift(self.network, a)
        z = torch.cat((a, (b - t) * (-r).exp()), dim=-1).flip(-1)
        z = solve_triangular(lower.mT, z, upper=True, left=False, unitriangular=True)
        z = solve_triangular(upper.mT, z, upper=False, left=False)
        z = z * (-self.log_scale).exp() - self.bias
        return z, -r.sum(-1) - (self.log_scale + self.log_diagonal).sum()


class _Steps(nn.Module):
    def __init__(self, dim: int, layers: int, hidden: tuple[int, ...]):
        super().__init__()
        self.steps = nn.ModuleList(_Step(dim, hidden) for _ in range(layers))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for step in self.steps:
            x, log_det = step(x)
            total = total + log_det
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        total = z.new_zeros(z.shape[:-1])
        step: Any
        for step in reversed(self.steps):
            z, log_det = step.inverse(z)
            total = total + log_det
        return z, total

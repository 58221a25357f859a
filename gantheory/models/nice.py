"""Nonlinear independent components estimation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.mlp import perceptron


@dataclass(frozen=True)
class NICE(Flow):
    """Additive coupling layers, and one scaling at the end.

    Equation: ``z_b = x_b + t(x_a)``, then the coordinates are reversed, so that the halves take turns; at the end
    ``z = exp(s) x`` coordinate by coordinate, so ``log |det| = sum s``, the same at every point: but for the
    scaling, volume is kept. At the start every layer is the identity. The base law is normal here; the
    paper also has a logistic one.

    Raises `ValueError` below two dimensions (there are no two halves) or one layer.

    Reference: Dinh, Krueger, Bengio (2015).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = NICE(2, layers=4, hidden=(16,))
        >>> _, log_det = flow.call(flow.init(Key(0)), torch.randn(3, 2, generator=torch.Generator()))
        >>> log_det.tolist()
        [0.0, 0.0, 0.0]
    """

    dim: int  # type: ignore[assignment]
    layers: int = 4
    hidden: tuple[int, ...] = (64, 64)

    def check(self) -> None:
        if self.dim < 2 or self.layers < 1 or min(self.hidden, default=1) < 1:
            raise ValueError(f"NICE needs dim of at least 2, a layer and widths of at least 1, got {self}")

    @property
    def sequential_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return _Additive(self.dim, self.layers, self.hidden)

    def initial_bound(self, name: str, fan_in: int) -> float:
        last = f"{2 * len(self.hidden)}"
        return 0.0 if name == "log_scale" or name.split(".")[2] == last else 1 / math.sqrt(fan_in)

    @classmethod
    def examples(cls) -> list[NICE]:
        return [cls(2, layers=2, hidden=(8,)), cls(3, layers=3, hidden=(4, 4))]


class _Additive(nn.Module):
    def __init__(self, dim: int, layers: int, hidden: tuple[int, ...]):
        super().__init__()
        self.kept = dim // 2
        self.networks = nn.ModuleList(
            perceptron(self.kept, hidden, dim - self.kept, "relu") for _ in range(layers)
        )
        self.log_scale = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for network in self.networks:
            a, b = x[..., : self.kept], x[..., self.kept :]
            x = torch.cat((a, b + network(a)), dim=-1).flip(-1)
        return x * self.log_scale.exp(), self.log_scale.sum().expand(x.shape[:-1])

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        z = z * (-self.log_scale).exp()
        for network in reversed(self.networks):
            z = z.flip(-1)
            a, b = z[..., : self.kept], z[..., self.kept :]
            z = torch.cat((a, b - network(a)), dim=-1)
        return z, -self.log_scale.sum().expand(z.shape[:-1])

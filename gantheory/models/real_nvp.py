"""RealNVP."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.mlp import perceptron


@dataclass(frozen=True)
class RealNVP(Flow):
    """Affine coupling layers: one half of the coordinates is scaled and shifted by networks of the other.

    Equation: ``z_b = x_b exp(s(x_a)) + t(x_a)``, ``log |det| = sum s``, then the coordinates are reversed,
    so that the halves take turns. ``s`` is kept within ``+- 3`` by ``3 tanh(s / 3)``; at the start every
    layer is the identity.

    Raises `ValueError` below two dimensions (there are no two halves) or one layer.

    Reference: Dinh, Sohl-Dickstein, Bengio (2017).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = RealNVP(2, layers=6, hidden=(64, 64))
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 2)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 6
    hidden: tuple[int, ...] = (64, 64)

    def check(self) -> None:
        if self.dim < 2 or self.layers < 1 or min(self.hidden, default=1) < 1:
            raise ValueError(f"RealNVP needs dim of at least 2, a layer and widths of at least 1, got {self}")

    def build(self) -> nn.Module:
        return _Couplings(self.dim, self.layers, self.hidden)

    def initial_bound(self, name: str, fan_in: int) -> float:
        _, _, layer, _ = name.split(".")
        return 0.0 if int(layer) == 2 * len(self.hidden) else 1 / math.sqrt(fan_in)

    @property
    def sequential_depth(self) -> int:
        return self.layers

    @classmethod
    def examples(cls) -> list[RealNVP]:
        return [cls(2, layers=2, hidden=(8,)), cls(3, layers=3, hidden=(4, 4))]


class _Couplings(nn.Module):
    def __init__(self, dim: int, layers: int, hidden: tuple[int, ...]):
        super().__init__()
        self.kept = dim // 2
        moved = dim - self.kept
        self.networks = nn.ModuleList(perceptron(self.kept, hidden, 2 * moved, "relu") for _ in range(layers))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        log_det = x.new_zeros(x.shape[:-1])
        for network in self.networks:
            a, b = x[..., : self.kept], x[..., self.kept :]
            s, t = scale_and_shift(network, a)
            x = torch.cat((a, b * s.exp() + t), dim=-1).flip(-1)
            log_det = log_det + s.sum(-1)
        return x, log_det

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        log_det = z.new_zeros(z.shape[:-1])
        for network in reversed(self.networks):
            z = z.flip(-1)
            a, b = z[..., : self.kept], z[..., self.kept :]
            s, t = scale_and_shift(network, a)
            z = torch.cat((a, (b - t) * (-s).exp()), dim=-1)
            log_det = log_det - s.sum(-1)
        return z, log_det


def scale_and_shift(network: nn.Module, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-scale, within +- 3, and the shift that a network makes of the kept coordinates."""
    raw, shift = network(kept).chunk(2, dim=-1)
    return 3 * torch.tanh(raw / 3), shift

"""Sylvester flows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.planar import tanh_inverse


@dataclass(frozen=True)
class Sylvester(Flow):
    """Layers that move points in a subspace, by ``rank`` units that see that subspace: planar ones of higher rank.

    Equation: ``z = x + Q R tanh(S Q' x + b)`` with Q of ``rank`` orthonormal columns (a product of as many Householder
    reflections), R and S upper triangular; ``log |det| = sum log(1 + R_ii S_ii sech^2(S Q' x + b)_i)``. All
    diagonal entries lie within ``+- 1``, by tanh, which keeps the layer one to one.

    Here the formula runs from data to base, for fitting by likelihood; the way back solves ``rank`` equations of one
    unknown a layer, one after the other. The paper's flows run from base to data: ``Inverse(Sylvester(...))``.

    Raises `ValueError` for a rank outside 1 to dim, or no layer.

    Reference: van den Berg, Hasenclever, Tomczak, Welling (2018).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = Sylvester(3, layers=4, rank=2)
        >>> tuple(flow.sample(flow.init(Key(0)), 5, Key(1)).shape)
        (5, 3)
    """

    dim: int  # type: ignore[assignment]
    layers: int = 8
    rank: int = 2

    def check(self) -> None:
        if not 1 <= self.rank <= self.dim or self.layers < 1:
            raise ValueError(f"Sylvester needs 1 <= rank <= dim and a layer, got {self}")

    @property
    def sequential_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return _Subspaces(self.dim, self.layers, self.rank)

    @classmethod
    def examples(cls) -> list[Sylvester]:
        return [cls(2, layers=2), cls(3, layers=2, rank=2), cls(1, layers=1, rank=1)]


class _Subspaces(nn.Module):
    def __init__(self, dim: int, layers: int, rank: int):
        super().__init__()
        self.reflections = nn.Parameter(torch.zeros(layers, rank, dim))
        self.outer = nn.Parameter(torch.zeros(layers, rank, rank))
        self.inner = nn.Parameter(torch.zeros(layers, rank, rank))
        self.bias = nn.Parameter(torch.zeros(layers, rank))

    def layers(self) -> list[tuple[Tensor, ...]]:
        """Return Q, R, S and b, layer by layer."""
        _, rank, dim = self.reflections.shape
        q = torch.eye(dim, rank, dtype=self.bias.dtype, device=self.bias.device)
        for v in self.reflections.unbind(1):  # (layers, dim)
            v = v / v.norm(dim=-1, keepdim=True).clamp(min=1e-12)
            q = q - 2 * v[..., None] * (v[..., None, :] @ q)
        r, s = (
            m.triu(1) + torch.diag_embed(m.diagonal(dim1=-2, dim2=-1).tanh())
            for m in (self.outer, self.inner)
        )
        return list(zip(q.unbind(0), r.unbind(0), s.unbind(0), self.bias.unbind(0)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for q, r, s, b in self.layers():
            h = torch.tanh(x @ q @ s.mT + b)
            x = x + h @ r.mT @ q.mT
            total = total + torch.log1p(r.diagonal() * s.diagonal() * (1 - h.square())).sum(-1)
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        total = z.new_zeros(z.shape[:-1])
        for q, r, s, b in reversed(self.layers()):
            h = self.units(z @ q, r, s, b)
            z = z - h @ r.mT @ q.mT
            total = total - torch.log1p(r.diagonal() * s.diagonal() * (1 - h.square())).sum(-1)
        return z, total

    def units(self, moved: Tensor, r: Tensor, s: Tensor, b: Tensor) -> Tensor:
        """Return tanh(S v + b) at the v with ``v + R tanh(S v + b) = moved``, from the last coordinate to the first."""
        rank = len(b)
        v: list[Tensor] = []
        h: list[Tensor] = []
        for i in reversed(range(rank)):
            later = range(i + 1, rank)
            k, rest = b[i], moved[..., i]
            for j, v_j, h_j in zip(later, v, h):
                k, rest = k + s[i, j] * v_j, rest - r[i, j] * h_j
            v.insert(0, tanh_inverse(rest, r[i, i], s[i, i], k))
            h.insert(0, torch.tanh(s[i, i] * v[0] + k))
        return torch.stack(h, dim=-1)

"""Flows with heavy tails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.flow_around import FlowAround
from gantheory.models.real_nvp import RealNVP


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class StudentBase(FlowAround):
    """A flow whose base law has independent Student-t coordinates: its tails can be heavy.

    Equation: ``q_base(z) = prod_i t(z_i; nu_i)``. ``freedom`` is nu at the start; where ``learned``, every coordinate
    learns its own (tail-adaptive). A flow with bounded slopes keeps the tails of its base law: with a normal one it
    has all moments, whatever the data. A sample is made from two uniform numbers a coordinate, by
    ``t = sqrt(nu (u^(-2 / nu) - 1)) cos(2 pi v)``, which has a gradient in nu.

    Raises `ValueError` unless freedom is positive and finite.

    Reference: Jaini, Kobyzev, Yu, Brubaker (2020); Laszkiewicz, Lederer, Fischer (2022); Bailey (1994) for the draw.

    Example:
        >>> from gantheory import Key, RealNVP
        >>> flow = StudentBase(RealNVP(2, layers=2, hidden=(8,)), freedom=3.0)
        >>> flow.size - flow.flow.size, tuple(flow.sample(flow.init(Key(0)), 5, Key(1)).shape)
        (2, (5, 2))
    """

    flow: Flow  # type: ignore[assignment]
    freedom: float = 5.0
    learned: bool = True

    def check(self) -> None:
        if not 0 < self.freedom < math.inf:
            raise ValueError(f"StudentBase needs a positive, finite freedom, got {self.freedom}")

    @property
    def inputs(self) -> int:
        return 2 * self.dim

    def build(self) -> nn.Module:
        return _WithTails(self.flow, self.learned)

    def init(self, key: Key) -> Tensor:
        flow = self.flow.init(key)
        return torch.cat((flow, flow.new_zeros(*flow.shape[:-1], self.size - self.flow.size)), dim=-1)

    def freedoms(self, w: Tensor) -> Tensor:
        """Return every coordinate's degrees of freedom ``(dim,)``, or ``(1,)`` where they are fixed."""
        growth = w[..., self.flow.size :] if self.learned else w.new_zeros(1)
        return self.freedom * growth.exp()

    def noise(self, n: int, key: Key) -> Tensor:
        return key.uniform(n, 2 * self.dim)

    def base_point(self, w: Tensor, noise: Tensor) -> Tensor:
        u, v = noise.chunk(2, dim=-1)
        nu = self.freedoms(w)
        return (nu * torch.expm1(-2 / nu * u.log())).sqrt() * torch.cos(2 * math.pi * v)

    def base_log_prob(self, w: Tensor, z: Tensor) -> Tensor:
        nu = self.freedoms(w)
        scale = torch.lgamma((nu + 1) / 2) - torch.lgamma(nu / 2) - 0.5 * (math.pi * nu).log()
        return (scale - (nu + 1) / 2 * torch.log1p(z.square() / nu)).sum(-1)

    @classmethod
    def examples(cls) -> list[StudentBase]:
        flow = RealNVP(2, layers=2, hidden=(4,))
        return [cls(flow), cls(flow, freedom=3.0, learned=False)]


class _WithTails(nn.Module):
    def __init__(self, flow: Flow, learned: bool):
        super().__init__()
        self.flow: Any = flow.build()
        # a module's own parameters come before its children's: this one is a child's, to come last
        self.tails = nn.ParameterList([torch.zeros(flow.dim)] if learned else [])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.flow(x)

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.flow.inverse(z)

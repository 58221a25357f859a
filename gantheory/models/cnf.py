"""Continuous flows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.mlp import perceptron


@dataclass(frozen=True)
class CNF(Flow):
    """A flow in time: points move along a field that a network makes of place and time.

    Equation: ``dx/dt = v(x, t)`` from 0 to 1, from data to base, and ``d log|det| / dt = trace dv/dx``, exact: the
    network's derivatives along all axes are carried along with it. Both are integrated by the classical
    Runge-Kutta method of fourth order in ``steps`` equal steps, so that populations run together; both ways and the
    density agree to its error, which falls as steps^-4. At the start points stay where they are.

    Raises `ValueError` below one dimension or step.

    Reference: Chen, Rubanova, Bettencourt, Duvenaud (2018); Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud (2019).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = CNF(2, hidden=(16,), steps=4)
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 2)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 2))
    """

    dim: int  # type: ignore[assignment]
    hidden: tuple[int, ...] = (64, 64)
    steps: int = 8

    accuracy: ClassVar[float] = 1e-4

    def check(self) -> None:
        if min(self.dim, self.steps, *self.hidden) < 1:
            raise ValueError(f"CNF needs dim, steps and widths of at least 1, got {self}")

    @property
    def sequential_depth(self) -> int:
        return 4 * self.steps

    def build(self) -> nn.Module:
        return _Field(self.dim, self.hidden, self.steps)

    def initial_bound(self, name: str, fan_in: int) -> float:
        last = f"network.{2 * len(self.hidden)}"
        return 0.0 if name.startswith(last) else 1 / math.sqrt(fan_in)

    @classmethod
    def examples(cls) -> list[CNF]:
        return [cls(2, hidden=(4,), steps=6), cls(1, hidden=(4,), steps=6)]


class _Field(nn.Module):
    def __init__(self, dim: int, hidden: tuple[int, ...], steps: int):
        super().__init__()
        self.dim, self.steps = dim, steps
        self.network = perceptron(dim + 1, hidden, dim, "tanh")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.carry(x, 0.0, 1.0)

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.carry(z, 1.0, 0.0)

    def carry(self, x: Tensor, begin: float, end: float) -> tuple[Tensor, Tensor]:
        """Return where points are at the end, and the log-determinant on the way, by Runge and Kutta."""
        h = (end - begin) / self.steps
        total = x.new_zeros(x.shape[:-1])
        for i in range(self.steps):
            t = begin + i * h
            k1, d1 = self.velocity(x, t)
            k2, d2 = self.velocity(x + h / 2 * k1, t + h / 2)
            k3, d3 = self.velocity(x + h / 2 * k2, t + h / 2)
            k4, d4 = self.velocity(x + h * k3, t + h)
            x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            total = total + h / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
        return x, total

    def velocity(self, x: Tensor, t: float) -> tuple[Tensor, Tensor]:
        """Return the field ``(..., n, d)`` and its divergence ``(..., n)``."""
        h = torch.cat((x, torch.full_like(x[..., :1], t)), dim=-1)
        along = torch.eye(self.dim, self.dim + 1, dtype=x.dtype, device=x.device)  # dh/dx, one row an axis
        for layer in self.network:
            h = layer(h)
            if isinstance(layer, nn.Linear):
                along = along @ layer.weight.mT
            else:
                along = along * (1 - h.square())[..., None, :]  # of tanh
        return h, along.diagonal(dim1=-2, dim2=-1).sum(-1).expand(x.shape[:-1])

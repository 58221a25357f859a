"""The module of autoregressive models."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gantheory.models.coordinate_law import CoordinateLaw


class Chain(nn.Module):
    """A network that makes the parameters of the law of every coordinate, of the coordinates before it alone.

    It takes ``(n, dim)`` to ``(n, dim size)``, with the ``size`` parameters of a coordinate side by side.
    """

    def __init__(self, dim: int, network: nn.Module, law: CoordinateLaw):
        super().__init__()
        self.dim, self.law, self.network = dim, law, network

    def laws(self, x: Tensor) -> Tensor:
        """Return the parameters ``(n, dim, size)`` at points ``(n, dim)``."""
        return self.network(self.law.standardised(x)).unflatten(-1, (self.dim, self.law.size))

    def log_prob(self, x: Tensor) -> Tensor:
        return self.law.log_prob(self.laws(x), x).sum(-1)

    def forward(self, noise: Tensor) -> Tensor:
        """Return the samples made of noise, a coordinate after the other."""
        parts = noise.unflatten(-1, (self.dim, self.law.noise))
        x = torch.zeros_like(parts[..., 0])
        for i in range(self.dim):
            drawn = self.law.draw(self.laws(x)[..., i, :], parts[..., i, :])
            x = torch.cat((x[..., :i], drawn.unsqueeze(-1), x[..., i + 1 :]), dim=-1)
        return x

"""Self-attention over the places of a map."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Every place of a map looks at all places; as a residual that starts at 0.

    Equation: ``y_j = x_j + gamma V sum_i b_ji H x_i`` with ``b_ji = softmax_i (F x_i . G x_j)`` over places i,
    channels x_i, and matrices F, G, H ``(channels / 8, channels)``, at least one row, and V the other way.
    gamma is a parameter, 0 at the start.

    Shapes: ``(n, channels, height, width)`` to the same.

    Reference: Zhang, Goodfellow, Metaxas, Odena (2019).

    Example:
        >>> x = torch.ones(2, 16, 3, 3)
        >>> bool((SelfAttention(16)(x) == x).all())
        True
    """

    def __init__(self, channels: int):
        super().__init__()
        inner = max(1, channels // 8)
        self.key, self.query, self.value = (nn.Linear(channels, inner, bias=False) for _ in range(3))
        self.out = nn.Linear(inner, channels, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        places = x.flatten(2).mT
        weights = (self.query(places) @ self.key(places).mT).softmax(-1)
        seen = self.out(weights @ self.value(places))
        return x + self.gamma * seen.mT.reshape(x.shape)

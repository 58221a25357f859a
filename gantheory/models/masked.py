"""Perceptrons whose outputs see only the inputs before them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class MaskedLinear(nn.Module):
    """A linear layer some of whose weights are 0 for good: those where the ``mask`` (outputs, inputs) is."""

    mask: Tensor

    def __init__(self, mask: Tensor):
        super().__init__()
        outputs, inputs = mask.shape
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.mask: Tensor
        self.register_buffer("mask", mask.to(self.weight.dtype))

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight * self.mask, self.bias)


def masked_perceptron(
    dim: int, hidden: tuple[int, ...], size: int, *, groups: Sequence[int] | None = None
) -> nn.Sequential:
    """Return a network of ``dim`` numbers with ``size`` outputs for each, made of the numbers before it alone.

    Equation: a unit of degree k sees units of degree at most k, an output of coordinate i those below i; hidden
    degrees run through 1 to dim - 1 over and over. ``groups`` has one number from 0 for each coordinate where
    another order is wanted: coordinates see those of lower groups.

    Reference: Germain, Gregor, Murray, Larochelle (2015).
    """
    groups = range(dim) if groups is None else groups
    ends = degrees = torch.tensor(groups) + 1
    layers: list[nn.Module] = []
    for width in hidden:
        above = torch.arange(width) % max(*groups, 1) + 1
        layers += [MaskedLinear(above[:, None] >= degrees), nn.ReLU()]
        degrees = above
    return nn.Sequential(*layers, MaskedLinear(ends.repeat_interleave(size)[:, None] > degrees))

"""Perceptrons whose outputs see only the inputs before them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class MaskedLinear(nn.Module):
    """A linear layer some of whose weights are 0 for good: those where the ``mask`` (outputs, inputs) is."""

    def __init__(self, mask: Tensor):
        super().__init__()
        outputs, inputs = mask.shape
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("mask", mask.to(self.weight.dtype))

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight * self.mask, self.bias)


def masked_perceptron(dim: int, hidden: tuple[int, ...], size: int) -> nn.Sequential:
    """Return a network of ``dim`` numbers with ``size`` outputs for each, made of the numbers before it alone.

    Equation: a unit of degree k sees units of degree at most k, an output of coordinate i those below i; hidden
    degrees run through 1 to dim - 1 over and over.

    Reference: Germain, Gregor, Murray, Larochelle (2015).
    """
    degrees = torch.arange(dim) + 1
    layers: list[nn.Module] = []
    for width in hidden:
        above = torch.arange(width) % max(dim - 1, 1) + 1
        layers += [MaskedLinear(above[:, None] >= degrees), nn.ReLU()]
        degrees = above
    ends = (torch.arange(dim) + 1).repeat_interleave(size)
    return nn.Sequential(*layers, MaskedLinear(ends[:, None] > degrees))

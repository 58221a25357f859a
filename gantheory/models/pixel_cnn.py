"""Autoregressive models of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from gantheory.models.chain import Chain
from gantheory.models.coordinate_law import CoordinateLaw, Kind
from gantheory.models.likelihood import Likelihood


@dataclass(frozen=True)
class PixelCNN(Likelihood):
    """An autoregressive model of square pictures, row by row, whose network is made of masked convolutions.

    Equation: ``q(x) = prod_i q_i(x_i | x_1 .. x_(i-1))`` over the pixels of a ``side x side`` picture, one row of
    samples, with q_i as in `MADE`: "categorical" probabilities or a discretised "logistic" mixture of the
    ``levels`` whole numbers from 0, or, with ``levels=None``, a density. A first convolution sees the pixels before
    each one within ``kernel``, each of ``layers`` more the features there and the pixel's own, and one of width 1
    ends. Pixels above and far to the right of a pixel are in its blind spot, which shrinks with more layers and
    wider kernels. A density takes one pass of the network, a sample side^2 of them.

    Raises `ValueError` below one pixel or channel, for an even kernel, or levels and components that do not fit.

    Reference: van den Oord, Kalchbrenner, Kavukcuoglu (2016); Salimans, Karpathy, Chen, Kingma (2017) for the
    discretised mixture.

    Example:
        >>> from gantheory import Key, Quantised, Triangles
        >>> pictures = Quantised(Triangles(size=8), levels=4).sample(5, Key(0))
        >>> model = PixelCNN(8, levels=4)
        >>> tuple(model.log_prob(model.init(Key(1)), pictures).shape), model.sequential_depth
        ((5,), 64)
    """

    side: int
    channels: int = 16
    layers: int = 2
    kernel: int = 5
    conditional: Kind = "categorical"
    components: int = 1
    levels: int | None = 2  # type: ignore[assignment]

    def check(self) -> None:
        if min(self.side, self.channels) < 1 or self.layers < 0 or self.kernel < 3 or self.kernel % 2 == 0:
            raise ValueError(
                f"PixelCNN needs a side and channels of at least 1, and an odd kernel from 3, got {self}"
            )
        self.law  # noqa: B018 (it checks itself)

    @property
    def law(self) -> CoordinateLaw:
        """The law of one pixel."""
        return CoordinateLaw(self.conditional, self.components, self.levels)

    @property
    def dim(self) -> int:
        return self.side**2

    @property
    def inputs(self) -> int:
        return self.dim * self.law.noise

    @property
    def sequential_depth(self) -> int:
        return self.dim

    def build(self) -> nn.Module:
        layers: list[nn.Module] = [
            _Picture(self.side),
            _MaskedConvolution(1, self.channels, self.kernel, own=False),
        ]
        for _ in range(self.layers):
            layers += [nn.ReLU(), _MaskedConvolution(self.channels, self.channels, self.kernel, own=True)]
        ends = (nn.ReLU(), nn.Conv2d(self.channels, self.law.size, 1), _Rows())
        return Chain(self.dim, nn.Sequential(*layers, *ends), self.law)

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        return self.call(w, x, method="log_prob")

    @classmethod
    def examples(cls) -> list[PixelCNN]:
        return [
            cls(3, channels=4, layers=1, kernel=3),
            cls(2, channels=4, layers=1, conditional="logistic", components=2, levels=4),
            cls(2, channels=4, layers=0, conditional="gaussian", levels=None),
        ]


class _MaskedConvolution(nn.Module):
    """A convolution that sees the pixels before each one, and its own where it may."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, own: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        before = torch.arange(kernel**2) < kernel**2 // 2 + own
        self.register_buffer("mask", before.to(self.weight.dtype).reshape(kernel, kernel))

    def forward(self, x: Tensor) -> Tensor:
        return conv2d(x, self.weight * self.mask, self.bias, padding="same")


class _Picture(nn.Module):
    """From rows of samples to pictures."""

    def __init__(self, side: int):
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (1, self.side, self.side))


class _Rows(nn.Module):
    """From pictures of features to rows of samples, the features of a pixel side by side."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(-2).mT.flatten(-2)

"""Convolutional generators of small pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from torch import Tensor, nn

from gantheory.models.activations import Activation, activation_module
from gantheory.models.attention import SelfAttention
from gantheory.models.conv_critic import check_pictures
from gantheory.models.initial import Initialisation, check_gain, draw_initial
from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ConvGenerator(Model):
    """A generator of grey pictures, rows of ``side * side`` pixels, by convolutions that double the side.

    A linear layer and the activation make a small map of ``channels[0]`` channels; for every number of channels one
    transposed convolution of 4 x 4 with stride 2 follows, to the next number and in the end to the
    picture. Its pixels lie in (0, 1), in (-1, 1) or anywhere, as ``last`` is "sigmoid", "tanh" or "identity". With
    ``attention`` k self-attention stands behind the k-th map, from 0. ``activation``, ``initialisation`` and
    ``gain`` are those of `MLP`.

    Raises `ValueError` as `ConvCritic` does, and for fewer than one input.

    Reference: Radford, Metz, Chintala (2016); Zhang, Goodfellow, Metaxas, Odena (2019), for attention.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> generator = ConvGenerator(8, 28)
        >>> tuple(generator(generator.init(Key(0)), torch.zeros(5, 8)).shape)
        (5, 784)
    """

    inputs: int  # type: ignore[assignment]
    side: int
    channels: tuple[int, ...] = (32, 16)
    attention: int | None = None
    activation: Activation = "relu"
    last: Literal["sigmoid", "tanh", "identity"] = "sigmoid"
    initialisation: Initialisation = "uniform"
    gain: float | None = None

    def check(self) -> None:
        if self.inputs < 1:
            raise ValueError(f"ConvGenerator needs an input, got {self.inputs}")
        check_pictures("ConvGenerator", self.side, self.channels, self.attention)
        check_gain("ConvGenerator", self.gain)

    @property
    def outputs(self) -> int:
        return self.side**2

    def build(self) -> nn.Module:
        small, first = self.side // 2 ** len(self.channels), self.channels[0]
        layers: list[nn.Module] = [
            nn.Linear(self.inputs, first * small**2),
            nn.Unflatten(-1, (first, small, small)),
        ]
        for k, (a, b) in enumerate(zip(self.channels, (*self.channels[1:], 1))):
            layers += [activation_module(self.activation)]
            layers += [SelfAttention(a)] if k == self.attention else []
            layers += [nn.ConvTranspose2d(a, b, 4, stride=2, padding=1)]
        layers += [] if self.last == "identity" else [activation_module(self.last)]
        return nn.Sequential(*layers, nn.Flatten(-3))

    def initial(self, name: str, shape: tuple[int, ...], fan_in: int, key: Key) -> Tensor:
        start = draw_initial(self.initialisation, self.gain, shape, fan_in, key)
        return 0 * start if name.endswith("gamma") else start

    @classmethod
    def examples(cls) -> list[ConvGenerator]:
        return [cls(2, 8, (3, 2)), cls(3, 4, (2,), attention=0, activation="tanh", last="identity")]

"""Convolutional critics of small pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, nn

from gantheory.models.activations import Activation, activation_module
from gantheory.models.attention import SelfAttention
from gantheory.models.initial import Initialisation, check_gain, draw_initial
from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ConvCritic(Model):
    """A critic of grey pictures, given as rows of ``side * side`` pixels, by convolutions that halve the side.

    For every number of ``channels`` there is one convolution of 4 x 4 with stride 2 and the activation, then a
    linear layer to one logit. With ``attention`` k self-attention stands behind the k-th of them, from 0.
    ``activation``, ``initialisation`` and ``gain`` are those of `MLP`.

    Raises `ValueError` for a side that cannot be halved so often, channels below 1, an attention that is
    nowhere or a gain that is not positive.

    Reference: Radford, Metz, Chintala (2016); Zhang, Goodfellow, Metaxas, Odena (2019), for attention.

    Example:
        >>> from gantheory import AdversarialGame, ConvGenerator, NonSaturating, Triangles
        >>> game = AdversarialGame(ConvGenerator(8, 28), ConvCritic(28), Triangles(), NonSaturating(), batch=16)
        >>> game.sizes
        (22577, 10065)
    """

    side: int
    channels: tuple[int, ...] = (16, 32)
    attention: int | None = None
    activation: Activation = "leaky_relu"
    initialisation: Initialisation = "uniform"
    gain: float | None = None

    def check(self) -> None:
        check_pictures("ConvCritic", self.side, self.channels, self.attention)
        check_gain("ConvCritic", self.gain)

    @property
    def inputs(self) -> int:
        return self.side**2

    @property
    def outputs(self) -> int:
        return 1

    def build(self) -> nn.Module:
        layers: list[nn.Module] = [nn.Unflatten(-1, (1, self.side, self.side))]
        for k, (a, b) in enumerate(zip((1, *self.channels), self.channels)):
            layers += [nn.Conv2d(a, b, 4, stride=2, padding=1), activation_module(self.activation)]
            layers += [SelfAttention(b)] if k == self.attention else []
        small = self.side // 2 ** len(self.channels)
        return nn.Sequential(*layers, nn.Flatten(-3), nn.Linear(self.channels[-1] * small**2, 1))

    def initial(self, name: str, shape: tuple[int, ...], fan_in: int, key: Key) -> Tensor:
        start = draw_initial(self.initialisation, self.gain, shape, fan_in, key)
        return 0 * start if name.endswith("gamma") else start

    @classmethod
    def examples(cls) -> list[ConvCritic]:
        return [cls(8, (2, 3)), cls(4, (3,), attention=0, initialisation="normal", gain=0.3)]


def check_pictures(name: str, side: int, channels: tuple[int, ...], attention: int | None) -> None:
    """Refuse pictures that cannot be halved so often, and attention that is nowhere."""
    if not channels or min(channels) < 1:
        raise ValueError(f"{name} needs channels of at least 1, got {channels}")
    if side < 1 or side % 2 ** len(channels):
        raise ValueError(
            f"{name} halves its side {len(channels)} times, which {side} does not allow: take a multiple of "
            f"{2 ** len(channels)}, or fewer channels"
        )
    if attention is not None and not 0 <= attention < len(channels):
        raise ValueError(f"{name} has layers 0 to {len(channels) - 1}, got attention={attention}")

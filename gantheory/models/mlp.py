"""Multilayer perceptrons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, nn

from gantheory.models.activations import Activation, activation_module
from gantheory.models.initial import Initialisation, check_gain, draw_initial
from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class MLP(Model):
    """A multilayer perceptron, ``inputs -> hidden[0] -> ... -> outputs``, linear at the end.

    ``activation`` is "relu", "tanh", "leaky_relu" (slope 0.2), "softplus", "elu", "gelu", "silu" or
    "sigmoid". Where the network is ``residual``, every hidden layer between layers of equal width adds what
    came in: ``h + activation(W h + b)``. ``initialisation`` is "uniform", "normal", "kaiming" or "orthogonal",
    with a number ``gain``: the half-width ``gain / sqrt(fan_in)``, the standard deviations ``gain`` and
    ``gain sqrt(2 / fan_in)``, the common singular value; `None` is 0.02 for "normal" and 1 for the others,
    and biases start at 0 except in "uniform". `Normalised` puts normalisations in.

    Raises `ValueError` for a width below 1, a gain that is not positive, or a residual network without
    two neighbouring hidden layers of equal width.

    Reference: He, Zhang, Ren, Sun (2016), residual layers; Saxe, McClelland, Ganguli (2014), orthogonal
    starts.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> critic = MLP(2, (64, 64), 1)
        >>> w = critic.init(Key(0))
        >>> tuple(critic(w, torch.zeros(5, 2)).shape)
        (5, 1)
        >>> unrolled = MLP(256, (128, 128), 2, activation="tanh", initialisation="orthogonal", gain=1.4)
        >>> unrolled.size
        49666
    """

    inputs: int  # type: ignore[assignment]
    hidden: tuple[int, ...]
    outputs: int  # type: ignore[assignment]
    activation: Activation = "relu"
    residual: bool = False
    initialisation: Initialisation = "uniform"
    gain: float | None = None  # no field of a sweep, which could not reach what is drawn at the start

    def check(self) -> None:
        if min(self.inputs, self.outputs, *self.hidden) < 1:
            raise ValueError(f"MLP needs widths of at least 1, got {self}")
        check_gain("MLP", self.gain)
        if self.residual and not any(a == b for a, b in zip(self.hidden, self.hidden[1:])):
            raise ValueError(
                f"a residual MLP needs neighbouring hidden layers of equal width, as (64, 64), got {self.hidden}"
            )

    def build(self) -> nn.Module:
        return perceptron(self.inputs, self.hidden, self.outputs, self.activation, residual=self.residual)

    def initial(self, name: str, shape: tuple[int, ...], fan_in: int, key: Key) -> Tensor:
        return draw_initial(self.initialisation, self.gain, shape, fan_in, key)

    @classmethod
    def examples(cls) -> list[MLP]:
        return [
            cls(2, (8,), 2),
            cls(3, (), 1),
            cls(2, (5, 4), 1, activation="tanh", initialisation="orthogonal", gain=0.8),
            cls(2, (4, 4), 1, activation="silu", residual=True, initialisation="kaiming"),
        ]


def perceptron(
    inputs: int, hidden: tuple[int, ...], outputs: int, activation: Activation, *, residual: bool = False
) -> nn.Sequential:
    """Return linear layers with the activation between them."""
    widths = (inputs, *hidden)
    layers: list[nn.Module] = []
    for k, (a, b) in enumerate(zip(widths, hidden)):
        layer = [nn.Linear(a, b), activation_module(activation)]
        layers += [_Residual(nn.Sequential(*layer))] if residual and k > 0 and a == b else layer
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))


class _Residual(nn.Module):
    """What a module says, added to what it was told."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)

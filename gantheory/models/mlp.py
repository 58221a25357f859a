"""Multilayer perceptrons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from gantheory.models.model import Model


_ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "softplus": nn.Softplus,
}


@dataclass(frozen=True)
class MLP(Model):
    """A multilayer perceptron, ``inputs -> hidden[0] -> ... -> outputs``, linear at the end.

    ``activation`` is "relu", "tanh", "leaky_relu" (slope 0.2) or "softplus". Raises `ValueError` for a
    width below 1.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> critic = MLP(2, (64, 64), 1)
        >>> w = critic.init(Key(0))
        >>> tuple(critic(w, torch.zeros(5, 2)).shape)
        (5, 1)
    """

    inputs: int  # type: ignore[assignment]
    hidden: tuple[int, ...]
    outputs: int  # type: ignore[assignment]
    activation: Literal["relu", "tanh", "leaky_relu", "softplus"] = "relu"

    def check(self) -> None:
        if min(self.inputs, self.outputs, *self.hidden) < 1:
            raise ValueError(f"MLP needs widths of at least 1, got {self}")

    def build(self) -> nn.Module:
        return perceptron(self.inputs, self.hidden, self.outputs, self.activation)

    @classmethod
    def examples(cls) -> list[MLP]:
        return [cls(2, (8,), 2), cls(3, (), 1), cls(2, (5, 4), 1, activation="tanh")]


def perceptron(inputs: int, hidden: tuple[int, ...], outputs: int, activation: str) -> nn.Sequential:
    """Return linear layers with the activation between them."""
    widths = (inputs, *hidden)
    layers: list[nn.Module] = []
    for a, b in zip(widths, hidden):
        layers += [nn.Linear(a, b), _ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))

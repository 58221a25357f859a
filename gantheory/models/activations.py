"""The functions between layers, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import nn


Activation = Literal["relu", "tanh", "leaky_relu", "softplus", "elu", "gelu", "silu", "sigmoid"]

_MODULES: dict[Activation, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "softplus": nn.Softplus,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
}


def activation_module(name: Activation) -> nn.Module:
    """Return the module of an activation; the slope of "leaky_relu" is 0.2."""
    return _MODULES[name]()

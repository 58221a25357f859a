"""What normalisations of layers' outputs share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gantheory.models.normalisations.normalisation import Normalisation


EPSILON = 1e-5
"""What is added to variances, as torch does."""

_CONVOLUTIONS = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)


@dataclass(frozen=True)
class FeatureNormalisation(Normalisation, ABC):
    """A normalisation of what layers put out: ``gain (y - mean) / sqrt(variance + 1e-5) + bias``.

    It stands behind every linear or convolutional layer but the last, before the activation, with a gain
    and a bias for every feature or channel, which start at 1 and 0.
    """

    @abstractmethod
    def moments(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return variance and mean, of shapes that fit a layer's outputs ``(n, features, ...)``."""

    def normalise(self, network: nn.Module, inputs: int | None) -> nn.Module:
        layers = [module for module in network.modules() if isinstance(module, (nn.Linear, *_CONVOLUTIONS))]
        if len(layers) < 2:
            raise ValueError(
                f"{self} stands between layers, but the network has {len(layers)} linear or convolutional: "
                "give it a hidden layer"
            )
        for layer in layers[:-1]:
            if hasattr(layer, "norm"):
                raise ValueError(
                    f"{self} would stand behind another normalisation of the same outputs: use one"
                )
            features = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
            layer.norm = _Norm(features, self.moments)
            layer.register_forward_hook(_then_norm)
        return network

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        if name in plain:
            return plain[name]
        some = next(iter(plain.values()))
        return some.new_ones(shape) if name.endswith(".norm.weight") else some.new_zeros(shape)


def _then_norm(layer: Any, inputs: tuple, outputs: Tensor) -> Tensor:
    return layer.norm(outputs)


class _Norm(nn.Module):
    """Features, the second axis, made standard by moments, with a gain and a bias each."""

    def __init__(self, features: int, moments: Callable[[Tensor], tuple[Tensor, Tensor]]):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.moments = moments

    def forward(self, y: Tensor) -> Tensor:
        variance, mean = self.moments(y)
        shape = (-1, *(1,) * (y.dim() - 2))
        standard = (y - mean) * (variance + EPSILON).rsqrt()
        return standard * self.weight.view(shape) + self.bias.view(shape)

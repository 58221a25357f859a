"""What normalisations of weights share."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.utils import parametrize

from gantheory.models.normalisations.normalisation import Normalisation


@dataclass(frozen=True)
class WeightNormalisation(Normalisation, ABC):
    """A normalisation of every weight of two axes or more, as a matrix of outputs against all else.

    It is a parametrization of torch's: ``parametrizations.weight.original`` in the state dict, and
    `torch.nn.utils.parametrize.remove_parametrizations` leaves the plain network.
    """

    @abstractmethod
    def parametrization(self, shape: tuple[int, ...], rows: int) -> nn.Module:
        """Return the module that makes a weight of a shape of its parameters; ``rows`` is the axis of the outputs."""

    def normalise(self, network: nn.Module, inputs: int | None) -> nn.Module:
        found = [(m, m._parameters.get("weight")) for m in network.modules()]
        layers = [(layer, weight) for layer, weight in found if weight is not None and weight.dim() > 1]
        if not layers:
            raise ValueError(f"{self} needs a network with a weight of two axes or more")
        for layer, weight in layers:
            rows = int(isinstance(layer, nn.modules.conv._ConvTransposeNd))
            made = self.parametrization(tuple(weight.shape), rows)
            parametrize.register_parametrization(layer, "weight", made, unsafe=True)
        return network

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        return plain[plain_name(name)]


def plain_name(name: str) -> str:
    """Return the name of the weight that a parametrization's parameter makes; other names are their own."""
    return re.sub(r"parametrizations\.weight\.original\d?$", "weight", name)


def as_matrix(weight: Tensor, rows: int) -> Tensor:
    """Return a weight as the matrix of one axis against all others."""
    return weight.movedim(rows, 0).flatten(1)

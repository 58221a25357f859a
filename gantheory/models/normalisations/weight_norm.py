"""Weight normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory.models.normalisations.weights import WeightNormalisation, plain_name


@dataclass(frozen=True)
class WeightNorm(WeightNormalisation):
    """Length and direction of every output's weights are parameters of their own.

    Equation: ``W_i = g_i v_i / |v_i|`` for the weights of every output or channel i; g starts at the length of the
    plain start, so that the network starts as the same function. Parameters are named as torch's are.

    Reference: Salimans, Kingma (2016).

    Example:
        >>> from gantheory import MLP, Normalised
        >>> Normalised(MLP(2, (8,), 1), WeightNorm()).size - MLP(2, (8,), 1).size
        9
    """

    def parametrization(self, shape: tuple[int, ...], rows: int) -> nn.Module:
        return _Directed(rows)

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        weight = plain[plain_name(name)]
        if not name.endswith(".original0"):
            return weight
        axes = [axis for axis, size in enumerate(shape) if size == 1 and weight.shape[axis] > 1]
        return torch.linalg.vector_norm(weight, dim=axes, keepdim=True) if axes else weight.abs()

    @classmethod
    def examples(cls) -> list[WeightNorm]:
        return [cls()]


class _Directed(nn.Module):
    def __init__(self, rows: int):
        super().__init__()
        self.rows = rows

    def forward(self, length: Tensor, direction: Tensor) -> Tensor:
        return direction * (length / self._lengths(direction))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return self._lengths(weight), weight

    def _lengths(self, weight: Tensor) -> Tensor:
        others = [axis for axis in range(weight.dim()) if axis != self.rows]
        return torch.linalg.vector_norm(weight, dim=others, keepdim=True)

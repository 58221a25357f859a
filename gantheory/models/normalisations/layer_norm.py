"""Layer normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.models.normalisations.features import FeatureNormalisation


@dataclass(frozen=True)
class LayerNorm(FeatureNormalisation):
    """The outputs of a layer are standardised over its features, for every sample by itself.

    Equation: ``gain (y - mean) / sqrt(variance + 1e-5) + bias``, with the moments of one sample's features
    (and pixels), behind every layer but the last. A sample sees no other, so penalties of gradients are
    what they say.

    Reference: Ba, Kiros, Hinton (2016); Gulrajani et al. (2017), for critics.

    Example:
        >>> from gantheory import MLP, Normalised
        >>> Normalised(MLP(2, (64, 64), 1), LayerNorm()).size - MLP(2, (64, 64), 1).size
        256
    """

    def moments(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.var_mean(y, dim=tuple(range(1, y.dim())), correction=0, keepdim=True)

    @classmethod
    def examples(cls) -> list[LayerNorm]:
        return [cls()]

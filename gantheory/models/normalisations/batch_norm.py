"""Batch normalisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gantheory.models.normalisations.features import FeatureNormalisation


@dataclass(frozen=True)
class BatchNorm(FeatureNormalisation):
    """Every feature of a layer is standardised over the batch at hand, in training and ever after.

    Equation: ``gain (y - mean) / sqrt(variance + 1e-5) + bias``, with the moments of a feature over the batch
    (and pixels), behind every layer but the last. No running statistics are kept, so samples of a generator
    hang together by the batch in which they are made, and a critic sees real and generated samples as two
    batches. A penalty of the critic's gradients makes no sense then, and `WithPenalty` refuses it.

    Raises `ValueError` where a batch has one number a feature, which has no variance.

    Reference: Ioffe, Szegedy (2015); Radford, Metz, Chintala (2016), for GANs.

    Example:
        >>> import torch
        >>> from gantheory import Key, MLP, Normalised
        >>> model = Normalised(MLP(2, (8,), 2), BatchNorm())
        >>> tuple(model(model.init(Key(0)), torch.eye(2)).shape)
        (2, 2)
    """

    samplewise: ClassVar[bool] = False

    def moments(self, y: Tensor) -> tuple[Tensor, Tensor]:
        if math.prod(y.shape) == y.shape[1]:
            raise ValueError(
                "BatchNorm: a batch of one sample has no variance; ask for two or more at a time"
            )
        return over_samples(y)

    @classmethod
    def examples(cls) -> list[BatchNorm]:
        return [cls()]


def over_samples(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return variance and mean ``(1, features, 1, ...)`` over samples and pixels."""
    axes = (0, *range(2, y.dim()))
    return torch.var_mean(y, dim=axes, correction=0, keepdim=True)

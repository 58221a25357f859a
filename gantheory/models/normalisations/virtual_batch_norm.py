"""Virtual batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gantheory.models.normalisations.batch_norm import over_samples
from gantheory.models.normalisations.features import FeatureNormalisation
from gantheory.models.normalisations.reference import CUSTOMARY, check_reference, with_reference
from gantheory.notation import Noun
from gantheory.random import Key


@dataclass(frozen=True)
class VirtualBatchNorm(FeatureNormalisation):
    """Every feature of a layer is standardised, for each sample x, by its moments over {x} and a reference batch.

    Equation: ``gain (y - mean) / sqrt(variance + 1e-5) + bias``, behind every layer but the last, with the
    moments over the ``rows + 1`` samples; the reference batch, which runs through the network in front, is
    standardised by its own. Samples are independent of each other.

    ``rows``, ``source`` and ``key`` are those of `ReferenceBatchNorm`. Raises `ValueError` as that does.

    Reference: Salimans et al. (2016), section 3.4.

    Example:
        >>> from gantheory import MLP, Normalised
        >>> Normalised(MLP(2, (8,), 2), VirtualBatchNorm(64)).size
        58
    """

    rows: int = 64
    source: Noun | None = None
    key: Key = CUSTOMARY

    def check(self) -> None:
        check_reference("VirtualBatchNorm", self.rows, self.source)

    def moments(self, y: Tensor) -> tuple[Tensor, Tensor]:
        m = self.rows
        variance, mean = over_samples(y[:m])
        new = y[m:]
        if y.dim() > 2:
            own_variance, own = torch.var_mean(new, dim=tuple(range(2, y.dim())), correction=0, keepdim=True)
        else:
            own_variance, own = torch.zeros_like(new), new
        # the moments of a union: of means, and of variances within and between
        between = m * ((own - mean) / (m + 1)).square()
        both = (m * variance + own_variance) / (m + 1) + between, (m * mean + own) / (m + 1)
        first = variance.expand(m, *variance.shape[1:]), mean.expand(m, *mean.shape[1:])
        return torch.cat((first[0], both[0])), torch.cat((first[1], both[1]))

    def normalise(self, network: nn.Module, inputs: int | None) -> nn.Module:
        inner = FeatureNormalisation.normalise(self, network, inputs)
        return with_reference(inner, inputs, self.rows, self.source, self.key)

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        return FeatureNormalisation.start(self, name.removeprefix("network."), shape, plain)

    @classmethod
    def examples(cls) -> list[VirtualBatchNorm]:
        return [cls(5), cls(2, key=Key(3))]

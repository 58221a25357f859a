"""Reference batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from gantheory.models.normalisations.batch_norm import over_samples
from gantheory.models.normalisations.features import FeatureNormalisation
from gantheory.models.normalisations.reference import CUSTOMARY, check_reference, with_reference
from gantheory.notation import Noun
from gantheory.random import Key


@dataclass(frozen=True)
class ReferenceBatchNorm(FeatureNormalisation):
    """Every feature of a layer is standardised by its moments over one reference batch, chosen once.

    Equation: ``gain (y - mean) / sqrt(variance + 1e-5) + bias``, behind every layer but the last, with the
    moments of the reference batch under the present parameters: it runs through the network in front of
    every batch. So samples are independent of each other, but the network may overfit the reference.

    The reference batch has ``rows`` samples from ``source``, drawn with ``key`` and the same for all members of
    a population. `None` is the standard normal latents of a generator; a critic wants its data there:
    ``ReferenceBatchNorm(64, Ring())``. Raises `ValueError` below two rows, or where dimensions do not fit.

    Reference: Salimans et al. (2016); Goodfellow (2016), section 4.

    Example:
        >>> from gantheory import MLP, Normalised, Ring
        >>> critic = Normalised(MLP(2, (8,), 1), ReferenceBatchNorm(64, Ring()))
        >>> critic.size
        49
    """

    rows: int = 64
    source: Noun | None = None
    key: Key = CUSTOMARY

    def check(self) -> None:
        check_reference("ReferenceBatchNorm", self.rows, self.source)

    def moments(self, y: Tensor) -> tuple[Tensor, Tensor]:
        return over_samples(y[: self.rows])

    def normalise(self, network: nn.Module, inputs: int | None) -> nn.Module:
        inner = FeatureNormalisation.normalise(self, network, inputs)
        return with_reference(inner, inputs, self.rows, self.source, self.key)

    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        return FeatureNormalisation.start(self, name.removeprefix("network."), shape, plain)

    @classmethod
    def examples(cls) -> list[ReferenceBatchNorm]:
        return [cls(5), cls(4, key=Key(3))]

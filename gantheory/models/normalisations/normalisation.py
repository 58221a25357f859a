"""What every normalisation offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from gantheory.notation import Noun


@dataclass(frozen=True)
class Normalisation(Noun, ABC):
    """A change of a network's layers that `Normalised` makes: of what they put out, or of their weights.

    It adds no buffer that changes, so that the network stays a pure function of its parameters.
    """

    samplewise: ClassVar[bool] = True
    """Whether what becomes of a sample depends on no other sample of its batch."""

    @abstractmethod
    def normalise(self, network: nn.Module, inputs: int | None) -> nn.Module:
        """Return a network, new and of so many inputs, with its layers normalised; it may be changed."""

    @abstractmethod
    def start(self, name: str, shape: tuple[int, ...], plain: Mapping[str, Tensor]) -> Tensor:
        """Return the initial value of a parameter of the normalised network from those of the plain one."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Normalisation]:
        """Return instances, for the contract tests."""

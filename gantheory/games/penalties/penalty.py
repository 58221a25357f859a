"""What every penalty offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.notation import Noun


@dataclass(frozen=True)
class Penalty(Noun, ABC):
    """A term added to the loss of one player, computed from the critic and the samples."""

    player: ClassVar[str] = "critic"
    """The player whose loss it is added to."""

    @abstractmethod
    def __call__(self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
        """Return the penalty, a scalar, for real and generated samples ``(n, d)``."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Penalty]:
        """Return instances, for the contract tests."""

"""What every distribution offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Fact:
    """A known quantity: exact (``error`` 0), known to an error, or `None` with the reason."""

    value: Any
    error: float = 0.0
    reason: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("a fact without a value needs the reason")


@dataclass(frozen=True)
class Modes:
    """The components of a mixture: ``centres`` (K, d), ``covariances`` (K, d, d), ``weights`` (K,)."""

    centres: np.ndarray
    covariances: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.weights)


@dataclass(frozen=True)
class Facts:
    """What is known of a distribution: moments (``(d,)`` and ``(d, d)``), entropy in nats, modes.

    What a distribution does not state is a fact without a value.
    """

    mean: Fact = Fact(None, reason="not stated")
    covariance: Fact = Fact(None, reason="not stated")
    entropy: Fact = Fact(None, reason="not stated")
    modes: Fact = Fact(None, reason="not stated")


@dataclass(frozen=True)
class Distribution(Noun, ABC):
    """A law on R^dim that can be sampled and whose facts are known.

    A distribution of your own gives `dim`, `sample` and `facts`, and for the contract tests `examples`.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Cube(Distribution):
        ...     dim: int = 3
        ...     def sample(self, n, key, *, start=0):
        ...         return key.uniform(n, self.dim, start=start)
        ...     def facts(self):
        ...         return Facts(mean=Fact([0.5] * self.dim))
        ...     @classmethod
        ...     def examples(cls):
        ...         return [cls()]
        >>> Cube(2).facts().entropy.reason
        'not stated'
    """

    if TYPE_CHECKING:  # leaves may have it as a field, for which an inherited property would be a default

        @property
        def dim(self) -> int:
            """The dimension of a sample."""
            ...

    @abstractmethod
    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        """Draw rows ``start`` to ``start + n`` of the key's samples, ``(*batch, n, dim)``.

        Row i depends on the key and i alone, so a draw in pieces equals a draw at once.
        """

    @abstractmethod
    def facts(self) -> Facts:
        """Return what is known exactly, or to a stated error."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Distribution]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class Density(Distribution, ABC):
    """A distribution with a density."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log-density ``(..., n)`` at points ``(..., n, dim)``, in nats."""

    @abstractmethod
    def score(self, x: Tensor) -> Tensor:
        """Return the gradient of the log-density, ``(..., n, dim)``."""

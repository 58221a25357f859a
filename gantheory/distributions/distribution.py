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
class Topology:
    """Betti numbers b0, b1, ... over a field, of the support or of a set that holds most of the mass."""

    betti: tuple[int, ...]
    of: str
    field: str = "Q"


@dataclass(frozen=True)
class Edge:
    """What a density leaves at the edge of its support, with outward normals n.

    ``flux = integral of p n`` (d,) and ``reach = integral of p x.n``: Stein's identities are
    ``E[score] = flux`` and ``E[x . score] = reach - d``. Both vanish where the density does.
    """

    flux: np.ndarray
    reach: float


_UNSTATED = Fact(None, reason="not stated")


@dataclass(frozen=True)
class Facts:
    """What is known of a distribution. What it does not state is a fact without a value.

    - ``mean`` (d,), ``covariance`` (d, d), ``entropy`` in nats, ``modes``: `Modes`
    - ``mode_of``: function of points (..., n, d), the number (..., n) of the mode that made them, or the
      likeliest; ``labels`` says how many there are
    - ``support_distance``: function, the distance (..., n) of points from the support, or, for noisy
      shapes, from the shape without its noise; ``project``: function, the nearest point (..., n, d) of it
    - ``intrinsic_dimension`` and ``reach`` of the support or noise-free shape, ``topology``: `Topology`
    - ``tail_index``: the largest a such that all moments of order below a exist (infinite for light tails)
    - ``score_lipschitz``: the least L with |score x - score y| <= L |x - y|
    - ``edge``: `Edge`, of densities that do not vanish at the edge of their support
    """

    mean: Fact = _UNSTATED
    covariance: Fact = _UNSTATED
    entropy: Fact = _UNSTATED
    modes: Fact = _UNSTATED
    mode_of: Fact = _UNSTATED
    labels: Fact = _UNSTATED
    support_distance: Fact = _UNSTATED
    project: Fact = _UNSTATED
    intrinsic_dimension: Fact = _UNSTATED
    topology: Fact = _UNSTATED
    reach: Fact = _UNSTATED
    tail_index: Fact = _UNSTATED
    score_lipschitz: Fact = _UNSTATED
    edge: Fact = _UNSTATED


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

"""What laws made of other laws share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from gantheory.distributions.distribution import Density, Distribution, MaybeDensity
from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes


T = TypeVar("T")


@dataclass(frozen=True)
class Derived(MaybeDensity, ABC):
    """A law made of others."""

    @abstractmethod
    def components(self) -> Modes | None:
        """Return the components of a law that is a mixture of Gaussians, `None` of another."""


def components_of(law: Distribution | None) -> Modes | None:
    """Return the components of a law that is a mixture of Gaussians, `None` of another."""
    return law.components() if isinstance(law, (GaussianModes, Derived)) else None


def all_of(items: Iterable[T | None]) -> list[T] | None:
    """Return the items, or `None` where one is `None`."""
    found = list(items)
    kept = [item for item in found if item is not None]
    return kept if len(kept) == len(found) else None


def without_density(laws: Sequence[Distribution]) -> str:
    """Return which of the laws has no density, for `no_density`, or an empty text."""
    lacking = [law for law in laws if not isinstance(law, Density)]
    return f"{type(lacking[0]).__name__} has none here" if lacking else ""


def density(law: Distribution | None) -> Density:
    """Return a law that is known to be a `Density` as one, which its type does not say."""
    return cast(Density, law)


def check_laws(laws: Sequence[Distribution], owner: str) -> None:
    """Raise `ValueError` without laws, or for laws of different dimensions."""
    dims = sorted({law.dim for law in laws})
    if len(dims) != 1:
        raise ValueError(f"{owner} needs laws of one dimension, got {dims or 'no law'}")

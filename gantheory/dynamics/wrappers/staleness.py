"""How old the gradients are that reach a player."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Staleness(Noun, ABC):
    """A law of ages, in steps: a new one is drawn for every gradient, of 0 to ``most``."""

    if TYPE_CHECKING:  # leaves have it as a field, for which an inherited property would be a default

        @property
        def most(self) -> int:
            """The oldest age: as many gradients are kept."""
            ...

    @abstractmethod
    def ages(self, key: Key) -> Tensor:
        """Return one age a member ``(members,)``, whole numbers from 0 to ``most``, from a batched key."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Staleness]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class GeometricStaleness(Staleness):
    """Ages of many workers who finish in no order: k steps with probability ``(1 - share) share^k``.

    What would be older than ``most`` is that old. On average, asynchronous descent then has the momentum ``share``.

    Raises `ValueError` for a share outside [0, 1), or a negative most.

    Reference: Mitliagkas, Zhang, Hadjis, Re (2016).

    Example:
        >>> from gantheory import Key
        >>> GeometricStaleness(0.5, most=3).ages(Key(0).split(1000)).bincount().tolist()
        [484, 271, 115, 130]
    """

    share: float
    most: int = 20

    def check(self) -> None:
        if not 0 <= self.share < 1 or self.most < 0:
            raise ValueError(
                f"GeometricStaleness needs a share in [0, 1) and a most of at least 0, got {self}"
            )

    def ages(self, key: Key) -> Tensor:
        u = key.uniform(1)[..., 0].double()
        # the number of powers of the share that are above u, each of which is reached with that probability
        reached = torch.as_tensor(self.share, dtype=u.dtype, device=u.device) ** torch.arange(
            1, self.most + 1
        ).to(u)
        return (u[..., None] < reached).sum(-1)

    @classmethod
    def examples(cls) -> list[GeometricStaleness]:
        return [cls(0.5, most=4)]


@dataclass(frozen=True)
class UniformStaleness(Staleness):
    """Ages of 0 to ``most`` steps, all alike.

    Raises `ValueError` for a negative most.

    Example:
        >>> from gantheory import Key
        >>> UniformStaleness(1).ages(Key(0).split(1000)).bincount().tolist()
        [516, 484]
    """

    most: int

    def check(self) -> None:
        if self.most < 0:
            raise ValueError(f"UniformStaleness needs a most of at least 0, got {self.most}")

    def ages(self, key: Key) -> Tensor:
        return (key.uniform(1)[..., 0].double() * (self.most + 1)).long()

    @classmethod
    def examples(cls) -> list[UniformStaleness]:
        return [cls(3)]

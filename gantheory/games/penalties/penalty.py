"""What every penalty offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Penalty(Noun, ABC):
    """A term added to the loss of one player, computed from the critic and the samples."""

    player: ClassVar[str] = "critic"
    """The player whose loss it is added to."""

    draws: ClassVar[bool] = False
    """Whether it needs random numbers: they are part of the batch, never drawn inside the loss."""

    @property
    def flat(self) -> bool:
        """Whether a critic that is flat on all samples rests: it pays nothing, with no gradient."""
        return True

    def draw(self, n: int, dim: int, key: Key) -> Tensor:
        """Draw the random numbers for ``n`` samples of dimension ``dim``, the key's batch axes first."""
        raise ValueError(f"{self} draws nothing")

    @abstractmethod
    def __call__(
        self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, noise: Tensor | None = None
    ) -> Tensor:
        """Return the penalty, a scalar, for real and generated samples ``(n, d)`` and what was drawn."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Penalty]:
        """Return instances, for the contract tests."""


def slopes(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradients ``(n, d)`` of the critic's logit at points ``(n, d)``."""
    return torch.func.grad(lambda points: critic(points).sum())(x)


def lengths(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the lengths ``(n,)`` of the critic's gradients at points ``(n, d)``."""
    slope = slopes(critic, x)
    flat = (slope == 0).all(-1)  # where the norm's second derivative is not a number: there the length is 0
    return torch.where(flat, 0, torch.where(flat[:, None], 1, slope).norm(dim=-1))


def given(noise: Tensor | None, penalty: Penalty) -> Tensor:
    """Return the random numbers of a penalty that needs some, or say how to get them."""
    if noise is None:
        raise ValueError(f"{penalty} needs noise: pass penalty.draw(n, dim, key)")
    return noise

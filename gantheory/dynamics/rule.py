"""What every update rule and every step offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gantheory.dynamics.population import Many, Profile
from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Step(Noun, ABC):
    """How far to go along a direction: one player's update, for a population."""

    @abstractmethod
    def init(self, w: Tensor) -> Any:
        """Return the state for parameters ``(members, size)``: a tuple of tensors, or ``()``."""

    @abstractmethod
    def move(self, w: Tensor, gradient: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Return the moved parameters and the new state."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Step]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class Rule(Noun, ABC):
    """Which way all players move: a direction around a step, for a population.

    Pure: ``advance`` returns a new profile and a new state, and draws every number from the key. Small games
    are fast under a rule that treats members alike and reads no tensor in Python; a counter in the state is
    a single float64 or int64 tensor.
    """

    @abstractmethod
    def init(self, game: Many, profile: Profile) -> Any:
        """Return the state: nested tuples of tensors."""

    @abstractmethod
    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        """Return the profile after one step, and the new state."""

    def field_calls(self, game: Many) -> int:
        """The number of players' gradients that one step takes."""
        return len(self.turns(game))

    @abstractmethod
    def turns(self, game: Many) -> tuple[int | None, ...]:
        """What one step draws: for every draw, the player who moves on it, or `None` for all."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Rule]:
        """Return instances, for the contract tests."""


def init_steps(step: Step, profile: Profile) -> tuple[Any, ...]:
    """Return the step's state for every player."""
    return tuple(step.init(w) for w in profile)


def move_all(step: Step, profile: Profile, field: Profile, states: tuple) -> tuple[Profile, tuple]:
    """Move every player along its gradient at once."""
    moved = [step.move(w, g, s) for w, g, s in zip(profile, field, states)]
    return tuple(w for w, _ in moved), tuple(s for _, s in moved)

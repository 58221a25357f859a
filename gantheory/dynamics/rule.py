"""What every update rule and every step offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.dynamics.population import Many, Profile
from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Stepping(Noun, ABC):
    """The steps of all players: one for all, or one for each."""

    @abstractmethod
    def of(self, player: int, players: int) -> Step:
        """Return the step of one of so many players."""


@dataclass(frozen=True)
class Step(Stepping, ABC):
    """How far to go along a direction: one player's update, for a population."""

    def of(self, player: int, players: int) -> Step:
        return self

    @abstractmethod
    def init(self, w: Tensor) -> Any:
        """Return the state for parameters ``(members, size)``: a tuple of tensors, or ``()``."""

    @abstractmethod
    def move(self, w: Tensor, gradient: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Return the moved parameters and the new state."""

    @abstractmethod
    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer | None:
        """Return torch's optimizer of the same arithmetic for one member's parameters, if there is one."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Step]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class Rule(Noun, ABC):
    """Which way all players move: a direction around a step, for a population.

    Pure: ``advance`` returns a new profile and a new state, and draws every number from the key. The state is
    nested tuples of tensors: one row a member, or scalars that all share, such as a clock. ``linear`` says
    whether a plain step is linear in point and state where the field is, ``consistent`` whether small plain
    steps follow the field's own flow; contract tests hold a rule to both. Small games are fast under a rule
    that reads no tensor in Python.
    """

    linear: ClassVar[bool] = True
    consistent: ClassVar[bool] = True
    draws: ClassVar[bool] = False
    """Whether a step draws numbers of its own, beside the game's batches."""
    products: ClassVar[int] = 0
    """How many products with the field's Jacobian a step takes for every player."""
    carries: ClassVar[bool] = False
    """Whether it takes the rounds of networks' power iterations."""

    @abstractmethod
    def init(self, game: Many, profile: Profile) -> Any:
        """Return the state: nested tuples of tensors."""

    @abstractmethod
    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        """Return the profile after one step, and the new state."""

    @abstractmethod
    def turns(self, game: Many) -> tuple[int | None, ...]:
        """What one step draws: for every draw, the player who moves on it, or `None` for all."""

    def asks(self, game: Many) -> tuple[int | None, ...]:
        """The gradients that one step asks for, in their order: of one player, or `None` for all."""
        return self.turns(game)

    def field_calls(self, game: Many) -> int:
        """The number of players' gradients that one step takes; a product with the Jacobian counts as two."""
        players = len(game.players)
        return sum(players if who is None else 1 for who in self.asks(game)) + 2 * self.products * players

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Rule]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class Together(Rule, ABC):
    """A rule around a step in which all players move at once, on one batch."""

    if TYPE_CHECKING:  # leaves have it as a field, for which an inherited property would be a default

        @property
        def step(self) -> Stepping:
            """The step around which the rule is."""
            ...

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return (None,)

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile)


def init_steps(step: Stepping, profile: Profile) -> tuple[Any, ...]:
    """Return the step's state for every player."""
    return tuple(step.of(i, len(profile)).init(w) for i, w in enumerate(profile))


def towards(profile: Profile, goal: Profile, share: Tensor) -> Profile:
    """Return the points that lie a share of the way from one profile to another."""
    return tuple(torch.lerp(w, end, share.to(w)) for w, end in zip(profile, goal))


def move_all(step: Stepping, profile: Profile, field: Profile, states: tuple) -> tuple[Profile, tuple]:
    """Move every player along its gradient at once."""
    each = [step.of(i, len(profile)) for i in range(len(profile))]
    moved = [own.move(w, g, s) for own, w, g, s in zip(each, profile, field, states)]
    return tuple(w for w, _ in moved), tuple(s for _, s in moved)

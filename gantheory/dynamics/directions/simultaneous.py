"""Simultaneous gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam, PerPlayer


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Simultaneous(Together):
    """All players move at once, each along its own gradient at the same point and on the same batch.

    Equation: ``w+ = w - rate v(w)`` for a plain step, with the stacked gradients v. A game with one
    player is ordinary gradient descent.

    Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> from gantheory import SGD
        >>> Simultaneous(SGD(0.1))
        Simultaneous(step=SGD(rate=0.1))
    """

    step: Stepping

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        field = game.field(profile, game.draw(key.child(0)))
        return move_all(self.step, profile, field, state)

    @classmethod
    def examples(cls) -> list[Simultaneous]:
        return [cls(SGD(0.05)), cls(Adam(0.01)), cls(PerPlayer((SGD(0.05), Adam(0.01))))]

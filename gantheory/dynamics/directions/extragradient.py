"""Extragradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, Stepping, init_steps, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ExtraGradient(Rule):
    """Players look one step ahead and then move from where they stood, along the gradient found there.

    Equation: ``u = w - rate v(w)``, ``w+ = w - rate v(u)`` for a plain step. The two gradients see
    independent batches; a step with a memory takes in both.

    Reference: Korpelevich (1976); Gidel et al. (2019).

    Example:
        >>> from gantheory import SGD
        >>> ExtraGradient(SGD(0.1))
        ExtraGradient(step=SGD(rate=0.1))
    """

    step: Stepping

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return None, None

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        ahead, state = move_all(self.step, profile, game.field(profile, game.draw(key.child(0))), state)
        return move_all(self.step, profile, game.field(ahead, game.draw(key.child(1))), state)

    @classmethod
    def examples(cls) -> list[ExtraGradient]:
        return [cls(SGD(0.05)), cls(Adam(0.01))]

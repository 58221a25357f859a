"""Alternating gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, Stepping, init_steps
from gantheory.dynamics.steps import SGD, Adam, PerPlayer


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Alternating(Rule):
    """Players move in turn, each on a fresh batch and knowing the moves before its own.

    Equation: for a generator g and a critic c, ``c+ = c - rate v_c(g, c)`` for ``critic_steps`` times,
    then ``g+ = g - rate v_g(g, c+)``. ``order`` names the players in the order of their turns; `None`
    is the reverse of the game's players, critic first. The first player of the game moves once a step,
    every other one ``critic_steps`` times.

    Raises `ValueError` below one critic step, and for an order that is not one of all players.

    Reference: Goodfellow et al. (2014), algorithm 1; Gidel et al. (2019).

    Example:
        >>> from gantheory import SGD
        >>> Alternating(SGD(0.1), critic_steps=5).critic_steps
        5
    """

    step: Stepping
    critic_steps: int = 1
    order: tuple[str, ...] | None = None

    def check(self) -> None:
        if self.critic_steps < 1:
            raise ValueError(f"Alternating needs at least one critic step, got {self.critic_steps}")

    def turns(self, game: Many) -> tuple[int, ...]:
        players = game.players
        order = tuple(reversed(players)) if self.order is None else self.order
        if sorted(order) != sorted(players):
            raise ValueError(f"order must name all players {players} once, got {order}")
        counts = (1 if player == players[0] else self.critic_steps for player in order)
        return tuple(players.index(player) for player, count in zip(order, counts) for _ in range(count))

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        moved, states = list(profile), list(state)
        for turn, i in enumerate(self.turns(game)):
            batch = game.draw(key.child(turn), only=i)
            (gradient,) = game.field(tuple(moved), batch, only=i)
            own = self.step.of(i, len(moved))
            moved[i], states[i] = own.move(moved[i], gradient, states[i])
        return tuple(moved), tuple(states)

    @classmethod
    def examples(cls) -> list[Alternating]:
        return [cls(SGD(0.05)), cls(Adam(0.01), critic_steps=2), cls(PerPlayer((SGD(0.05), SGD(0.1))))]

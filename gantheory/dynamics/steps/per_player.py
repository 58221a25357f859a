"""A step of its own for every player."""

from __future__ import annotations

from dataclasses import dataclass

from gantheory.dynamics.rule import Step, Stepping
from gantheory.dynamics.steps.adam import Adam
from gantheory.dynamics.steps.sgd import SGD


@dataclass(frozen=True)
class PerPlayer(Stepping):
    """One step for each player, in the order of the game's players: two time scales, or two methods.

    A sweep reaches the first player's rate by the path ``rule.step.steps.0.rate``.

    Raises `ValueError` below two steps, and where a game has another number of players.

    Reference: Heusel et al. (2017).

    Example:
        >>> from gantheory import SGD
        >>> PerPlayer((SGD(0.1), SGD(0.4))).of(1, 2)
        SGD(rate=0.4)
    """

    steps: tuple[Step, ...]

    def check(self) -> None:
        if len(self.steps) < 2:
            raise ValueError(f"PerPlayer needs a step for each of two or more players, got {self}")

    def of(self, player: int, players: int) -> Step:
        if len(self.steps) != players:
            raise ValueError(f"{self} has {len(self.steps)} steps, but the game has {players} players")
        return self.steps[player]

    @classmethod
    def examples(cls) -> list[PerPlayer]:
        return [cls((SGD(0.1), SGD(0.05))), cls((Adam(0.01), SGD(0.1)))]

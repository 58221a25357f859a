"""A pull towards where a player has been."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gantheory.dynamics.directions import Alternating, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, towards
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper, meant


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class HistoricalAveraging(Wrapper):
    """Players pay for their distance to the mean of all points that they have been at.

    Equation: in step k a player's loss is ``loss_i + weight |w_i - m_i|^2`` with m_i the mean of its points
    w_0 to w_k, held in the gradient; for the named player, or for every one. Orbits of bilinear games, which
    plain steps throw outwards, are drawn in. Unlike `Averaged`, which only looks, it changes the steps.

    Raises `ValueError` for a negative weight, and for a player that the game does not have.

    Reference: Salimans et al. (2016), section 3.3.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> rule = HistoricalAveraging(Simultaneous(SGD(0.1)), weight=0.1)
        >>> runs = simulate(Bilinear(), rule, steps=2000, start=(1.0, 0.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    rule: Rule
    weight: float = 1.0
    player: str | None = None

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.weight == 0 and self.rule.consistent

    def check(self) -> None:
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"HistoricalAveraging needs a finite weight of at least 0, got {self.weight}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        meant(self.player, game, "HistoricalAveraging")
        return self.rule.turns(game)

    def init(self, game: Many, profile: Profile) -> Any:
        return self.rule.init(game, profile), profile, torch.ones((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        inner, means, count = state
        weights = [self.weight if m else None for m in meant(self.player, game, "HistoricalAveraging")]
        drawn_back: Any = _DrawnBack(game, means, weights)
        moved, inner = self.rule.advance(drawn_back, profile, inner, key)
        count = count + 1
        means = towards(means, moved, 1 / count)
        return moved, (inner, means, count)

    @classmethod
    def examples(cls) -> list[HistoricalAveraging]:
        return [
            cls(Simultaneous(SGD(0.05))),
            cls(Alternating(Adam(0.01)), weight=0.1),
        ]


class _DrawnBack:
    """A game whose players pay for their distance to given points, those of weight `None` nothing."""

    def __init__(self, game: Many, means: Profile, weights: list[Any]):
        self.draw, self.players, self.sizes, self.members = game.draw, game.players, game.sizes, game.members
        self._game, self._means, self._weights = game, means, weights

    def _of(self, only: int | None) -> list[int]:
        return list(range(len(self.players))) if only is None else [only]

    def field(self, profile: Profile, batch: Any, *, create_graph: bool = False, only: int | None = None):
        plain = self._game.field(profile, batch, create_graph=create_graph, only=only)
        return tuple(
            g if self._weights[i] is None else g + 2 * self._weights[i] * (profile[i] - self._means[i])
            for i, g in zip(self._of(only), plain)
        )

    def losses(self, profile: Profile, batch: Any, *, only: int | None = None) -> tuple[Tensor, ...]:
        plain = self._game.losses(profile, batch, only=only)
        return tuple(
            loss if self._weights[i] is None else loss + self._fine(i, profile)
            for i, loss in zip(self._of(only), plain)
        )

    def _fine(self, player: int, profile: Profile) -> Tensor:
        away = profile[player] - self._means[player]
        return (self._weights[player] * away.square()).sum(-1)

"""Rules that see one batch a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.directions import Alternating, ExtraGradient
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class SameBatch(Wrapper):
    """A rule all of whose gradients within a step see one batch.

    On a bilinear game of several terms extragradient diverges where its two gradients see independent batches, and
    converges where they see the same one.

    Reference: Chavdarova, Gidel, Fleuret, Lacoste-Julien (2019); Mishchenko et al. (2020), for the same batch.

    Example:
        >>> from gantheory import SGD, ExtraGradient, Key, StochasticBilinear, simulate
        >>> game = StochasticBilinear((((1.0, 0.0), (0.0, 0.0)), ((0.0, 0.0), (0.0, 1.0))))
        >>> rule = SameBatch(ExtraGradient(SGD(0.7)))
        >>> runs = simulate(game, rule, steps=400, start=(1.0,) * 4, key=Key(0))
        >>> bool(runs.points[0, -1].norm() < 1e-3)
        True
    """

    rule: Rule

    def turns(self, game: Many) -> tuple[int | None, ...]:
        self.rule.turns(game)  # refuses a game that does not fit
        return (None,)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        return self.rule.advance(_Once(game, key), profile, state, key)  # type: ignore[arg-type]

    @classmethod
    def examples(cls) -> list[SameBatch]:
        return [cls(ExtraGradient(SGD(0.05))), cls(Alternating(Adam(0.01), critic_steps=2))]


class _Once:
    """A game that draws one batch, for all players."""

    def __init__(self, game: Many, key: Key):
        self._game, self._batch = game, game.draw(key.child(0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._game, name)

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        return self._batch

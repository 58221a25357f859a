"""Rules that see old gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gantheory.dynamics.directions import Alternating, ExtraGradient, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.staleness import GeometricStaleness, Staleness
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Delayed(Wrapper):
    """A rule whose players get the gradients of some steps ago.

    Equation: ``v_i(w_t)`` is replaced by ``v_i(w_{t - s_i})``, taken on the batch of then; before step s_i it is
    that of the first step. ``staleness`` is one number for all players, or one for each, or a `Staleness`: then
    every gradient of every player is of an age of its own, drawn anew. Every gradient that the rule asks for within
    a step, as extragradient's two, is delayed by itself.

    Raises `ValueError` for a negative staleness, a number of them that does not fit the game, and where
    the rule needs derivatives of the field, which nobody sends.

    Reference: Recht et al. (2011), for one player; Mitliagkas et al. (2016), for drawn ages; Mazumdar, Ratliff, Sastry
    (2020).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> rule = Delayed(Simultaneous(SGD(0.1)), staleness=2)
        >>> runs = simulate(Bilinear(), rule, steps=3, start=(1.0, 0.0), record=1, key=Key(0))
        >>> [round(y, 12) for y in runs.points[0, :, 1].tolist()]  # three times the first gradient
        [0.0, 0.1, 0.2, 0.3]
    """

    rule: Rule
    staleness: int | tuple[int, ...] | Staleness = 1

    @property
    def linear(self) -> bool:  # type: ignore[override]
        return self.rule.linear and not isinstance(self.staleness, Staleness)

    @property
    def draws(self) -> bool:  # type: ignore[override]
        return self.rule.draws or isinstance(self.staleness, Staleness)

    def check(self) -> None:
        if isinstance(self.staleness, Staleness):
            return
        each = self.staleness if isinstance(self.staleness, tuple) else (self.staleness,)
        if not each or min(each) < 0:
            raise ValueError(f"Delayed needs a staleness of at least 0, got {self.staleness}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        self._ages(game)
        return self.rule.turns(game)

    def _ages(self, game: Many) -> tuple[int, ...]:
        if isinstance(self.staleness, Staleness):
            return (self.staleness.most,) * len(game.players)
        if not isinstance(self.staleness, tuple):
            return (self.staleness,) * len(game.players)
        if len(self.staleness) != len(game.players):
            raise ValueError(
                f"Delayed: staleness has {len(self.staleness)} numbers for {len(game.players)} players"
            )
        return self.staleness

    def init(self, game: Many, profile: Profile) -> Any:
        # one line of waiting gradients for every gradient that a step asks for, in the order of asking
        line = tuple(
            tuple(torch.zeros_like(w) for _ in range(age)) for w, age in zip(profile, self._ages(game))
        )
        asked = tuple(line[i : i + 1] if i is not None else line for i in self.rule.asks(game))
        return self.rule.init(game, profile), asked, torch.zeros((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        inner, lines, clock = state
        law = self.staleness if isinstance(self.staleness, Staleness) else None
        post = _Post(game, lines, clock, law, key.child("staleness"))
        profile, inner = self.rule.advance(post, profile, inner, key)  # type: ignore[arg-type]
        return profile, (inner, tuple(post.sent), clock + 1)

    @classmethod
    def examples(cls) -> list[Delayed]:
        return [
            cls(Simultaneous(SGD(0.05)), staleness=2),
            cls(Alternating(SGD(0.05)), staleness=(0, 3)),
            cls(ExtraGradient(Adam(0.01)), staleness=1),
            cls(Simultaneous(Adam(0.01)), staleness=GeometricStaleness(0.5, most=3)),
        ]


class _Post:
    """A game that answers with gradients from its lines of waiting ones."""

    def __init__(self, game: Many, lines: Any, clock: Tensor, law: Staleness | None, key: Key):
        self.draw, self.players, self.sizes, self.members = game.draw, game.players, game.sizes, game.members
        self._game, self._lines, self._clock, self._law, self._key = game, list(lines), clock, law, key
        self.sent: list[Any] = []

    def field(self, profile: Profile, batch: Any, *, create_graph: bool = False, only: int | None = None):
        if create_graph:
            raise ValueError("Delayed: this rule needs derivatives of the field, which cannot be delayed")
        fresh = self._game.field(profile, batch, only=only)
        line, answer, kept = self._lines[len(self.sent)], [], []
        for i, (gradient, waiting) in enumerate(zip(fresh, line)):
            first = self._clock == 0  # everybody who waits has the first gradient
            waiting = tuple(torch.where(first, gradient, old) for old in waiting)
            queue = (*waiting, gradient)
            answer.append(
                queue[0]
                if self._law is None
                else _of_age(queue, self._law, self._key.child(len(self.sent), i))
            )
            kept.append(queue[1:])
        self.sent.append(tuple(kept))
        return tuple(answer)

    def losses(self, *arguments: Any, **options: Any):
        return self._game.losses(*arguments, **options)


def _of_age(queue: tuple[Tensor, ...], law: Staleness, key: Key) -> Tensor:
    """Return for every member the gradient of an age drawn from the law; the queue's last is of age 0."""
    place = len(queue) - 1 - law.ages(key).to(queue[0].device)
    return torch.stack(queue)[place, torch.arange(len(queue[0]), device=place.device)]

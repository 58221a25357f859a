"""Rules that carry on networks' power iterations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.directions import Alternating, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class PowerIterated(Wrapper):
    """After each step of a rule, networks with ``SpectralNorm(rounds)`` take their rounds of power iteration.

    Equation: ``u = W v / |W v|``, ``v = W'u / |W'u|`` at the new weights W of every layer, ``rounds`` times, from
    the v of the step before; the next step's networks are W / u'W v. All gradients within a step see the
    same u and v, also where it is made of several critic steps. Other networks are left as they are.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018), algorithm 1, with one round.

    Example:
        >>> from gantheory import MLP, Adam, AdversarialGame, Alternating, Hinge, Key, Normalised, Ring
        >>> from gantheory import SpectralNorm, simulate
        >>> critic = Normalised(MLP(2, (16, 16), 1), SpectralNorm(rounds=1))
        >>> game = AdversarialGame(MLP(2, (16,), 2), critic, Ring(), Hinge(), batch=16)
        >>> rule = PowerIterated(Alternating(Adam(1e-3)))
        >>> simulate(game, rule, steps=10, population=2, key=Key(0)).points.shape[0]
        2
    """

    rule: Rule

    carries: ClassVar[bool] = True  # type: ignore[override]

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return self.rule.turns(game)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        moved, state = self.rule.advance(game, profile, state, key)
        return game.power_iterated(moved), state

    @classmethod
    def examples(cls) -> list[PowerIterated]:
        return [cls(Simultaneous(SGD(0.05))), cls(Alternating(Adam(0.01)))]

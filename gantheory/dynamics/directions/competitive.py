"""Competitive gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from gantheory.dynamics.krylov import solve
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Together
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Competitive(Together):
    """Players move to the equilibrium of the game that is bilinear in their moves around the point.

    Equation: ``d = -rate (v + B d)``, solved for the move d, with B the blocks of J between different players.
    On bilinear games it is the proximal point method. A product with B counts as two gradients a player;
    `cost` counts one of them a step, as the number that a solver takes differs by member.

    Reference: Schaefer, Anandkumar (2019).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), Competitive(SGD(5.0)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: SGD

    products: ClassVar[int] = 1

    def init(self, game: Many, profile: Profile) -> Any:
        return ()

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near, rate = Linearised(game, profile, game.draw(key.child(0))), self.step.rate

        def met(d: Profile) -> Profile:
            """d + rate B d."""
            total = list(d)
            for j, own in enumerate(d):
                only = tuple(own if i == j else torch.zeros_like(other) for i, other in enumerate(d))
                for i, pull in enumerate(near.product(only)):
                    if i != j:
                        total[i] = total[i] + rate * pull
            return tuple(total)

        moves = solve(met, tuple(-rate * v for v in near.field))
        return tuple(w + d for w, d in zip(profile, moves)), state

    @classmethod
    def examples(cls) -> list[Competitive]:
        return [cls(SGD(0.05))]

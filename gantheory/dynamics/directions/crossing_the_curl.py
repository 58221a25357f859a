"""Crossing the curl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Momentum


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class CrossingTheCurl(Together):
    """All players move across the field's rotation.

    Equation: direction ``(J' - J) v``; in three dimensions the cross product of v's curl with v. Where J is
    symmetric (a potential game) nothing moves. A product with J counts as two gradients a player.

    Reference: Gemp, Mahadevan (2018).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), CrossingTheCurl(SGD(0.25)), steps=3, start=(1.0, 1.0), key=Key(0))
        >>> runs.points[0, -1].tolist()  # twice the Hamiltonian's descent, where J is antisymmetric
        [0.125, 0.125]
    """

    step: Stepping

    consistent: ClassVar[bool] = False
    products: ClassVar[int] = 2

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near = Linearised(game, profile, game.draw(key.child(0)))
        back, forth = near.transposed(near.field), near.product(near.field)
        return move_all(self.step, profile, tuple(b - f for b, f in zip(back, forth)), state)

    @classmethod
    def examples(cls) -> list[CrossingTheCurl]:
        return [cls(SGD(0.05)), cls(Momentum(0.02, beta=0.5))]

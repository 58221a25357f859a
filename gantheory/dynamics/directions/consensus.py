"""Consensus optimisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Consensus(Together):
    """All players also descend the squared length of the field.

    Equation: direction ``v + weight J' v``, the field plus ``weight`` times the gradient of |v|^2 / 2, so
    that small steps follow another flow than the field's own. Zeros of v stay fixed points; where v pulls
    away from a point the second term can hold it there. A product with J counts as two gradients a player.

    Raises `ValueError` for a weight that is negative or infinite.

    Reference: Mescheder, Nowozin, Geiger (2017). (A published Dirac-GAN field of it has a factor 1/2 too many.)

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), Consensus(SGD(0.2), weight=1.0), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping
    weight: float = 1.0

    consistent: ClassVar[bool] = False
    products: ClassVar[int] = 1

    def check(self) -> None:
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"Consensus needs a finite weight of at least 0, got {self.weight}")

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near = Linearised(game, profile, game.draw(key.child(0)))
        pull = near.transposed(near.field)
        direction = tuple(v + self.weight * p for v, p in zip(near.field, pull))
        return move_all(self.step, profile, direction, state)

    @classmethod
    def examples(cls) -> list[Consensus]:
        return [cls(SGD(0.05), weight=0.5), cls(Adam(0.01), weight=0.1)]

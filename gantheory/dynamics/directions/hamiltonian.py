"""Descent on the Hamiltonian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class HamiltonianDescent(Together):
    """All players together descend the squared length of the field.

    Equation: direction ``J' v``, the gradient of H = |v|^2 / 2. It finds zeros of the field of any kind, maxima
    among them. A product with J counts as two gradients a player.

    Reference: Balduzzi et al. (2018); Abernethy, Lai, Wibisono (2021).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), HamiltonianDescent(SGD(0.5)), steps=3, start=(1.0, 1.0), key=Key(0))
        >>> runs.points[0, -1].tolist()  # halved three times
        [0.125, 0.125]
    """

    step: Stepping

    consistent: ClassVar[bool] = False
    products: ClassVar[int] = 1

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near = Linearised(game, profile, game.draw(key.child(0)))
        return move_all(self.step, profile, near.transposed(near.field), state)

    @classmethod
    def examples(cls) -> list[HamiltonianDescent]:
        return [cls(SGD(0.05)), cls(Adam(0.01))]

"""The four-player game that descent leaves and adjustment brings back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.games.game import Game, Profile
from gantheory.games.quadratic import block_losses, draw_players


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class FourPlayer(Game):
    """Four players of one parameter, weakly pulled to the origin and strongly turned around it.

    Equation: ``l_i = pull / 2 w_i^2 + w_i (sum_{j > i} w_j - sum_{j < i} w_j)``. The field's Jacobian has
    eigenvalues ``pull +- i (sqrt 2 +- 1)``; the origin is the only equilibrium. A negative pull makes it a
    maximum of every player's loss, and no equilibrium. Starts are standard normal.

    Notation: ``pull`` is the paper's epsilon, its players w, x, y, z. Reference: Balduzzi et al. (2018).

    Example:
        >>> FourPlayer().players
        ('w', 'x', 'y', 'z')
    """

    pull: float = 0.01

    players: ClassVar[tuple[str, ...]] = ("w", "x", "y", "z")

    @property
    def zero_sum(self) -> bool:  # type: ignore[override]
        return self.pull == 0

    @property
    def sizes(self) -> tuple[int, ...]:
        return 1, 1, 1, 1

    def init(self, key: Key) -> Profile:
        return draw_players(self.sizes, key)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        like = {"dtype": profile[0].dtype, "device": profile[0].device}
        above = torch.ones(4, 4, **like).triu(1)
        return block_losses(self.pull * torch.eye(4, **like) + above - above.T, profile)

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0, 0.0, 0.0, 0.0),) if self.pull >= 0 else ()

    @classmethod
    def examples(cls) -> list[FourPlayer]:
        return [cls()]

"""Follow the ridge."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from gantheory.dynamics.krylov import solve
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class FollowTheRidge(Together):
    """The second player corrects its step for the first one's, so as to stay on its ridge of best answers.

    Equation: for a leader x and a follower y with the same rate, x's direction is v_x and y's is
    ``v_y - (J_yy + damping I)^-1 J_yx v_x``. Without damping a move of x along -v_x takes the zero of v_y with it,
    and the stable points are exactly the local minimax points of zero-sum games; networks, whose J_yy is nearly
    singular, want some. A product with J counts as two gradients a player; `cost` counts two of them a step.

    Raises `ValueError` for a damping that is negative or infinite, and where a game does not have two players.

    Reference: Wang, Zhang, Ba (2020).

    Example:
        >>> from gantheory import R1, SGD, DiracGAN, Key, Wasserstein, WithPenalty, simulate
        >>> game = WithPenalty(DiracGAN(Wasserstein()), R1(1.0))
        >>> runs = simulate(game, FollowTheRidge(SGD(0.2)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping
    damping: float = 0.0

    consistent: ClassVar[bool] = False
    products: ClassVar[int] = 2

    def check(self) -> None:
        if not 0 <= self.damping < math.inf:
            raise ValueError(f"FollowTheRidge needs a finite damping of at least 0, got {self.damping}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        if len(game.players) != 2:
            raise ValueError(f"FollowTheRidge needs a leader and a follower, not the players {game.players}")
        return (None,)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near = Linearised(game, profile, game.draw(key.child(0)))
        x, y = near.field
        _, pushed = near.product((x, torch.zeros_like(y)))

        def met(d: Profile) -> Profile:
            return (near.product((torch.zeros_like(x), d[0]))[1] + self.damping * d[0],)

        (back,) = solve(met, (pushed,))
        return move_all(self.step, profile, (x, y - back), state)

    @classmethod
    def examples(cls) -> list[FollowTheRidge]:
        return [cls(SGD(0.05), damping=0.1)]

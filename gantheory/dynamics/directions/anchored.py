"""The extra anchored gradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, Stepping, init_steps, move_all
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Anchored(Rule):
    """Extragradient steps that are pulled back to the start, less and less.

    Equation: with ``b_k = 1 / (k + 2)``, ``u = w_k + b_k (w_0 - w_k) - rate v(w_k)`` and
    ``w_{k+1} = w_k + b_k (w_0 - w_k) - rate v(u)``. For a monotone field with Lipschitz constant L and a rate of
    at most 1 / (8 L) the last point's |v|^2 falls like 1 / k^2. The two gradients see independent batches.

    Reference: Yoon, Ryu (2021), with a constant rate.

    Example:
        >>> from gantheory import Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), Anchored(SGD(0.125)), steps=1000, start=(1.0, 0.0), key=Key(0))
        >>> bool(runs.points[0, -1].norm() * 1000 < 20)
        True
    """

    step: Stepping

    consistent: ClassVar[bool] = False

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return None, None

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile), profile, torch.zeros((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        states, anchor, clock = state
        back = tuple(torch.lerp(w, a, (1 / (clock + 2)).to(w)) for w, a in zip(profile, anchor))
        look, _ = move_all(self.step, back, game.field(profile, game.draw(key.child(0))), states)
        moved, states = move_all(self.step, back, game.field(look, game.draw(key.child(1))), states)
        return moved, (states, anchor, clock + 1)

    @classmethod
    def examples(cls) -> list[Anchored]:
        return [cls(SGD(0.05))]

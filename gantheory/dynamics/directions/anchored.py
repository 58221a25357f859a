"""The extra anchored gradient method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, Stepping, init_steps, move_all, towards
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Anchored(Rule):
    """Extragradient steps that are pulled back to the start, less and less.

    Equation: with ``b_k = 1 / (k + 2)``, ``u = w_k + b_k (w_0 - w_k) - s_k rate v(w_k)`` and
    ``w_{k+1} = w_k + b_k (w_0 - w_k) - s_k rate v(u)``. The shares ``s_k`` of the rate stay 1, or fall a little:
    ``s_0 = 1`` and, with ``a = fading s_k``, ``s_{k+1} = s_k (1 - a^2 / ((1 - a^2) (k + 1) (k + 3)))``. For a monotone
    field with Lipschitz constant L the last point's |v|^2 falls like 1 / k^2, for a constant rate of at most
    1 / (8 L), and for a fading one of 0.618 / L with ``fading=0.618``: it is the rate times L. The two gradients see
    independent batches. Steps other than plain ones get the gradients times the shares.

    Raises `ValueError` for a fading outside [0, 3/4).

    Reference: Yoon, Ryu (2021); their variant C has a constant rate, their variant V a fading one.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), Anchored(SGD(0.125)), steps=1000, start=(1.0, 0.0), key=Key(0))
        >>> bool(runs.points[0, -1].norm() * 1000 < 20)
        True
    """

    step: Stepping
    fading: float = 0.0

    consistent: ClassVar[bool] = False

    def check(self) -> None:
        if not 0 <= self.fading < 0.75:
            raise ValueError(
                f"Anchored needs a fading in [0, 3/4), rate times Lipschitz constant, got {self.fading}"
            )

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return None, None

    def init(self, game: Many, profile: Profile) -> Any:
        clock = torch.zeros((), dtype=torch.float64)
        share = clock + 1 + 0 * self.fading  # one a member, if swept
        return init_steps(self.step, profile), profile, clock, share

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        states, anchor, clock, share = state
        back = towards(profile, anchor, 1 / (clock + 2))
        field = game.field(profile, game.draw(key.child(0)))
        look, _ = move_all(self.step, back, tuple(share.to(g) * g for g in field), states)
        field = game.field(look, game.draw(key.child(1)))
        moved, states = move_all(self.step, back, tuple(share.to(g) * g for g in field), states)
        squared = (self.fading * share) ** 2
        fallen = share * (1 - squared / ((1 - squared) * (clock + 1) * (clock + 3)))
        return moved, (states, anchor, clock + 1, fallen)

    @classmethod
    def examples(cls) -> list[Anchored]:
        return [cls(SGD(0.05)), cls(SGD(0.05), fading=0.6)]

"""The fast extragradient method."""

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
class FastExtraGradient(Rule):
    """Anchored extragradient steps of full length, which serve fields that push outwards a little, too.

    Equation: with ``b_k = 1 / (k + 1)``, r the ``comonotone`` and ``a_k = w_k + b_k (w_0 - w_k)``,
    ``u = a_k - rate (1 - b_k) (1 + 2 r) v(w_k)`` and ``w_{k+1} = a_k - rate (v(u) + 2 r (1 - b_k) v(w_k))``. For a
    rate of 1 / L, L a Lipschitz constant, and a field with ``<v(w) - v(u), w - u> >= (r / L) |v(w) - v(u)|^2``,
    the last point has ``|v|^2 <= 4 L^2 |w_0 - w*|^2 / ((1 + 2 r)^2 k^2)``. So r is 0 for monotone fields, and negative
    for some that are not. The two gradients see independent batches.

    Raises `ValueError` for a comonotone of -1/2 or below, or one that is infinite.

    Reference: Lee, Kim (2021).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), FastExtraGradient(SGD(1.0)), steps=1000, start=(1.0, 0.0), key=Key(0))
        >>> bool(runs.points[0, -1].norm() * 1000 < 2)
        True
    """

    step: Stepping
    comonotone: float = 0.0

    consistent: ClassVar[bool] = False

    def check(self) -> None:
        if not -0.5 < self.comonotone < float("inf"):
            raise ValueError(f"FastExtraGradient needs a finite comonotone above -1/2, got {self.comonotone}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return None, None

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile), profile, torch.zeros((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        states, anchor, clock = state
        pull = 1 / (clock + 1)
        back = towards(profile, anchor, pull)
        own = game.field(profile, game.draw(key.child(0)))
        own = tuple((1 - pull).to(g) * g for g in own)
        look, _ = move_all(self.step, back, tuple((1 + 2 * self.comonotone) * g for g in own), states)
        met = game.field(look, game.draw(key.child(1)))
        field = tuple(g + 2 * self.comonotone * h for g, h in zip(met, own))
        moved, states = move_all(self.step, back, field, states)
        return moved, (states, anchor, clock + 1)

    @classmethod
    def examples(cls) -> list[FastExtraGradient]:
        return [cls(SGD(0.05)), cls(SGD(0.05), comonotone=-0.2)]

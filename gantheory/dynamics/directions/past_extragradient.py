"""Extragradient steps that look ahead along an old gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, init_steps, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class PastExtraGradient(Together):
    """Players look ahead along the gradient of the last look, and move along the one they find.

    Equation: ``u_t = w_t - rate g_{t-1}``, ``g_t = v(u_t)``, ``w_{t+1} = w_t - rate g_t`` for a plain step, with
    g_{-1} = 0: one gradient a step, where extragradient takes two. Its looks obey
    ``u_{t+1} = u_t - rate (2 g_t - g_{t-1})`` as the points of `Optimistic` do, which starts with g_{-1} = g_0. A
    step with a memory takes in the gradients that move, not the looks.

    Reference: Popov (1980); Gidel et al. (2019), as extrapolation from the past.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), PastExtraGradient(SGD(0.5)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping

    def init(self, game: Many, profile: Profile) -> Any:
        return init_steps(self.step, profile), tuple(torch.zeros_like(w) for w in profile)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        states, past = state
        ahead, _ = move_all(self.step, profile, past, states)
        field = game.field(ahead, game.draw(key.child(0)))
        moved, states = move_all(self.step, profile, field, states)
        return moved, (states, field)

    @classmethod
    def examples(cls) -> list[PastExtraGradient]:
        return [cls(SGD(0.05)), cls(Adam(0.01))]

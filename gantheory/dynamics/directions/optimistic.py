"""Optimistic gradient steps."""

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
class Optimistic(Together):
    """All players move along the gradient, corrected by its change since the step before.

    Equation: direction ``2 v_t - v_{t-1}``, with v_{-1} = v_0: the first step is a plain one (codes that
    start from v_{-1} = 0 take a double first step). With `Entropic` it is optimistic mirror descent.

    Reference: Popov (1980); Rakhlin, Sridharan (2013); Daskalakis et al. (2018).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), Optimistic(SGD(0.5)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping

    def init(self, game: Many, profile: Profile) -> Any:
        begun = torch.zeros((), dtype=torch.float64)
        return init_steps(self.step, profile), tuple(torch.zeros_like(w) for w in profile), begun

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        states, before, begun = state
        field = game.field(profile, game.draw(key.child(0)))
        direction = tuple(v + begun.to(v) * (v - u) for v, u in zip(field, before))
        moved, states = move_all(self.step, profile, direction, states)
        return moved, (states, field, torch.ones_like(begun))

    @classmethod
    def examples(cls) -> list[Optimistic]:
        return [cls(SGD(0.05)), cls(Adam(0.01))]

"""Unrolled steps: one player sees through the others' next steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Unrolled(Together):
    """The first player descends its loss after some plain steps of the others, and differentiates through them.

    Equation: with ``c_0 = c`` and ``c_{j+1} = c_j - ahead v_c(g, c_j)``, the generator's direction is the total
    derivative of ``loss_g(g, c_k(g))``, for k ``looks``; the others move along their own gradients at (g, c).
    With no look it is `Simultaneous`. A look counts as two gradients of each of the others.

    Raises `ValueError` for a negative number of looks or a look that is negative or infinite.

    Reference: Metz et al. (2017).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> rule = Unrolled(SGD(0.1), looks=5, ahead=0.5)
        >>> runs = simulate(Bilinear(), rule, steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping
    looks: int = 5
    ahead: float = 0.1

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.looks == 0 or self.ahead == 0

    def check(self) -> None:
        if self.looks < 0 or not 0 <= self.ahead < math.inf:
            raise ValueError(f"Unrolled needs looks and a finite length of at least 0, got {self}")

    def field_calls(self, game: Many) -> int:
        return len(game.players) + 2 * self.looks * (len(game.players) - 1)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        batch = game.draw(key.child(0))
        field = list(game.field(profile, batch))
        field[0] = self._through(game, profile, batch)
        return move_all(self.step, profile, tuple(field), state)

    def _through(self, game: Many, profile: Profile, batch: Any) -> torch.Tensor:
        met = [w.detach().requires_grad_() for w in profile]
        own = met[0]
        with torch.enable_grad():
            for _ in range(self.looks):
                pulls = [
                    game.field(tuple(met), batch, create_graph=True, only=i)[0] for i in range(1, len(met))
                ]
                met = [own, *(w - self.ahead * v for w, v in zip(met[1:], pulls))]
            (loss,) = game.losses(tuple(met), batch, only=0)
        (gradient,) = torch.autograd.grad(loss.sum(), own, materialize_grads=True)
        return gradient

    @classmethod
    def examples(cls) -> list[Unrolled]:
        return [cls(SGD(0.05), looks=2), cls(Adam(0.01), looks=1)]

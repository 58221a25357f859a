"""The proximal point method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from gantheory.dynamics.krylov import solve
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ProximalPoint(Rule):
    """Players move along the gradient at the point they arrive at.

    Equation: ``w+ = w - rate v(w+)``, solved by Newton's method, whose linear systems are solved from products
    with J alone and whose steps are halved where they lead away, until the residual is rounding or for at most
    ``iterations``. Where v is linear the second finds that the first was exact. Every iteration counts as
    three gradients a player.

    Raises `ValueError` below two iterations.

    Reference: Martinet (1970); Rockafellar (1976).

    Example:
        >>> from gantheory import Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), ProximalPoint(SGD(1.0)), steps=2, start=(1.0, 1.0), key=Key(0))
        >>> [round(w, 12) for w in runs.points[0, -1].tolist()]  # each step divides |w|^2 by 1 + rate^2
        [-0.5, 0.5]
    """

    step: SGD
    iterations: int = 12

    def check(self) -> None:
        if self.iterations < 2:
            raise ValueError(f"ProximalPoint needs at least two iterations, got {self.iterations}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return (None,)

    def field_calls(self, game: Many) -> int:
        return 3 * self.iterations * len(game.players)

    def init(self, game: Many, profile: Profile) -> Any:
        return ()

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        batch, rate = game.draw(key.child(0)), self.step.rate
        point = best = profile
        move = tuple(torch.zeros_like(w) for w in profile)
        least = torch.full_like(profile[0][:, 0], torch.inf)
        for _ in range(self.iterations):
            near = Linearised(game, point, batch)
            gap = tuple(w + rate * v - u for w, v, u in zip(point, near.field, profile))
            left = torch.linalg.vector_norm(torch.cat(gap, dim=-1), dim=-1)
            better = (left < least)[:, None]
            best = tuple(torch.where(better, w, b) for w, b in zip(point, best))
            least = torch.minimum(left, least)
            scale = torch.linalg.vector_norm(torch.cat(best, dim=-1), dim=-1)
            going = (least > 16 * torch.finfo(left.dtype).eps * scale)[:, None]
            if not going.any():
                break
            newton = solve(lambda d, near=near: _implicit(near, rate, d), gap, tolerance=1e-5)
            move = tuple(torch.where(better, d, old / 2) for d, old in zip(newton, move))
            point = tuple(torch.where(going, b - d, b) for b, d in zip(best, move))
        return best, state

    @classmethod
    def examples(cls) -> list[ProximalPoint]:
        return [cls(SGD(0.05))]


def _implicit(near: Linearised, rate: Any, d: Profile) -> Profile:
    """``(I + rate J) d``."""
    return tuple(e + rate * p for e, p in zip(d, near.product(d)))

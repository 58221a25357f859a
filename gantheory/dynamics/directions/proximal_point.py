"""The proximal point method."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from gantheory.dynamics.krylov import solve
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Together
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ProximalPoint(Together):
    """Players move along the gradient at the point they arrive at.

    Equation: ``w+ = w - rate v(w+)``, solved by Newton's method, whose linear systems are solved from products
    with J alone and whose steps are halved where they lead away, until the residual is rounding or for at most
    ``iterations``. Where v is linear the second finds that the first was exact. Every iteration counts as
    three gradients a player.

    Raises `ValueError` below two iterations.

    Reference: Martinet (1970); Rockafellar (1976).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), ProximalPoint(SGD(1.0)), steps=2, start=(1.0, 1.0), key=Key(0))
        >>> [round(w, 12) for w in runs.points[0, -1].tolist()]  # each step divides |w|^2 by 1 + rate^2
        [-0.5, 0.5]
    """

    step: SGD
    iterations: int = 12

    def check(self) -> None:
        if self.iterations < 2:
            raise ValueError(f"ProximalPoint needs at least two iterations, got {self.iterations}")

    def field_calls(self, game: Many) -> int:
        return 3 * self.iterations * len(game.players)

    def init(self, game: Many, profile: Profile) -> Any:
        return ()

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        batch, rate, sizes = game.draw(key.child(0)), self.step.rate, list(game.sizes)
        start = torch.cat(profile, dim=-1)
        point, best, move = start, start, torch.zeros_like(start)
        least = torch.full_like(start[:, 0], torch.inf)
        for _ in range(self.iterations):
            near = Linearised(game, point.split(sizes, dim=-1), batch)
            gap = point + rate * torch.cat(near.field, dim=-1) - start
            left = torch.linalg.vector_norm(gap, dim=-1)
            better = (left < least)[:, None]
            best, least = torch.where(better, point, best), torch.minimum(left, least)
            rounding = 16 * torch.finfo(left.dtype).eps * torch.linalg.vector_norm(best, dim=-1)
            going = (least > rounding)[:, None]
            if not going.any():
                break
            newton = solve(partial(_implicit, near, rate), gap.split(sizes, dim=-1), tolerance=1e-5)
            move = torch.where(better, torch.cat(newton, dim=-1), move / 2)
            point = torch.where(going, best - move, best)
        return best.split(sizes, dim=-1), state

    @classmethod
    def examples(cls) -> list[ProximalPoint]:
        return [cls(SGD(0.05))]


def _implicit(near: Linearised, rate: Any, d: Profile) -> Profile:
    """``(I + rate J) d``."""
    return tuple(e + rate * p for e, p in zip(d, near.product(d)))

"""Symplectic gradient adjustment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class SymplecticAdjustment(Together):
    """The field is adjusted by its rotation, towards stable and away from unstable fixed points.

    Equation: direction ``v + c A' v`` with A = (J - J') / 2; c is ``weight``, or with ``align`` its product with
    the sign of ``<v, h> <A' v, h> / n + 1/10`` for h = J' v and n parameters. A product with J counts as two
    gradients a player.

    Raises `ValueError` for a weight that is negative or infinite.

    Reference: Balduzzi et al. (2018); Letcher et al. (2019), appendix, for the alignment.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> runs = simulate(Bilinear(), SymplecticAdjustment(SGD(0.2)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping
    weight: float = 1.0
    align: bool = False

    consistent: ClassVar[bool] = False
    products: ClassVar[int] = 2

    @property
    def linear(self) -> bool:  # type: ignore[override]
        return not self.align

    def check(self) -> None:
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"SymplecticAdjustment needs a finite weight of at least 0, got {self.weight}")

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        near = Linearised(game, profile, game.draw(key.child(0)))
        h, forth = near.transposed(near.field), near.product(near.field)
        turn = tuple((b - f) / 2 for b, f in zip(h, forth))
        c: Any = self.weight
        if self.align:
            size = sum(w.shape[-1] for w in profile)
            aligned = _inner(near.field, h) * _inner(turn, h) / size + 0.1
            c = c * (1 - 2 * (aligned < 0).to(aligned))
        direction = tuple(v + c * t for v, t in zip(near.field, turn))
        return move_all(self.step, profile, direction, state)

    @classmethod
    def examples(cls) -> list[SymplecticAdjustment]:
        return [cls(SGD(0.05)), cls(SGD(0.05), align=True), cls(Adam(0.01), weight=0.5)]


def _inner(a: Profile, b: Profile) -> Tensor:
    """Inner products ``(members, 1)`` over all players' parameters."""
    total = torch.zeros_like(a[0][:, :1])
    for u, v in zip(a, b):
        total = total + (u * v).sum(-1, keepdim=True)
    return total

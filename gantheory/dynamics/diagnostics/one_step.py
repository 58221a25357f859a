"""One step of a rule as a map of point and state, and its derivative."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.diagnostics.placed import Points, rows_of, shared_key, split
from gantheory.dynamics.population import Many
from gantheory.dynamics.rule import Rule
from gantheory.games import Game
from gantheory.random import Key


WIDTH = torch.finfo(torch.float64).eps ** 0.2
"""The width of a difference of fourth order for which truncation and rounding are alike."""


class OneStep:
    """The step that a rule takes at a point, as a map of one row: parameters, then what the state holds.

    Scalars that all members share, such as a clock, are kept at their values.
    """

    def __init__(self, game: Game, rule: Rule, point: Points, *, after: int, key: Key | None):
        self._game, self._rule, self._key, self._at = game, rule, key, after
        many, profile = Many(game, 1), split(game, rows_of(game, point))
        rule.turns(many)  # an order of players that does not fit is refused here
        state = rule.init(many, profile)
        for step in range(after):
            profile, state = rule.advance(many, profile, state, self._key_of(1, step))
        self._leaves, self._form = pytree.tree_flatten((profile, state))
        self.row = self._flat(self._leaves)
        self.size = self.row.shape[-1]

    def derivative(self, directions: Tensor) -> Tensor:
        """Return the derivatives ``(k, size)`` along directions ``(k, size)``."""
        h = WIDTH * max(1.0, self.row.abs().max().item())
        shifts = torch.cat([self.row + s * h * directions for s in (1, -1, 2, -2)])
        near, back, far, farther = self(shifts).chunk(4)
        return (8 * (near - back) - (far - farther)) / (12 * h)

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the images of rows ``(k, size)``."""
        leaves, at = [], 0
        for leaf in self._leaves:
            if _varies(leaf):
                size = leaf[0].numel()
                leaves.append(rows[:, at : at + size].reshape(-1, *leaf.shape[1:]))
                at += size
            else:
                leaves.append(leaf if leaf.dim() == 0 else leaf.expand(len(rows), *leaf.shape[1:]))
        profile, state = pytree.tree_unflatten(leaves, self._form)
        key = self._key_of(len(rows), self._at)
        moved = self._rule.advance(Many(self._game, len(rows)), profile, state, key)
        return self._flat(pytree.tree_leaves(moved))

    def _key_of(self, members: int, step: int) -> Key:
        return shared_key(self._key, members).child("step", step)

    def _flat(self, leaves: list[Any]) -> Tensor:
        return torch.cat([leaf.detach().flatten(1) for leaf in leaves if _varies(leaf)], dim=-1)


def _varies(leaf: Tensor) -> bool:
    return leaf.dim() > 0 and leaf.is_floating_point()

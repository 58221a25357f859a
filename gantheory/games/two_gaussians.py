"""Two mixtures of two Gaussians, and critics made of intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from gantheory.games.game import Game, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


CELLS, REACH = 1024, 8.0
"""How finely, and how far beyond the data's means, the ends of the best critic's intervals are sought."""


@dataclass(frozen=True)
class TwoGaussians(Game):
    """A generator that moves two unit Gaussians onto the data's two, against two intervals or the best critic.

    Equation: data ``p = (N(m_1, 1) + N(m_2, 1)) / 2`` for ``means`` m, generator ``q`` with the same shape and
    its two means as parameters. The critic is high on intervals ``[l_1, r_1]`` and ``[l_2, r_2]``, its
    parameters ``(l_1, r_1, l_2, r_2)``; the zero-sum value, which the generator minimises, is
    ``sum_k p[l_k, r_k] - q[l_k, r_k]`` (a point in both counts twice, an interval with ``r < l`` negatively).
    With ``critic="optimal"`` the generator plays alone and loses the maximum, the total variation of p and
    q: its critic is the best union of 1024 equal cells that reach 8 beyond the data's means, and of the two
    rests of the line. Then the equilibria are the data's means in either order. Starts are standard normal,
    the intervals' ends in ascending order.

    Notation: the value is the paper's less 1. Raises `ValueError` for a mean that is not finite.

    Reference: Li, Madry, Peebles, Schmidt (2017).

    Example:
        >>> TwoGaussians(critic="optimal").equilibria()
        ((-1.0, 1.0), (1.0, -1.0))
    """

    means: tuple[float, float] = (-1.0, 1.0)
    critic: Literal["intervals", "optimal"] = "intervals"

    def check(self) -> None:
        if not all(map(math.isfinite, self.means)):
            raise ValueError(f"TwoGaussians needs finite means, got {self.means}")

    @property
    def players(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("generator",) if self.critic == "optimal" else ("generator", "critic")

    @property
    def zero_sum(self) -> bool:  # type: ignore[override]
        return self.critic == "intervals"

    @property
    def sizes(self) -> tuple[int, ...]:
        return (2,) if self.critic == "optimal" else (2, 4)

    def init(self, key: Key) -> Profile:
        generator = key.child("generator").normal(2)
        if self.critic == "optimal":
            return (generator,)
        return generator, key.child("critic").normal(4).sort(dim=-1).values

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        means = profile[0]
        if self.critic == "optimal":
            share = torch.linspace(0, 1, CELLS + 1, dtype=means.dtype, device=means.device)
            first, second = (torch.as_tensor(m, dtype=means.dtype, device=means.device) for m in self.means)
            low, high = torch.minimum(first, second) - REACH, torch.maximum(first, second) + REACH
            ends = self._excess(low + (high - low) * share, means)
            zero = torch.zeros_like(ends[:1])  # p - q of nothing and of everything
            cells = torch.cat([zero, ends, zero]).diff()
            return (cells.abs().sum() / 2,)
        left, right = profile[1].reshape(2, 2).unbind(-1)
        value = (self._excess(right, means) - self._excess(left, means)).sum()
        return value, -value

    def _excess(self, x: Tensor, means: Tensor) -> Tensor:
        """Return ``p(-inf, x] - q(-inf, x]``."""
        first, second = self.means
        p = torch.special.ndtr(x - first) + torch.special.ndtr(x - second)
        q = torch.special.ndtr(x - means[0]) + torch.special.ndtr(x - means[1])
        return (p - q) / 2

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        first, second = self.means
        return tuple(dict.fromkeys([(first, second), (second, first)])) if self.critic == "optimal" else ()

    @classmethod
    def examples(cls) -> list[TwoGaussians]:
        return [cls(), cls((-2.0, 1.5), critic="optimal")]

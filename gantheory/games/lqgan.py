"""The linear-quadratic GAN in one dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.games.game import Game, Generates, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class LQGAN(Game, Generates):
    """A Wasserstein GAN on normal data in one dimension: linear generator, quadratic critic, exact means.

    Equation: the generator makes ``a z + b`` of standard normal z, the critic is ``w2 x^2 + w1 x``, the data
    have ``mean`` m and ``deviation`` s; the zero-sum value, which the generator minimises, is
    ``w2 (s^2 + m^2 - a^2 - b^2) + w1 (m - b)``. Equilibria are ``a = s`` and ``a = -s``, with ``b = m`` and
    ``w2 = w1 = 0``. Parameters are ``(a, b)`` and ``(w2, w1)``; starts are standard normal.

    Raises `ValueError` unless the deviation is positive. Reference: Gemp, Mahadevan (2018).

    Example:
        >>> LQGAN(mean=1.0, deviation=2.0).equilibria()
        ((2.0, 1.0, 0.0, 0.0), (-2.0, 1.0, 0.0, 0.0))
    """

    mean: float = 0.0
    deviation: float = 1.0

    players: ClassVar[tuple[str, ...]] = ("generator", "critic")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        if not 0 < self.deviation < math.inf or not math.isfinite(self.mean):
            raise ValueError(f"LQGAN needs a finite mean and a positive deviation, got {self}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return 2, 2

    def init(self, key: Key) -> Profile:
        return key.child("generator").normal(2), key.child("critic").normal(2)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        (a, b), (w2, w1) = (w.unbind(-1) for w in profile)
        m, s = self.mean, self.deviation
        value = w2 * (s * s + m * m - a * a - b * b) + w1 * (m - b)
        return value, -value

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return tuple((s, self.mean, 0.0, 0.0) for s in (self.deviation, -self.deviation))

    def noise(self, n: int, key: Key) -> Tensor:
        return key.normal(n, 1)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        a, b = profile[0].unbind(-1)
        return torch.addcmul(b, a, noise)

    @classmethod
    def examples(cls) -> list[LQGAN]:
        return [cls(mean=0.5, deviation=2.0)]

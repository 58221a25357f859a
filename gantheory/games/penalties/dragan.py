"""The penalty of DRAGAN."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from gantheory.games.penalties.penalty import Penalty, given, lengths


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class DRAGAN(Penalty):
    """Asks the critic for gradients of one length around the data.

    Equation: ``weight E (|grad D(x)| - target)^2`` at ``x = real + scale z`` with z standard normal. A flat
    critic is pushed away from flatness unless ``target`` is 0. Raises `ValueError` for a negative weight,
    target or scale.

    Reference: Kodali, Abernethy, Hays, Kira (2017), whose lambda, k and (squared) c are ``weight``,
    ``target`` and ``scale``.

    Example:
        >>> import torch
        >>> points = torch.zeros(3, 2)
        >>> DRAGAN(10.0)(lambda x: 3 * x[:, :1], points, points, points).item()
        40.0
    """

    weight: float = 10.0
    target: float = 1.0
    scale: float = 0.5

    draws: ClassVar[bool] = True

    def check(self) -> None:
        if self.weight < 0 or not (0 <= self.target < math.inf and 0 <= self.scale < math.inf):
            raise ValueError(f"DRAGAN needs weight, target and scale of at least 0, finite, got {self}")

    @property
    def flat(self) -> bool:
        return self.target == 0

    def draw(self, n: int, dim: int, key: Key) -> Tensor:
        return key.normal(n, dim)

    def __call__(
        self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, noise: Tensor | None = None
    ) -> Tensor:
        excess = lengths(critic, real + self.scale * given(noise, self)) - self.target
        return self.weight * excess.square().mean()

    @classmethod
    def examples(cls) -> list[DRAGAN]:
        return [cls()]

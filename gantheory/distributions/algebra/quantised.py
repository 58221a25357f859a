"""A law rounded to whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.moons import Moons
from gantheory.distributions.triangles import Triangles


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Quantised(Distribution):
    """A law whose coordinates are counted in ``levels`` steps from ``low`` to ``high``: data for models of whole
    numbers.

    Equation: ``y = floor(levels (x - low) / (high - low))``, kept between 0 and ``levels - 1``, so that the first and
    the last number take all that lies beyond the ends. Pictures of `Triangles` have values from 0 to 1.

    Raises `ValueError` below two levels, or for ends that are not finite and in order.

    Example:
        >>> from gantheory import Key, Triangles
        >>> pictures = Quantised(Triangles(size=8), levels=2).sample(100, Key(0))
        >>> pictures.unique().tolist()
        [0.0, 1.0]
    """

    law: Distribution
    levels: int
    low: float = 0.0
    high: float = 1.0

    def check(self) -> None:
        if self.levels < 2 or not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"Quantised needs two levels, and finite ends low < high, got {self}")

    @property
    def dim(self) -> int:
        return self.law.dim

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        x = self.law.sample(n, key, start=start)
        return (self.levels * (x - self.low) / (self.high - self.low)).floor().clamp(0, self.levels - 1)

    def facts(self) -> Facts:
        discrete = Fact(None, reason="whole numbers have no density")
        return Facts(
            entropy=discrete,
            noise=Fact(0.0),
            intrinsic_dimension=Fact(0),
            tail_index=Fact(math.inf),
            smoothness=discrete,
            score_lipschitz=discrete,
        )

    @classmethod
    def examples(cls) -> list[Quantised]:
        return [cls(Moons(scale=0.1), 16, -1.5, 2.5), cls(Triangles(size=4), 2)]

"""Small games whose answers are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import gantheory as gt


@dataclass(frozen=True)
class Well(gt.Game):
    """One player on a line: x^2 / 2 - x^4 / 4, whose flow comes to 0 from (-1, 1) alone."""

    players: ClassVar[tuple[str, ...]] = ("x",)

    @property
    def sizes(self):
        return (1,)

    def init(self, key):
        return (key.normal(1),)

    def losses(self, profile, batch=()):
        (x,) = profile
        return ((x**2 / 2 - x**4 / 4).sum(),)

    @classmethod
    def examples(cls):
        return [cls()]


@dataclass(frozen=True)
class Saddle(gt.Game):
    """The zero-sum game a x^2 / 2 + b x y - c y^2 / 2, or with ``common`` one loss for both, a potential."""

    a: float = 1.0
    b: float = 2.0
    c: float = 0.5
    common: bool = False
    players: ClassVar[tuple[str, ...]] = ("x", "y")

    @property
    def sizes(self):
        return 1, 1

    def init(self, key):
        return key.child("x").normal(1), key.child("y").normal(1)

    def losses(self, profile, batch=()):
        x, y = (w.sum() for w in profile)
        value = self.a * x * x / 2 + self.b * x * y - self.c * y * y / 2
        return value, value if self.common else -value

    def equilibria(self):
        return ((0.0, 0.0),)

    @classmethod
    def examples(cls):
        return [cls()]

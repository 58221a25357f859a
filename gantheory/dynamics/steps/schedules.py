"""How a rate changes with the number of steps taken."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from gantheory.notation import Noun


@dataclass(frozen=True)
class Schedule(Noun, ABC):
    """A factor for every step number from 0 on."""

    @abstractmethod
    def factor(self, step: float) -> float:
        """Return the factor of step number ``step``."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Schedule]:
        """Return instances, for the contract tests."""


@dataclass(frozen=True)
class InverseTime(Schedule):
    """A power of the time: ``(1 + step / scale)^-power``.

    With power in (1/2, 1] the sums of stochastic approximation hold: the rates add up to infinity, their squares
    do not. Raises `ValueError` for a power below 0 or a scale that is not positive.

    Reference: Robbins, Monro (1951).

    Example:
        >>> InverseTime(power=1.0, scale=10.0).factor(10)
        0.5
    """

    power: float = 1.0
    scale: float = 1.0

    def check(self) -> None:
        if not 0 <= self.power < math.inf or not 0 < self.scale < math.inf:
            raise ValueError(f"InverseTime needs a power of at least 0 and a positive scale, got {self}")

    def factor(self, step: float) -> float:
        return (1 + step / self.scale) ** -self.power

    @classmethod
    def examples(cls) -> list[InverseTime]:
        return [cls(), cls(power=0.6, scale=100.0)]


@dataclass(frozen=True)
class LinearDecay(Schedule):
    """A straight line from 1 to ``last`` over ``steps`` steps, and ``last`` from there on.

    Raises `ValueError` below one step or for a last factor outside [0, 1].

    Example:
        >>> LinearDecay(100).factor(25)
        0.75
    """

    steps: int
    last: float = 0.0

    def check(self) -> None:
        if self.steps < 1 or not 0 <= self.last <= 1:
            raise ValueError(f"LinearDecay needs a step and a last factor in [0, 1], got {self}")

    def factor(self, step: float) -> float:
        return 1 - (1 - self.last) * min(step / self.steps, 1)

    @classmethod
    def examples(cls) -> list[LinearDecay]:
        return [cls(100), cls(10, last=0.1)]


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from 1 to ``last`` over ``steps`` steps, and ``last`` from there on.

    Raises `ValueError` below one step or for a last factor outside [0, 1].

    Reference: Loshchilov, Hutter (2017), without restarts.

    Example:
        >>> round(CosineDecay(100).factor(50), 12)
        0.5
    """

    steps: int
    last: float = 0.0

    def check(self) -> None:
        if self.steps < 1 or not 0 <= self.last <= 1:
            raise ValueError(f"CosineDecay needs a step and a last factor in [0, 1], got {self}")

    def factor(self, step: float) -> float:
        return self.last + (1 - self.last) * (1 + math.cos(math.pi * min(step / self.steps, 1))) / 2

    @classmethod
    def examples(cls) -> list[CosineDecay]:
        return [cls(100), cls(10, last=0.1)]

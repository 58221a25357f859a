"""Dials: one argument of a family that moves one quantity and holds others fixed."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gantheory.distributions.distribution import Distribution
from gantheory.notation import Noun, field_at, replaced
from gantheory.sweeps import Linear, Log, Values


@dataclass(frozen=True)
class Dial(Noun):
    """A field of a law that moves one quantity over a range and holds others fixed.

    ``law`` is the template, whose own value of ``field`` (a dotted path) is neutral; the field may be turned
    from ``low`` to ``high``, evenly (``"linear"``), evenly in the logarithm (``"log"``) or through
    ``"integers"``. ``moves`` and the ``held`` are readings (see `read`): the one grows or falls strictly
    along the dial, the others stay.

    Raises `ValueError` for a path that is no field, or a neutral value outside the range.

    Example:
        >>> from gantheory import Checkerboard
        >>> dial = Dial("gap", "distance of the pieces", Checkerboard(gap=0.5), "gap", 0.0, 1.5, "linear", "reach")
        >>> dial.at(1.0), dial.neutral, dial.axis(3).values()
        (Checkerboard(side=4, gap=1.0), 0.5, (0.0, 0.75, 1.5))
        >>> [dial.read("reach", law).round(3).item() for law in dial.sweep(3)]
        [0.0, 0.53, 1.061]
    """

    name: str
    quantity: str
    law: Distribution
    field: str
    low: float
    high: float
    scale: Literal["linear", "log", "integers"]
    moves: str
    held: tuple[str, ...] = ()

    def check(self) -> None:
        if not self.low <= self.neutral <= self.high or self.low == self.high:
            raise ValueError(
                f"dial {self.name!r}: its law's own value must lie in the range, got {self.neutral} for "
                f"[{self.low}, {self.high}]"
            )
        if self.scale == "log" and not self.low > 0:
            raise ValueError(f"dial {self.name!r}: a logarithmic range must be positive, got low={self.low}")

    @property
    def neutral(self) -> float:
        """The template's own value of the field."""
        return field_at(self.law, self.field)[0]

    def at(self, value: float) -> Any:
        """Return the law at a value of the dial; raises `ValueError` outside its range."""
        if not self.low <= value <= self.high:
            raise ValueError(f"dial {self.name!r} goes from {self.low} to {self.high}, got {value}")
        return replaced(self.law, self.field, value)

    def axis(self, count: int) -> Log | Linear | Values:
        """Return ``count`` values from low to high, fewer where there are fewer integers, for `design`."""
        if self.scale == "log":
            return Log(self.low, self.high, count)
        if self.scale == "linear":
            return Linear(self.low, self.high, count)
        return Values(tuple(np.unique(np.linspace(self.low, self.high, count).round()).tolist()))

    def sweep(self, count: int) -> tuple[Any, ...]:
        """Return the laws along the dial."""
        return tuple(self.at(value) for value in self.axis(count).values())

    def read(self, name: str, law: Distribution) -> np.ndarray:
        """Return a reading of a law: a fact by its name, a part of one (``"modes.centres"``), or a method.

        Raises `ValueError` where the law has none of that name or does not know it.
        """
        head, _, part = name.partition(".")
        if hasattr(law.facts(), head):
            fact = getattr(law.facts(), head)
            if fact.value is None:
                raise ValueError(f"{law} does not know its {head}: {fact.reason}")
            return np.asarray(getattr(fact.value, part) if part else fact.value)
        method = getattr(law, head, None)
        if method is None:
            raise ValueError(f"{type(law).__name__} has neither a fact nor a method {head!r}")
        return np.asarray(method())


def dials(*, dim: int = 2) -> tuple[Dial, ...]:
    """Return the dials that exist in a dimension, of every family, by the families' names.

    Raises `ValueError` below one dimension.

    Example:
        >>> [dial.name for dial in dials(dim=2) if type(dial.law).__name__ == "Checkerboard"]
        ['gap']
    """
    if dim < 1:
        raise ValueError(f"dim must be at least 1, got {dim}")
    from gantheory import distributions  # the families, which are loaded after this file

    families = [
        family
        for _, family in sorted(vars(distributions).items())
        if inspect.isclass(family) and issubclass(family, Distribution) and not inspect.isabstract(family)
    ]
    return tuple(dial for family in families for dial in family.dials(dim))

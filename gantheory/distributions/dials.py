"""Dials: one argument of a family that moves one quantity and holds others fixed."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact
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
        """Return a reading of a law: a fact, a field or a method by its name, or what a dotted path leads to.

        Raises `ValueError` where the law has none of that name or does not know it.
        """
        facts = law.facts()
        value: Any = facts if hasattr(facts, name.partition(".")[0]) else law
        for part in name.split("."):
            value = getattr(value, part, Fact(None, reason=f"{type(value).__name__} has no {part!r}"))
            value = value() if inspect.ismethod(value) else value
            if isinstance(value, Fact):
                if value.value is None:
                    raise ValueError(f"{law} cannot be read for {name!r}: {value.reason}")
                value = value.value
        return np.asarray(value)


def dials(*, dim: int = 2) -> tuple[Dial, ...]:
    """Return the dials that exist in a dimension, of every family, by the families' names.

    Raises `ValueError` below one dimension.

    Example:
        >>> from gantheory import Dialled, Distribution, Noun, Study, design
        >>> known = {f"{type(dial.law).__name__}.{dial.field}": dial for dial in dials(dim=2)}
        >>> known["Checkerboard.gap"].moves
        'reach'

        A sweep over one dial and a design over three are the cells of a study:

        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Cell(Noun):
        ...     law: Distribution
        >>> @dataclass(frozen=True)
        ... class Entropies(Study):
        ...     question = "How much do the dials move the entropy?"
        ...     def cells(self, preset):
        ...         one = known["Bridge.bridge"].sweep(4)
        ...         three = [known[f"Dialled.{name}"] for name in ("modes", "separation", "thickness")]
        ...         box = {f"law.{dial.field}": dial.axis(32) for dial in three}
        ...         return (*map(Cell, one), *design(Cell(Dialled(dim=2)), box, count=36, seed=0))
        ...     def measure(self, cell, key):
        ...         return {"entropy": cell.law.facts().entropy.value}
        ...     def findings(self, results):
        ...         return []
        >>> cells = Entropies().cells("small")
        >>> len(cells), cells[3].law.bridge, cells[4].law.modes
        (40, 0.3, 4)
        >>> from gantheory.study import cells_of
        >>> len(cells_of(Entropies(), "small"))
        40
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

"""Sweeps over the fields of nouns, as nouns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from gantheory.notation import Noun, replaced
from gantheory.room import check_room


@dataclass(frozen=True)
class Log(Noun):
    """``count`` numbers from ``low`` to ``high``, equally spaced in the logarithm.

    Example:
        >>> Log(1.0, 100.0, 3).values()
        (1.0, 10.0, 100.0)
    """

    low: float
    high: float
    count: int

    def check(self) -> None:
        if not (self.low > 0 and 0 < self.high < math.inf) or self.count < 1:
            raise ValueError(f"Log needs positive ends and a count of at least 1, got {self}")

    def values(self) -> tuple[float, ...]:
        _check_count(self.count)
        if self.count == 1:
            return (self.low,)
        ratio, last = self.high / self.low, self.count - 1
        inner = (self.low * ratio ** (i / last) for i in range(1, last))
        return (self.low, *inner, self.high)


@dataclass(frozen=True)
class Linear(Noun):
    """``count`` numbers from ``low`` to ``high``, equally spaced.

    Example:
        >>> Linear(0.0, 1.0, 3).values()
        (0.0, 0.5, 1.0)
    """

    low: float
    high: float
    count: int

    def check(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.count < 1:
            raise ValueError(f"Linear needs finite ends and a count of at least 1, got {self}")

    def values(self) -> tuple[float, ...]:
        _check_count(self.count)
        if self.count == 1:
            return (self.low,)
        step = (self.high - self.low) / (self.count - 1)
        return (*(self.low + step * i for i in range(self.count - 1)), self.high)


@dataclass(frozen=True)
class Values(Noun):
    """The numbers given, in their order.

    Example:
        >>> Values((1, 2.5)).values()
        (1.0, 2.5)
    """

    items: tuple[float, ...]

    def values(self) -> tuple[float, ...]:
        return self.items


@dataclass(frozen=True)
class Zip(Noun):
    """Sweeps that move together, for as many fields, instead of being crossed.

    In a sweep its key names the fields, separated by commas: ``{"rule.step.rate, game.penalty.weight":
    Zip((Log(0.01, 1, 5), Linear(0, 1, 5)))}``.
    """

    sweeps: tuple[Log | Linear | Values, ...]

    def check(self) -> None:
        if len({len(sweep.values()) for sweep in self.sweeps}) != 1:
            raise ValueError("Zip needs sweeps of one length, got " + ", ".join(map(repr, self.sweeps)))

    def values(self) -> tuple[tuple[float, ...], ...]:
        return tuple(zip(*(sweep.values() for sweep in self.sweeps)))


@dataclass(frozen=True)
class Sobol(Noun):
    """``count`` points that fill the box of several sweeps evenly, for as many fields.

    Equation: point i takes, of the sweep j, the value number ``floor(m_j u_ij)`` of its m_j values, for a
    scrambled Sobol sequence u. So a sweep of whole numbers stays one, and among the first 2^k points
    each of a sweep's 2^k values occurs once. The points are rebuilt from the seed, and a larger count goes on
    where a smaller one ended.

    In a sweep its key names the fields, separated by commas, as that of `Zip` does.

    Raises `ValueError` without sweeps, below one point or for a negative seed.

    Reference: Sobol (1967); Owen (1998).

    Example:
        >>> from gantheory import Linear, Log
        >>> Sobol((Linear(1, 4, 4), Log(0.1, 10.0, 3)), count=4).values()
        ((2.0, 10.0), (3.0, 0.1), (4.0, 1.0), (1.0, 1.0))
    """

    sweeps: tuple[Log | Linear | Values, ...]
    count: int
    seed: int = 0

    def check(self) -> None:
        if not self.sweeps or self.count < 1 or self.seed < 0:
            raise ValueError(
                f"Sobol needs a sweep, a count of at least 1 and a seed of at least 0, got {self}"
            )

    def values(self) -> tuple[tuple[float, ...], ...]:
        _check_count(self.count * len(self.sweeps))
        u = _sobol(len(self.sweeps), self.seed, max(0, self.count - 1).bit_length())
        axes = [sweep.values() for sweep in self.sweeps]
        return tuple(
            tuple(axis[int(len(axis) * float(x))] for axis, x in zip(axes, row)) for row in u[: self.count]
        )


def design(
    noun: Any, sweeps: Mapping[str, Log | Linear | Values], *, count: int, seed: int = 0
) -> tuple[Any, ...]:
    """Return ``count`` copies of a noun whose named fields fill the box of the sweeps evenly.

    The fields are dotted paths, so that the noun may be a distribution, a game, or the cell of a study; the
    copies are checked like new ones. Points at which two copies agree are kept: a study refuses equal cells.

    Raises `ValueError` for a path that is no field, or a value that does not fit one.

    Reference: Sobol (1967); Owen (1998).

    Example:
        >>> from gantheory import Linear, Log, Ring
        >>> design(Ring(), {"modes": Linear(2, 9, 8), "scale": Log(0.01, 0.5, 8)}, count=8)[0].modes
        5
    """
    points = Sobol(tuple(sweeps.values()), count, seed).values()
    made = []
    for point in points:
        copy = noun
        for path, value in zip(sweeps, point):
            copy = replaced(copy, path, value)
        made.append(copy)
    return tuple(made)


def _sobol(dim: int, seed: int, log_count: int) -> np.ndarray:
    generator = np.random.default_rng(seed)  # a generator: scipy's releases read a plain seed in two ways
    return qmc.Sobol(dim, seed=generator).random_base2(log_count)  # pyright: ignore[reportCallIssue] (its old name)


def _check_count(count: int) -> None:
    # a number of Python's and its place in a tuple take 32 bytes, and an array is made of them
    check_room(40 * count, f"a sweep over {count} numbers", "take fewer")


def sweep_points(sweep: Mapping[str, Any]) -> tuple[list[str], list[tuple[float, ...]]]:
    """Return the swept paths and the crossed points, one number a path, the first sweep slowest.

    Example:
        >>> sweep_points({"a": Linear(0, 1, 2), "b": Values((5, 6))})[1]
        [(0.0, 5.0), (0.0, 6.0), (1.0, 5.0), (1.0, 6.0)]
    """
    paths: list[str] = []
    axes: list[list[tuple[float, ...]]] = []
    for key, noun in sweep.items():
        if not isinstance(key, str):
            raise ValueError(f"a sweep maps the path of a field, a text, to numbers; got the key {key!r}")
        names = [name.strip() for name in key.split(",")]
        if not isinstance(noun, (Log, Linear, Values, Zip, Sobol)):
            noun = Values(noun)
        rows = [row if isinstance(row, tuple) else (row,) for row in noun.values()]
        if not rows or len(rows[0]) != len(names):
            raise ValueError(f"sweep {key!r}: {len(names)} fields need as many numbers a point, got {noun!r}")
        paths += names
        axes.append(rows)
    if len(set(paths)) != len(paths):
        raise ValueError(f"a field is swept twice: {', '.join(paths)}")
    _check_count(math.prod(map(len, axes)) * max(1, len(paths)))
    return paths, [tuple(itertools.chain(*point)) for point in itertools.product(*axes)]

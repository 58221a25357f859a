"""Interval arithmetic: bounds that a formula keeps on boxes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit


@dataclass(frozen=True)
class Interval:
    """Arrays of lower and upper bounds; every operation's result holds all values of its operands' values.

    Up to rounding, for which the user leaves a margin. What is not known is minus or plus infinity.
    """

    low: np.ndarray
    high: np.ndarray

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __pos__(self) -> Interval:
        return self

    def __add__(self, other: Interval) -> Interval:
        return _known(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        corners = np.stack([a * b for a in (self.low, self.high) for b in (other.low, other.high)])
        corners = np.where(np.isnan(corners), 0.0, corners)  # 0 times an unbounded one
        return Interval(corners.min(0), corners.max(0))

    def __truediv__(self, other: Interval) -> Interval:
        straddles = (other.low < 0) & (other.high > 0)
        low = np.where(straddles, -np.inf, 1 / np.where(other.high == 0, -0.0, other.high))
        high = np.where(straddles, np.inf, 1 / np.where(other.low == 0, 0.0, other.low))
        return self * Interval(low, high)

    def __pow__(self, power: float) -> Interval:
        if power < 0:
            one = np.ones_like(self.low)
            return Interval(one, one) / self**-power
        if power != int(power):  # of what is negative there is none
            low = np.where(self.low < 0, np.nan, np.abs(self.low) ** power)
            return _known(low, np.abs(self.high) ** power)
        ends = self.low**power, self.high**power
        if power % 2:
            return Interval(*ends)
        straddles = (self.low < 0) & (self.high > 0)
        return Interval(np.where(straddles, 0.0, np.minimum(*ends)), np.maximum(*ends))


def _known(low: np.ndarray, high: np.ndarray) -> Interval:
    return Interval(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))


def _rising(function: Callable) -> Callable[..., Interval]:
    """Return the interval function of one that rises in all its arguments."""

    def bounds(*arguments: Interval) -> Interval:
        lows, highs = (a.low for a in arguments), (a.high for a in arguments)
        return _known(function(*lows), function(*highs))

    return bounds


def _sine(a: Interval) -> Interval:
    def touches(phase: float) -> np.ndarray:
        return np.floor((a.high - phase) / (2 * np.pi)) >= np.ceil((a.low - phase) / (2 * np.pi))

    ends = np.sin(a.low), np.sin(a.high)
    low = np.where(touches(-np.pi / 2), -1.0, np.minimum(*ends))
    return _known(low, np.where(touches(np.pi / 2), 1.0, np.maximum(*ends)))


def _cosine(a: Interval) -> Interval:
    return _sine(Interval(a.low + np.pi / 2, a.high + np.pi / 2))


def _magnitude(a: Interval) -> Interval:
    ends = np.abs(a.low), np.abs(a.high)
    return Interval(np.where((a.low < 0) & (a.high > 0), 0.0, np.minimum(*ends)), np.maximum(*ends))


FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "sin": _sine,
    "cos": _cosine,
    "exp": _rising(np.exp),
    "log": _rising(np.log),
    "sqrt": _rising(np.sqrt),
    "abs": _magnitude,
    "tanh": _rising(np.tanh),
    "sigmoid": _rising(expit),
    "minimum": _rising(np.minimum),
    "maximum": _rising(np.maximum),
    "logaddexp": _rising(np.logaddexp),
}
"""The functions of the formula language, on intervals."""

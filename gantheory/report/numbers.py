"""Numbers as a reader wants them: as many digits as are known."""

from __future__ import annotations

import math

from gantheory.estimate import Estimate


MINUS = "\N{MINUS SIGN}"  # as wide as a plus, where a hyphen is not


def number(value: float, *, digits: int = 4) -> str:
    """Return a number as a short text: whole numbers whole, others to some significant digits.

    Example:
        >>> number(1234567), number(0.000123456), number(2.5), number(float("inf"))
        ('1234567', '0.0001235', '2.5', '∞')
    """
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "-" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    text = f"{value + 0.0:.{digits}g}"  # minus zero is zero
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}·10{_superscript(int(exponent))}"
    return text.replace("-", MINUS)


def interval(estimate: Estimate) -> str:
    """Return value and half the 95 % interval, both to the interval's second digit.

    Example:
        >>> interval(Estimate(1.23456, 0.0102))
        '1.235 ± 0.020'
    """
    value, low, high = float(estimate), *(float(end) for end in estimate.interval())
    half = (high - low) / 2
    if half == 0 or not math.isfinite(value):
        return number(value)
    if not math.isfinite(half):
        return f"{number(value)} ± {number(half)}"
    scale = max(abs(value), half)
    if not 1e-3 <= scale < 1e6:
        exponent = math.floor(math.log10(scale))
        places = min(max(0, exponent - math.floor(math.log10(half)) + 1), 8)
        shrunk = f"{value / 10**exponent:.{places}f} ± {half / 10**exponent:.{places}f}"
        return f"({shrunk})·10{_superscript(exponent)}".replace("-", MINUS)
    places = min(max(0, 1 - math.floor(math.log10(half))), 8)
    return f"{value:.{places}f} ± {half:.{places}f}".replace("-", MINUS)


def explanation(estimate: Estimate) -> str:
    """Return the sentence behind an estimate: its interval, its samples, its floor."""
    low, high = (float(end) for end in estimate.interval())
    parts = [f"95 % interval {number(low, digits=5)} to {number(high, digits=5)}"]
    if estimate.n:
        parts.append(f"{estimate.n} samples")
    if not math.isnan(float(estimate.floor.reshape(()))):
        parts.append(f"true against true samples: {number(float(estimate.floor.reshape(())))}")
    return "; ".join(parts)


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

"""Assertions about samples and rates, with a stated rate of false alarms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from gantheory.statistics import power_fit


def assert_same_distribution(x: Any, y: Any, *, false_alarm: float = 1e-6, directions: int = 20) -> None:
    """Raise `AssertionError` where two samples cannot come from one law.

    Equation: Kolmogorov and Smirnov's test of the projections on ``directions`` fixed, evenly spread directions
    (the axes first), each at the level ``false_alarm / directions``; so two samples of one law fail with
    probability ``false_alarm`` at most.

    ``x`` and ``y`` are arrays or tensors ``(n, d)`` and ``(m, d)``, or ``(n,)`` and ``(m,)``, of independent points.
    Raises `ValueError` where the dimensions differ. Reference: Cramer, Wold (1936); Kolmogorov (1933).

    Example:
        >>> points = np.random.default_rng(0).normal(size=(2000, 2))
        >>> assert_same_distribution(points[:1000], points[1000:])
    """
    x, y = (np.asarray(points, dtype=np.float64) for points in (x, y))
    x, y = (points[:, None] if points.ndim == 1 else points for points in (x, y))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(f"two samples of points (n, d) are wanted, got shapes {x.shape} and {y.shape}")
    d = x.shape[1]
    axes = np.eye(d)
    others = np.random.default_rng(0).normal(size=(max(0, directions - d) if d > 1 else 0, d))
    lines = np.concatenate([axes, others / np.linalg.norm(others, axis=1, keepdims=True)])
    found: Any = [stats.ks_2samp(x @ line, y @ line) for line in lines]
    worst = int(np.argmin([test.pvalue for test in found]))
    if found[worst].pvalue < false_alarm / len(lines):
        raise AssertionError(
            f"the samples differ along {np.round(lines[worst], 3).tolist()}: Kolmogorov-Smirnov distance "
            f"{found[worst].statistic:.3g}, p-value {found[worst].pvalue:.2g} in {len(lines)} tests"
        )


def assert_rate(x: Any, y: Any, exponent: float, *, tolerance: float = 0.05, level: float = 0.999) -> None:
    """Raise `AssertionError` unless y grows like a power of x with a stated exponent.

    Equation: the exponent of ``y = c x^k``, fitted on logarithms; its interval of the confidence ``level`` must
    meet ``exponent +- tolerance`` and be no wider than four times the tolerance, or nothing was measured.

    ``x`` and ``y`` are positive, at least three numbers each. Reference: ordinary least squares.

    Example:
        >>> n = np.array([10.0, 100.0, 1000.0, 10000.0])
        >>> assert_rate(n, 3 / np.sqrt(n), -0.5)
    """
    fitted, _ = power_fit(x, y)
    low, high = (float(end) for end in fitted.interval(level))
    shown = f"exponent {float(fitted):.4g} in [{low:.4g}, {high:.4g}]"
    if high < exponent - tolerance or low > exponent + tolerance:
        raise AssertionError(f"{shown}, wanted {exponent:g} +- {tolerance:g}")
    if high - low > 4 * tolerance:
        raise AssertionError(f"{shown}: too wide to tell {exponent:g} from other rates, take more points")

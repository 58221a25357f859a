"""Small-sample statistics: bootstrap intervals, power fits, exceedance counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from gantheory.estimate import Estimate


if TYPE_CHECKING:
    from collections.abc import Callable


def bootstrap_interval(
    values, *, statistic: Callable = np.mean, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the BCa bootstrap interval of a statistic of ``values`` ``(n,)``.

    A sample without spread has the interval of width 0. Raises `ValueError` below two values.

    Reference: Efron (1987).

    Example:
        >>> low, high = bootstrap_interval([1.0, 2.0, 3.0, 4.0, 5.0])
        >>> low < 3.0 < high
        True
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"values must be at least two numbers in a row, got shape {values.shape}")
    if np.ptp(values) == 0:
        return float(statistic(values)), float(statistic(values))
    result = stats.bootstrap(
        (values,),
        statistic,
        confidence_level=level,
        n_resamples=resamples,
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def power_fit(x, y) -> tuple[Estimate, Estimate]:
    """Fit ``y = c x^k`` by least squares on logarithms; return the exponent ``k`` and ``log c``.

    ``x`` and ``y`` are ``(n,)``, positive, with at least three points; the standard errors are those of
    the linear regression of ``log y`` on ``log x``, with ``n - 2`` degrees of freedom.

    Example:
        >>> exponent, _ = power_fit([1.0, 2.0, 4.0, 8.0], [3.0, 12.0, 48.0, 192.0])
        >>> round(float(exponent), 12)
        2.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or x.size < 3:
        raise ValueError(f"x and y must be rows of at least three numbers each, got {x.shape} and {y.shape}")
    if not ((x > 0).all() and (y > 0).all()):
        raise ValueError("x and y must be positive, for a power law is fitted to their logarithms")
    fit = stats.linregress(np.log(x), np.log(y))
    dof = x.size - 2
    return (
        Estimate(fit.slope, fit.stderr, n=x.size, dof=dof),
        Estimate(fit.intercept, fit.intercept_stderr, n=x.size, dof=dof),
    )


def rate_fit(steps, values) -> Estimate:
    """Fit ``values = c rho^steps`` and return the factor ``rho`` per step with its standard error.

    Example:
        >>> float(rate_fit([0, 1, 2, 3], [8.0, 4.0, 2.0, 1.0]))
        0.5
    """
    steps, values = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if steps.shape != values.shape or steps.ndim != 1 or steps.size < 3 or not (values > 0).all():
        raise ValueError("rate_fit needs at least three steps with positive values, as two equal rows")
    fit = stats.linregress(steps, np.log(values))
    rho = np.exp(fit.slope)
    return Estimate(rho, rho * fit.stderr, n=steps.size, dof=steps.size - 2)

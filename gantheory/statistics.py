"""Means of samples, and rates as rates: exponents and factors with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from gantheory.estimate import Estimate


def sample_mean(values) -> Estimate:
    """Return the mean of independent numbers, along the first axis, with its standard error ``sd / sqrt(n)``.

    ``values`` is ``(n, ...)``, with n of at least 2; the interval is that of the normal law, for large n. What
    pools a few members is `Estimate.mean`, which knows its degrees of freedom.

    Example:
        >>> print(sample_mean([1.0, 2.0, 3.0, 2.0]))
        2.000 +- 0.408 (n=4)
    """
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    return Estimate(values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(n), n=n)


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
    fit: Any = stats.linregress(np.log(x), np.log(y))
    dof = x.size - 2
    return (
        Estimate(fit.slope, fit.stderr, n=x.size, dof=dof),
        Estimate(fit.intercept, fit.intercept_stderr, n=x.size, dof=dof),
    )


def rate_fit(steps, values) -> Estimate:
    """Fit ``values = c rho^steps`` and return the factor ``rho`` per step with its standard error.

    Example:
        >>> round(float(rate_fit([0, 1, 2, 3], [8.0, 4.0, 2.0, 1.0])), 12)
        0.5
    """
    steps, values = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if steps.shape != values.shape or steps.ndim != 1 or steps.size < 3 or not (values > 0).all():
        raise ValueError("rate_fit needs at least three steps with positive values, as two equal rows")
    fit: Any = stats.linregress(steps, np.log(values))
    rho = np.exp(fit.slope)
    return Estimate(rho, rho * fit.stderr, n=steps.size, dof=steps.size - 2)

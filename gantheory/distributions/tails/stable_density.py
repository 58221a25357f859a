"""The density of the isotropic stable law, tabulated from its exact integral.

The law with characteristic function ``exp(-|t|^alpha)`` is that of ``sqrt(2 A) z``, with z standard normal and A
positive and stable with index ``a = alpha / 2``, which Kanter's formula makes of U uniform on (0, pi) and E
exponential: ``A = [sin(aU)^a sin((1-a)U)^(1-a) / sin U]^(1/a) E^(-(1-a)/a)``. So the density is the integral of normal
densities over U and E. With ``U = pi / (1 + e^-w)`` and ``E = e^y`` the integrand is positive, analytic and falls off
at all ends: the trapezoid rule in (w, y) has full relative accuracy in every tail.

Reference: Kanter (1975); Nolan (2013).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import erf, gammaln


WIDTH, DEGREE = 0.125, 13
"""Of the pieces on which a polynomial stands for the density."""


class Table(NamedTuple):
    """What makes the density at ``square = |x|^2``, as `AlphaStable` reads it.

    Inside ``limit``: a polynomial in the piece's own coordinate for each piece, ``inner`` (pieces, DEGREE + 1),
    highest power first, of log p + (d + alpha) v over ``v = log(1 + square / core) / 2``. Outside: the
    density is ``square^(-(d + alpha) / 2)`` times the polynomial ``outer`` in ``(limit / square)^(alpha / 2)``.
    """

    core: float
    limit: float
    inner: np.ndarray
    outer: np.ndarray


@lru_cache(maxsize=64)
def stable_table(alpha: float, d: int) -> Table:
    """Return the table of the standard law; errors of log p are below 1e-9 up to 10 dimensions."""
    core = 2 * d * math.exp(gammaln(d / alpha) - gammaln((d + 2) / alpha))  # of p(0) / |laplacian of p|
    limit, outer = _outer(alpha, d, core)
    pieces = math.ceil(math.log1p(limit / core) / 2 / WIDTH)
    limit = core * math.expm1(2 * WIDTH * pieces)
    limit, outer = limit, _series(alpha, d, limit)[0]
    at = np.cos(math.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    v = (np.arange(pieces)[:, None] + (at + 1) / 2) * WIDTH
    values = log_density(alpha, d, core * np.expm1(2 * v.ravel())).reshape(v.shape) + (d + alpha) * v
    inner = np.linalg.solve(np.vander(at, DEGREE + 1), values.T).T
    return Table(core, limit, inner, outer)


def _outer(alpha: float, d: int, core: float) -> tuple[float, np.ndarray]:
    """Return the least square of a radius, on a ladder, from which on the series is accurate."""
    for step in range(1, 1600):
        limit = core * math.expm1(2 * WIDTH * step)
        terms, error = _series(alpha, d, limit)
        if error < 1e-13:
            return limit, terms
    raise ValueError(f"the tail's series for alpha {alpha} in {d} dimensions was not reached")


def _series(alpha: float, d: int, limit: float, most: int = 80) -> tuple[np.ndarray, float]:
    """Return the tail's series at a square, highest power first, and the size of what is left out.

    ``p = pi^(-d/2-1) sum_k (-1)^(k+1) / k! 2^(k alpha) Gamma((k alpha + d)/2) Gamma(1 + k alpha/2) sin(k alpha pi/2)
    r^(-k alpha - d)``, which converges for alpha < 1 and is asymptotic above: it is cut at its least term.
    """
    k = np.arange(1, most + 1)
    size = gammaln((k * alpha + d) / 2) + gammaln(1 + k * alpha / 2) - gammaln(k + 1)
    size = size + k * alpha * math.log(2) - (k - 1) * alpha / 2 * math.log(limit)
    sign = np.sin(k * alpha * math.pi / 2) * (-1.0) ** (k + 1)
    first = size[0] + math.log(sign[0])
    small = np.flatnonzero(size - first < math.log(1e-15))
    cut = int(small[0]) if len(small) else int(size.argmin())
    terms = np.exp(size[:cut] - size[0]) * sign[:cut]
    total = terms.sum()
    error = math.exp(min(size[cut] - size[0], 500)) / total if total > 0 else math.inf
    if cut and np.abs(terms).max() > 1e3 * total:
        error = math.inf  # what cancels is lost
    return (terms * math.exp(size[0]) * math.pi ** (-d / 2 - 1))[::-1], error


def log_density(alpha: float, d: int, square: np.ndarray) -> np.ndarray:
    """Return log p of the standard law at squares of radii, by the trapezoid rule."""
    log_a, log_w = _nodes(alpha, d, float(square.max()))
    base = log_w - d / 2 * (math.log(4 * math.pi) + log_a)
    inverse = np.exp(-log_a) / 4
    result = np.empty(len(square))
    for i, r2 in enumerate(square):
        terms = base - r2 * inverse
        top = terms.max()
        result[i] = top + math.log(np.exp(terms - top).sum())
    return result


@lru_cache(maxsize=64)
def stable_quartile(alpha: float) -> float:
    """Return the median absolute deviation of a coordinate of the standard law."""
    log_a, log_w = _nodes(alpha, 1, 1e4)
    width, weight = 2 * np.exp(log_a / 2), np.exp(log_w)
    return brentq(lambda q: float(weight @ erf(q / width)) - 0.5, 1e-6, 10.0, xtol=1e-14)


def _nodes(alpha: float, d: int, square: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes log A of the trapezoid rule and their log-weights, good up to a square of a radius."""
    a, k = alpha / 2, (2 - alpha) / alpha
    step = 0.3 / math.sqrt(1 + d / 6)
    high = a * math.log(square + 100) + 40 / (1 + d / alpha) + 14
    w = np.arange(-38, high, step_w := step * min(1.0, 1.5 * a))
    y = np.arange(-38, 3.8, step_y := step * min(1.0, 1 / k))
    low, up = 1 / (1 + np.exp(-w)), 1 / (1 + np.exp(w))
    sine = np.sin(math.pi * np.minimum(low, up))
    u = math.pi * low
    log_a = a * np.log(np.sin(a * u)) + (1 - a) * np.log(np.sin((1 - a) * u)) - np.log(sine)
    log_a = (log_a / a)[:, None] - k * y
    log_w = np.log(low * up)[:, None] + (y - np.exp(y)) + math.log(step_w * step_y)
    kept = log_w > -90
    return log_a[kept], log_w[kept]

"""What averages of the points of a rule do."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def averaging_gain(decay: ArrayLike, angle: ArrayLike) -> np.ndarray:
    """Return by how much an exponential average shrinks an orbit that turns by an angle a step.

    Equation: ``a_k = b a_{k-1} + (1 - b) w_k`` with ``w_k = e^{i k phi}`` has in the long run ``|a_k| = (1 - b) /
    |1 - b e^{i phi}|``: smaller, never 0. Shapes broadcast; ``decay`` b in [0, 1).

    Reference: Yazici et al. (2019), for averages in GANs.

    Example:
        >>> float(averaging_gain(0.0, 1.0)), round(float(averaging_gain(0.99, 0.1)), 4)
        (1.0, 0.1)
    """
    b = np.asarray(decay, dtype=np.float64)
    return (1 - b) / np.abs(1 - b * np.exp(1j * np.asarray(angle, dtype=np.float64)))


def orbit_average(step: ArrayLike, start: ArrayLike, steps: ArrayLike) -> np.ndarray:
    """Return the mean of the points 1 to T of an orbit of a linear map, ``(..., k)`` for steps T ``(...)``.

    Equation: ``w_t = M^t w_0`` has the mean ``(I - M)^{-1} (M - M^{T+1}) w_0 / T``, which falls like 1 / T where the
    powers of M are bounded and 1 is none of its eigenvalues.

    Shapes: ``step (k, k)``, ``start (k,)``. Raises `ValueError` where 1 is an eigenvalue.

    Reference: Nemirovski (2004), for averages of games.

    Example:
        >>> orbit_average([[0.0, -1.0], [1.0, 0.0]], (1.0, 0.0), [1, 2, 4]).round(12).tolist()
        [[0.0, 1.0], [-0.5, 0.5], [0.0, 0.0]]
    """
    M, T = np.asarray(step, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    values, vectors = np.linalg.eig(M)
    if np.abs(1 - values).min() < 1e-12:
        raise ValueError("the step has the eigenvalue 1: the mean of its orbit has another limit")
    share = np.linalg.solve(vectors, np.asarray(start, dtype=np.float64).astype(np.complex128))
    sums = values * (1 - values ** T[..., None]) / (1 - values)
    return ((share * sums) @ vectors.T).real / T[..., None] + 0.0


def averaged_gap_bound(steps: ArrayLike, rate: ArrayLike, *, distance: ArrayLike = 1.0) -> np.ndarray:
    """Return the bound on the duality gap of averaged extragradient points, against a rival at a distance.

    Equation: ``f(x_bar, y) - f(x, y_bar) <= |w_0 - (x, y)|^2 / (2 h T)`` for convex-concave f with a field of
    Lipschitz constant at most ``1 / h``; the bars are means over the T points where extragradient looks. Shapes
    broadcast.

    Raises `ValueError` for a rate that is not positive.

    Reference: Nemirovski (2004).

    Example:
        >>> float(averaged_gap_bound(100, 0.5))
        0.01
    """
    h = np.asarray(rate, dtype=np.float64)
    if not ((h > 0) & (h < math.inf)).all():
        raise ValueError(f"rate must be positive and finite, got {rate}")
    return np.square(distance) / (2 * h * np.asarray(steps, dtype=np.float64))

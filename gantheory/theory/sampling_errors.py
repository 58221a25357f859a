"""How far numbers of samples are from those of laws: transport with and without entropy, and weak critics."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr


def entropic_fluctuation(
    shift: ArrayLike, deviation: ArrayLike, other_deviation: ArrayLike, *, epsilon: float, size: int
) -> float:
    """Return the root mean square error of the entropic transport cost of samples of two Gaussians.

    Equation: ``((Var f(X) + Var g(Y)) / n)^{1/2}``, to leading order in n, for n points of each of N(m, diag A) and
    N(m', diag B), with the potentials of the cost ``|x - y|^2``: ``f(x) = sum_i (1 - 2 B_i / (D_i + s^2)) (x_i -
    m_i)^2 + 2 (m_i - m'_i) (x_i - m_i)``, ``D_i = (4 A_i B_i + s^4)^{1/2}``, ``epsilon = 2 s^2``, and g with A and B
    exchanged. The rate is ``n^{-1/2}`` in every dimension; the constant keeps finite as long as epsilon does.

    Notation: shift is ``m - m'``, the deviations the roots of A and B. Shapes: ``(d,)`` or numbers. Raises
    `ValueError` for an epsilon or a size that is not positive.

    Reference: Mena, Niles-Weed (2019); Genevay, Chizat, Bach, Cuturi, Peyre (2019), theorem 3, for the rate.

    Example:
        >>> round(entropic_fluctuation(1.0, 1.0, 1.0, epsilon=10.0, size=400), 6)
        0.162847
    """
    if not (epsilon > 0 and size > 0):
        raise ValueError(f"epsilon and size must be positive, got {epsilon} and {size}")
    m, A, B = np.broadcast_arrays(
        np.asarray(shift, dtype=np.float64),
        np.square(deviation, dtype=np.float64),
        np.square(other_deviation, dtype=np.float64),
    )
    s2 = epsilon / 2
    D = np.sqrt(4 * A * B + s2**2)
    first, second = 1 - 2 * B / (D + s2), 1 - 2 * A / (D + s2)
    variance = 2 * np.square(first * A) + 2 * np.square(second * B) + 4 * np.square(m) * (A + B)
    return math.sqrt(float(variance.sum()) / size)


def feature_distance(count: int, size: int, *, slope: float = 1.0) -> float:
    """Return the mean distance of a Gaussian law to its own sample that k bounded critics see.

    Equation: ``E max_k |mean_i tanh(c x_ik)| = (Var tanh(c z) / m)^{1/2} E max_k |z_k|``, to leading order in m,
    for m points x of N(0, I_k) and the critics ``tanh(c x_k)``, one a coordinate: it falls as ``m^{-1/2}``
    whatever the dimension.

    Notation: k is ``count``, m ``size``, c ``slope``. Raises `ValueError` for counts or sizes below 1.

    Reference: Arora, Ge, Liang, Ma, Zhang (2017), theorem 3.1, for the rate.

    Example:
        >>> round(feature_distance(1, 100), 6)
        0.050101
    """
    if min(count, size) < 1:
        raise ValueError(f"count and size must be at least 1, got {count} and {size}")
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    variance = weights / weights.sum() @ np.square(np.tanh(slope * z))
    t, shares = np.polynomial.legendre.leggauss(100)
    most = 5 * shares @ (1 - (2 * ndtr(5 * (t + 1)) - 1) ** count)
    return float(most) * math.sqrt(float(variance) / size)

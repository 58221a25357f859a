"""How noisy gradients are, and which step and batch suit them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def noise_scale(matrix: ArrayLike) -> tuple[float, float]:
    """Return the squared length of the mean and the total variance of gradients ``(n, d)``, drawn uniformly.

    Equation: ``|G|^2`` with ``G = mean_i g_i`` and ``tr S = mean_i |g_i - G|^2``. From batches of two sizes b < B,
    drawn with replacement, ``(B |g_B|^2 - b |g_b|^2)/(B - b)`` and ``(|g_b|^2 - |g_B|^2)/(1/b - 1/B)`` estimate
    them without bias; their ratio is not unbiased.

    Reference: McCandlish et al. (2018).

    Example:
        >>> noise_scale([[1.0, 0.0], [1.0, 2.0]])
        (2.0, 1.0)
    """
    g = np.asarray(matrix, dtype=np.float64)
    G = g.mean(axis=0)
    return float(G @ G), float(((g - G) ** 2).sum(axis=1).mean())


def critical_batch_step(
    gradient: ArrayLike, hessian: ArrayLike, covariance: ArrayLike, *, batch: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best step of stochastic descent on a quadratic and how much it gains on average.

    Equation: ``eps = eps_max/(1 + B_n/B)`` and ``dL = dL_max/(1 + B_n/B)`` with ``eps_max = |G|^2/(G'HG)``,
    ``dL_max = |G|^4/(2 G'HG)`` and the noise scale ``B_n = tr(HS)/(G'HG)`` for batches of B.

    Shapes: ``gradient (d,)``, ``hessian`` and ``covariance (d, d)``, ``batch (...)``.

    Reference: McCandlish et al. (2018).

    Example:
        >>> [float(x) for x in critical_batch_step([1.0], [[2.0]], [[1.0]], batch=1)]
        [0.25, 0.125]
    """
    G, H, S = (np.asarray(part, dtype=np.float64) for part in (gradient, hessian, covariance))
    squared, curved = G @ G, G @ H @ G
    share = 1 / (1 + np.trace(H @ S) / curved / np.asarray(batch, dtype=np.float64))
    return squared / curved * share, squared**2 / (2 * curved) * share

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


def steps_and_samples(
    gradient: ArrayLike, hessian: ArrayLike, covariance: ArrayLike, *, batch: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many times the fewest steps, and the fewest samples, training with a batch takes on a quadratic.

    Equation: ``S/S_min = 1 + B_n/B`` and ``E/E_min = 1 + B/B_n`` with B_n as in `critical_batch_step`: both are 2 at
    ``B = B_n``, and ``(S/S_min - 1)(E/E_min - 1) = 1`` for every batch.

    Shapes: as `critical_batch_step`. Assumes a covariance for which B_n is positive.

    Reference: McCandlish et al. (2018).

    Example:
        >>> [float(x) for x in steps_and_samples([1.0], [[2.0]], [[1.0]], batch=1)]
        [2.0, 2.0]
    """
    G, H, S = (np.asarray(part, dtype=np.float64) for part in (gradient, hessian, covariance))
    ratio = np.trace(H @ S) / (G @ H @ G) / np.asarray(batch, dtype=np.float64)
    return 1 + ratio, 1 + 1 / ratio


def descent_variance(rate: ArrayLike, curvature: ArrayLike, variance: float, *, batch: int = 1) -> np.ndarray:
    """Return the variance at which stochastic descent on ``h x^2/2`` comes to rest; infinite from ``eta h = 2`` on.

    Equation: ``eta s^2 / (B h (2 - eta h))`` for the rate eta, the curvature h, gradients of variance s^2 for one
    sample and batches of B: with small steps it falls like the rate, ``eta s^2/(2 B h)``.

    Shapes: broadcast; rate and curvature positive. Reference: Mandt, Hoffman, Blei (2017); derived.

    Example:
        >>> float(descent_variance(1.0, 1.0, 1.0)), float(descent_variance(2.0, 1.0, 1.0))
        (1.0, inf)
    """
    eta, h = (np.asarray(number, dtype=np.float64) for number in (rate, curvature))
    left = 2 - eta * h
    return np.where(left > 0, eta * variance / (batch * h * np.where(left > 0, left, 1.0)), np.inf)


def asynchronous_means(u: ArrayLike, share: float, steps: int) -> np.ndarray:
    """Return the mean points ``(..., steps + 1)`` of descent on a parabola whose gradients are geometrically stale.

    Equation: with gradients k steps old with probability ``(1 - m) m^k``, and ``u`` the rate times the curvature,
    ``E w_{t+1} = E w_t + m (E w_t - E w_{t-1}) - (1 - m) u E w_t``: momentum m, out of asynchrony alone. Before the
    first step all gradients are the first, so ``E w_1 = (1 - u) w_0``, ``w_0 = 1``.

    Raises `ValueError` for a share m outside [0, 1). Reference: Mitliagkas, Zhang, Hadjis, Re (2016).

    Example:
        >>> asynchronous_means(0.5, 0.5, 2).tolist()
        [1.0, 0.5, 0.125]
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must lie in [0, 1), got {share}")
    u = np.asarray(u, dtype=np.float64)
    points = [np.ones_like(u), 1 - u]
    for _ in range(steps - 1):
        points.append(points[-1] + share * (points[-1] - points[-2]) - (1 - share) * u * points[-1])
    return np.stack(points[: steps + 1], axis=-1)

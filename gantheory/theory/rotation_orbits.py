"""Orbits on bilinear modes, point by point and in the long run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def bilinear_circle(start: ArrayLike, angle: ArrayLike) -> np.ndarray:
    """Return where the flow of ``sigma x y`` is when it has turned by an angle, sigma times the time.

    Equation: ``(x cos t - y sin t, x sin t + y cos t)``, a circle.

    Shapes: ``start (..., 2)``, ``angle (...)``, broadcast; the result ``(..., 2)``. Reference: Goodfellow (2016).

    Example:
        >>> bilinear_circle((1.0, 0.0), np.pi / 2).round(12).tolist()
        [0.0, 1.0]
    """
    (x, y), t = np.moveaxis(np.asarray(start, dtype=np.float64), -1, 0), np.asarray(angle, dtype=np.float64)
    return np.stack([x * np.cos(t) - y * np.sin(t), x * np.sin(t) + y * np.cos(t)], axis=-1)


def alternating_border_orbit(start: ArrayLike, steps: ArrayLike) -> np.ndarray:
    """Return the points of alternating steps on a bilinear mode at the border ``h sigma = 2``, y moving first.

    Equation: one step is the matrix ``M = [[-3, -2], [2, 1]]``, a Jordan block at -1, so that after t steps the point
    is ``(-1)^t (I - t (M + I)) w_0``: it leaves, at constant speed.

    Shapes: ``start (..., 2)``, ``steps (...)``, broadcast; the result ``(..., 2)``.

    Reference: Bailey, Gidel, Piliouras (2020); derived.

    Example:
        >>> alternating_border_orbit((1.0, 0.0), [1, 2]).tolist()
        [[-3.0, 2.0], [5.0, -4.0]]
    """
    w, t = np.asarray(start, dtype=np.float64), np.asarray(steps, dtype=np.float64)[..., None]
    leaves = 2 * np.stack([-w[..., 0] - w[..., 1], w[..., 0] + w[..., 1]], axis=-1)
    return (-1.0) ** t * (w - t * leaves)


def optimistic_gain(condition: ArrayLike, *, share: float = 40.0) -> np.ndarray:
    """Return the share of ``|w|^2`` that optimistic steps of ``1/(40 s_max)`` take away on a bilinear game, each.

    Equation: ``1 - rho^2 = u^2 + O(u^4)`` with ``u = s_min/(40 s_max)``, so ``1/(1600 kappa)`` for the condition
    ``kappa = (s_max/s_min)^2``. A published ``1/(800 kappa)`` is twice as much.

    ``share`` is the 40. Shapes: any. Reference: Daskalakis et al. (2018), for the rule; derived.

    Example:
        >>> float(optimistic_gain(1.0))
        0.000625
    """
    return 1 / (share**2 * np.asarray(condition, dtype=np.float64))


def alternating_momentum_gain(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Return ``(1 - rho^2)/u^2`` of alternating steps with momenta on a bilinear mode, as u goes to 0.

    Equation: ``(2 - 1/(1 - b_1) - 1/(1 - b_2)) / ((1 - b_1) (1 - b_2))``: positive, for convergence, exactly where
    ``1/(1 - b_1) + 1/(1 - b_2) < 2``. For the momenta -1/2 and 0 it is 2/9.

    Shapes: broadcast; momenta in (-1, 1). Reference: derived for Gidel et al. (2019).

    Example:
        >>> round(float(alternating_momentum_gain(-0.5, 0.0)), 6)
        0.222222
    """
    p, q = (1 / (1 - np.asarray(beta, dtype=np.float64)) for beta in (first, second))
    return (2 - p - q) * p * q

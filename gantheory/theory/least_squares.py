"""The least-squares objective for any targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gantheory.theory.divergences import _measures


def least_squares_critic(p: ArrayLike, q: ArrayLike, *, fake: float = 0.0, real: float = 1.0) -> np.ndarray:
    """Return the critic that minimises ``E_p (D - real)^2 + E_q (D - fake)^2``.

    Equation: ``D* = (b p + a q) / (p + q)``; NaN on atoms of no mass, where it is free.

    Notation: a, b are ``fake``, ``real``. Shapes: ``p, q (..., n)`` give ``(..., n)``. Raises `ValueError`
    unless both are probability vectors.

    Reference: Mao et al. (2017).

    Example:
        >>> least_squares_critic([0.5, 0.5], [0.125, 0.875]).round(4).tolist()
        [0.8, 0.3636]
    """
    p, q = _measures(p, q)
    total = p + q
    return np.divide(real * p + fake * q, total, out=np.full(total.shape, np.nan), where=total > 0)


def least_squares_value(
    p: ArrayLike, q: ArrayLike, *, fake: float = 0.0, real: float = 1.0, wanted: float = 1.0
) -> np.ndarray:
    """Return ``E_p (D* - wanted)^2 + E_q (D* - wanted)^2`` at the best critic.

    Equation: ``sum ((b - c) p - (c - a) q)^2 / (p + q)``, which is ``sum (p - q)^2 / (p + q)`` for
    ``b - c = c - a = 1`` and ``sum q^2 / (p + q)``, at least 1/2, for the targets 0 and ``b = c = 1``.

    Notation: a, b, c are ``fake``, ``real``, ``wanted``. Shapes: ``p, q (..., n)`` give ``(...)``. Raises
    `ValueError` unless both are probability vectors.

    Reference: Mao et al. (2017), theorem 1.

    Example:
        >>> float(least_squares_value([0.5, 0.5], [0.5, 0.5]))
        0.5
    """
    p, q = _measures(p, q)
    total = p + q
    above = np.square((real - wanted) * p - (wanted - fake) * q)
    return np.divide(above, total, out=np.zeros_like(total), where=total > 0).sum(axis=-1)

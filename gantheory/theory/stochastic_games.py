"""What noise makes of extragradient on bilinear games."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom


def extragradient_growth(
    rate: ArrayLike, terms: int, *, batch: int = 1, same: bool = False, replacement: bool = True
) -> np.ndarray:
    """Return the factor of the mean of ``|w|^2`` a step, for extragradient on ``mean_i x_i y_i`` with batches.

    Equation: with ``c`` the mean over the batch of the indicators of one term, of raw moments ``m_j``, and n terms, two
    independent batches give ``1 - 2 h^2 / n^2 + h^2 m_2 + h^4 m_2^2``, one batch for both halves of the step
    (``same``) ``1 - h^2 m_2 + h^4 m_4``. Without replacement ``m_2 = 1 / (B n)``, ``m_4 = 1 / (B^3 n)``, and
    independent batches diverge at every rate where ``B <= n / 2``.

    Raises `ValueError` for a batch outside 1 to the number of terms.

    Reference: Chavdarova, Gidel, Fleuret, Lacoste-Julien (2019); the factors derived.

    Example:
        >>> float(extragradient_growth(0.5, 2)) > 1 > float(extragradient_growth(0.5, 2, same=True))
        True
    """
    if not 1 <= batch <= terms:
        raise ValueError(f"batch must lie between 1 and the number of terms {terms}, got {batch}")
    h = np.asarray(rate, dtype=np.float64)
    if replacement:
        count = np.arange(batch + 1)
        share = binom.pmf(count, batch, 1 / terms)
        m2, m4 = (float(share @ (count / batch) ** power) for power in (2, 4))
    else:
        m2, m4 = 1 / (batch * terms), 1 / (batch**3 * terms)
    if same:
        return 1 - h**2 * m2 + h**4 * m4
    return 1 - 2 * h**2 / terms**2 + h**2 * m2 + h**4 * m2**2


def extragradient_floor(
    rate: ArrayLike, variance: float, *, batch: int = 1, dim: int = 2, speed: float = 1.0
) -> np.ndarray:
    """Return the mean of ``|w|^2`` at which extragradient on a rotation comes to rest under additive noise.

    Equation: ``d s^2 (1 + u^2) / (B sigma^2 (1 - u^2))`` for d parameters, noise of variance s^2 in every entry of the
    gradient of one sample, batches of B, ``speed`` sigma and ``u = h sigma``. As the rate h goes to 0 it does not
    vanish. Infinite from u = 1 on.

    Raises `ValueError` for a rate or a speed that is not positive.

    Reference: derived; compare Hsieh, Iutzeler, Malick, Mertikopoulos (2020).

    Example:
        >>> float(extragradient_floor(1e-6, 1.0).round(9)), float(extragradient_floor(0.5, 1.0, batch=4).round(9))
        (2.0, 0.833333333)
    """
    u = np.asarray(rate, dtype=np.float64) * speed
    if not (u > 0).all():
        raise ValueError(f"rate and speed must be positive, got {rate}, {speed}")
    floor = dim * variance * (1 + u**2) / (batch * speed**2 * np.where(u < 1, 1 - u**2, 1.0))
    return np.where(u < 1, floor, math.inf)

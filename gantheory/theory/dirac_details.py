"""Closed forms around Dirac-GAN: growth, penalties, consensus."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit


def dirac_growth(theta: ArrayLike, psi: ArrayLike, rate: ArrayLike) -> np.ndarray:
    """Return by which factor a simultaneous step multiplies |z|^2 on the unregularised Dirac-GAN.

    Equation: ``1 + h^2 f'^2`` with ``f'`` the logistic function of ``theta psi``: the field is orthogonal to the
    point, so that every step leads away.

    Shapes: broadcast. Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> float(dirac_growth(0.0, 1.0, 2.0))
        2.0
    """
    t = np.asarray(theta, dtype=np.float64) * np.asarray(psi, dtype=np.float64)
    return 1 + (np.asarray(rate, dtype=np.float64) * expit(t)) ** 2


def r1_alternating_stable(rate: ArrayLike, weight: ArrayLike, *, slope: float = 0.5) -> np.ndarray:
    """Say where alternating steps, one a player, converge on Dirac-GAN with R1.

    Equation: ``g h < 2`` and ``f'^2 h^2 < 4 - 2 g h``, by Jury's test for the determinant ``1 - g h`` and the trace
    ``2 - g h - f'^2 h^2`` of a step, with g > 0 the weight and ``slope`` f'(0).

    Reference: Jury (1964); derived for Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> r1_alternating_stable([1.6, 1.7], 1.0).tolist()
        [True, False]
    """
    h, g = np.asarray(rate, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    return (g * h < 2) & ((slope * h) ** 2 < 4 - 2 * g * h)


def gradient_penalty_response(theta: ArrayLike, weight: ArrayLike, *, target: ArrayLike = 1.0) -> np.ndarray:
    """Return the best critic of the Wasserstein Dirac-GAN with a gradient penalty, against a generator off 0.

    Equation: ``-sign(theta) (g_0 + |theta|/(2 w))`` minimises ``theta psi + w (|psi| - g_0)^2``, with the weight w and
    the target g_0. It jumps at ``theta = 0``, where no step can therefore come to rest.

    Reference: Mescheder, Geiger, Nowozin (2018), whose weight is twice ours and whose psi has the other sign.

    Example:
        >>> float(gradient_penalty_response(2.0, 0.5))
        -3.0
    """
    theta, w, g0 = (np.asarray(number, dtype=np.float64) for number in (theta, weight, target))
    return -np.sign(theta) * (g0 + np.abs(theta) / (2 * w))


def consensus_dirac_field(
    theta: ArrayLike, psi: ArrayLike, weight: ArrayLike, *, published: bool = False
) -> np.ndarray:
    """Return the direction of consensus steps on the unregularised Dirac-GAN, ``(..., 2)``.

    Equation: ``v + c grad |v|^2/2``, where ``v = p (-psi, theta)`` with p the logistic function of ``theta psi``,
    so that the gradient is ``(p^2 theta + q psi, p^2 psi + q theta)`` with ``q = (theta^2 + psi^2) p^2 (1 - p)``.

    ``published`` gives the field of a much-used code, in which q has a factor 1/2 that does not belong there.

    Reference: Mescheder, Nowozin, Geiger (2017), for the rule.

    Example:
        >>> consensus_dirac_field(0.0, 2.0, 1.0).tolist()
        [0.0, 0.5]
    """
    theta, psi, c = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (theta, psi, weight)))
    slope = expit(theta * psi)
    q = (theta**2 + psi**2) * slope**2 * (1 - slope) * (0.5 if published else 1.0)
    v = np.stack([-psi * slope, theta * slope], axis=-1)
    pull = np.stack([theta * slope**2 + psi * q, psi * slope**2 + theta * q], axis=-1)
    return v + c[..., None] * pull

"""Steps of rules that look at the other player, on games that are not linear."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit


def competitive_dirac_step(
    theta: ArrayLike, psi: ArrayLike, rate: ArrayLike, *, inverse: bool = True
) -> np.ndarray:
    """Return the move ``(..., 2)`` of a competitive step on the minimax Dirac-GAN.

    Equation: both players' moves are the Nash equilibrium of the game made bilinear where they stand, each paying
    ``|move|^2/(2 h)``: ``d = -h (I + h B)^-1 v`` with ``v = p (-psi, theta)``, p the logistic function of
    ``theta psi``, and ``B = [[0, -k], [k, 0]]``, ``k = p + theta psi p (1 - p)``. Without
    the ``inverse`` it is ``-h (I - h B) v``, of players who look ahead one step only.

    Shapes: broadcast. Reference: Schaefer, Anandkumar (2019).

    Example:
        >>> competitive_dirac_step(0.0, 1.0, 2.0).tolist()
        [0.5, -0.5]
    """
    theta, psi, h = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (theta, psi, rate)))
    p = expit(theta * psi)
    k = h * (p + theta * psi * p * (1 - p))
    move = -h * p * np.stack([-psi + k * theta, theta + k * psi])
    return np.moveaxis(move / (1 + k**2 if inverse else 1.0), 0, -1)


def unrolled_slope(
    x: ArrayLike,
    coupling: ArrayLike,
    curvature: ArrayLike,
    *,
    looks: int,
    ahead: ArrayLike,
    through: bool = True,
) -> np.ndarray:
    """Return the slope in x of ``a x y - c y^2/2`` at what k steps of ascent from ``y = 0`` make of y.

    Equation: ``y_k = (a x/c)(1 - (1 - eta c)^k)``, and ``d/dx f(x, y_k(x)) = (a^2 x/c)(1 - (1 - eta c)^{2k})``, as
    near to the slope at y's best answer as twice the looks would be alone. Not ``through`` y_k, the power is k.

    Shapes: broadcast; ``ahead`` is eta. Raises `ValueError` for a negative number of looks.

    Reference: derived for Metz et al. (2017).

    Example:
        >>> float(unrolled_slope(1.0, 2.0, 1.0, looks=1, ahead=0.5))
        3.0
    """
    if looks < 0:
        raise ValueError(f"looks must be at least 0, got {looks}")
    x, a, c, eta = (np.asarray(number, dtype=np.float64) for number in (x, coupling, curvature, ahead))
    return a**2 * x / c * (1 - (1 - eta * c) ** (2 * looks if through else looks))


def curl_crossing(deviation: ArrayLike, weight: ArrayLike, *, target: ArrayLike = 1.0) -> np.ndarray:
    """Return the direction ``(..., 2)`` of crossing the curl on the linear-quadratic GAN's variance part.

    Equation: for ``V = w (s^2 - a^2)``, the generator's deviation a and the critic's w, ``v = (-2 a w, a^2 - s^2)`` and
    ``(J' - J) v = 2 A'v = (4 a (a^2 - s^2), 8 a^2 w)``.

    Shapes: broadcast. Reference: Gemp, Mahadevan (2018).

    Example:
        >>> curl_crossing(2.0, 0.5).tolist()
        [24.0, 16.0]
    """
    a, w, s = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (deviation, weight, target)))
    return np.stack([4 * a * (a**2 - s**2), 8 * a**2 * w], axis=-1)

"""What the flows of Dirac-GAN conserve, lose and creep along."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp


def dirac_flow_distance(theta: ArrayLike, psi: ArrayLike) -> np.ndarray:
    """Return how far from the equilibrium the flow of a zero-sum Dirac-GAN without penalty stays for ever.

    Equation: the field is orthogonal to the point, so ``|z(t)| = |z(0)|``.

    Shapes: broadcast. Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> float(dirac_flow_distance(3.0, 4.0))
        5.0
    """
    return np.hypot(theta, psi)


def nonsaturating_drift(theta: ArrayLike, psi: ArrayLike) -> np.ndarray:
    """Return ``d|z|^2/dt`` along the flow of the unregularised non-saturating Dirac-GAN.

    Equation: ``-2 s tanh(s/2)`` with ``s = theta psi``: never positive, and of fourth order at the equilibrium.

    Shapes: broadcast. Reference: derived for Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> float(nonsaturating_drift(0.0, 2.0)), round(float(nonsaturating_drift(1.0, 2.0)), 4)
        (-0.0, -3.0464)
    """
    s = np.asarray(theta, dtype=np.float64) * np.asarray(psi, dtype=np.float64)
    return -2 * s * np.tanh(s / 2)


def consensus_valley(time: ArrayLike, start: ArrayLike, *, weight: ArrayLike = 1.0) -> np.ndarray:
    """Return how far along its valley consensus on Dirac-GAN has led away at a time, from a distance there.

    Equation: far out, at ``theta psi = -s`` with ``s = log(c r^2)``, the pull of weight c along theta balances the
    field, and what is left of both gives ``dr/dt = (2 log(c r^2) - 1) / (c r^3)``: r grows for ever, like the fourth
    root of the time but for the logarithm. Integrated by Dormand and Prince's method, in r^4.

    Assumes ``c r^2`` well above 1, to leading order in its inverse. Shapes: broadcast.

    Reference: derived; Mescheder, Nowozin, Geiger (2017), for the rule.

    Example:
        >>> consensus_valley([0.0, 100.0, 4000.0], 1.5).round(1).tolist()
        [1.5, 6.8, 19.9]
    """
    t, r, c = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (time, start, weight)))

    def speed(share: float, q: np.ndarray) -> np.ndarray:  # of q = r^4, in shares of each one's time
        return t.ravel() * 4 * (np.log(c.ravel() ** 2 * q) - 1) / c.ravel()

    found = solve_ivp(speed, (0.0, 1.0), r.ravel() ** 4, t_eval=[1.0], rtol=1e-9, atol=1e-9)
    return found.y[:, -1].reshape(r.shape) ** 0.25

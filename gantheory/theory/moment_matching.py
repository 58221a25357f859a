"""What a restricted critic and a restricted model measure: moments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import logsumexp, rel_entr

from gantheory.theory.divergences import _measures


def moment_projection(p: ArrayLike, q: ArrayLike, features: ArrayLike) -> tuple[float, np.ndarray]:
    """Return ``min KL(p'||q)`` over all p' with p's mean features, and the p' that attains it.

    Equation: ``p'_i`` is proportional to ``q_i exp(w' phi_i)`` with w such that ``E_p' phi = E_p phi``. The
    minimum is the supremum of ``E_p T - E_q exp(T - 1)`` over critics ``T = w' phi + c``: what an f-GAN with
    linear critics measures.

    Notation: phi are the features ``(n, k)``, the constant not among them. Shapes: ``p, q (n,)``; the result is
    a number and ``(n,)``. Raises `ValueError` unless both are probability vectors, q with positive entries, and
    the features fit.

    Reference: Liu, Bousquet, Chaudhuri (2017); Csiszar (1975).

    Example:
        >>> value, nearest = moment_projection([0.5, 0.0, 0.5], [0.25, 0.5, 0.25], [[-1.0], [0.0], [1.0]])
        >>> round(value, 6), nearest.round(4).tolist()
        (0.0, [0.25, 0.5, 0.25])
    """
    p, q = _measures(p, q)
    phi = np.asarray(features, dtype=np.float64)
    if p.ndim != 1 or phi.ndim != 2 or len(phi) != len(p) or not (q > 0).all():
        raise ValueError(
            f"p and q > 0 of n atoms and features (n, k) are wanted, got {p.shape} and {phi.shape}"
        )
    phi = phi - p @ phi

    def tilted(w: np.ndarray) -> np.ndarray:
        exponent = np.log(q) + phi @ w
        return np.exp(exponent - logsumexp(exponent))

    def hessian(w: np.ndarray) -> np.ndarray:
        weights = tilted(w)
        return (phi.T * weights) @ phi - np.outer(weights @ phi, weights @ phi)

    # the dual of the projection: its gradient is the tilted law's surplus of moments
    found: Any = minimize(
        lambda w: logsumexp(np.log(q) + phi @ w),
        np.zeros(phi.shape[1]),
        jac=lambda w: tilted(w) @ phi,
        hess=hessian,
        method="trust-exact",
        options={"gtol": 1e-11},
    )
    nearest = tilted(found.x)
    return float(rel_entr(nearest, q).sum()), nearest


def matched_variance(separation: ArrayLike, deviation: ArrayLike) -> np.ndarray:
    """Return the variance of the Gaussian nearest in ``KL(p||.)`` to two modes of equal weight.

    Equation: ``s^2 + m^2`` for ``p = 1/2 N(-m, s^2) + 1/2 N(m, s^2)``: the forward divergence matches moments
    and covers both modes. The reverse divergence fits one.

    Notation: m is ``separation``, half the modes' distance; s is ``deviation``. Shapes: any that broadcast.

    Reference: Bishop (2006), section 10.1; Goodfellow (2016), figure 14.

    Example:
        >>> float(matched_variance(2.0, 0.5))
        4.25
    """
    return np.square(deviation, dtype=np.float64) + np.square(separation, dtype=np.float64)

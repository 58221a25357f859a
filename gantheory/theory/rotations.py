"""Bilinear games and other rotating fields: growth, limits, energies, averages."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def bilinear_growth(matrix: ArrayLike, rate: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest factor of |w|^2 in a simultaneous step on ``x' A y``.

    Equation: ``1 + h^2 s^2`` for the smallest and the largest singular value s of A. Both agree where A is a
    multiple of an orthogonal matrix, and every step then multiplies by it.

    Shapes: ``matrix (..., n, n)``, square, ``rate (...)``. Reference: Gidel et al. (2019).

    Example:
        >>> [float(bound) for bound in bilinear_growth([[1.0, 0.0], [0.0, 2.0]], 0.5)]
        [1.25, 2.0]
    """
    s = np.linalg.svd(np.asarray(matrix, dtype=np.float64), compute_uv=False)
    h = np.asarray(rate, dtype=np.float64)
    return 1 + (h * s[..., -1]) ** 2, 1 + (h * s[..., 0]) ** 2


def alternating_energy(
    x: ArrayLike, y: ArrayLike, matrix: ArrayLike, *, rates: tuple[ArrayLike, ArrayLike]
) -> np.ndarray:
    """Return the energy that alternating steps conserve on ``x' A y``, x moving first.

    Equation: ``|x|^2/e_1 + |y|^2/e_2 - x' A y`` with the players' rates e_1, e_2, for ``x+ = x - e_1 A y`` and
    then ``y+ = y + e_2 A' x+``. With y first the sign of the last term turns.

    Shapes: ``x (..., m)``, ``y (..., n)``, ``matrix (..., m, n)``, rates ``(...)``.

    Reference: Bailey, Gidel, Piliouras (2020).

    Example:
        >>> float(alternating_energy([1.0], [2.0], [[0.5]], rates=(1.0, 1.0)))
        4.0
    """
    x, y, A, e1, e2 = (np.asarray(part, dtype=np.float64) for part in (x, y, matrix, *rates))
    return (x**2).sum(-1) / e1 + (y**2).sum(-1) / e2 - np.einsum("...m,...mn,...n->...", x, A, y)


def negative_momentum_bound(u: ArrayLike) -> np.ndarray:
    """Return a bound on the squared factor of alternating steps with momentum -1/2 for one player, 0 for the other.

    Equation: ``max(1/2, 1 - u^2/16)`` for u, the rate times the singular value, up to 1.

    Reference: Gidel et al. (2019).

    Example:
        >>> float(negative_momentum_bound(0.4))
        0.99
    """
    return np.maximum(0.5, 1 - np.asarray(u, dtype=np.float64) ** 2 / 16)


def best_rotation_factor(rule: str) -> float:
    """Return the smallest factor that any step reaches on a purely rotating mode.

    Equation: with u the rate times the speed of rotation, "extragradient" has ``rho^2 = 1 - u^2 + u^4``, least at
    ``u = 1/sqrt 2`` with ``rho = sqrt(3)/2``; "optimistic" a double root at ``u = 1/2`` with ``rho = 1/sqrt 2``.

    Raises `ValueError` for another rule. Reference: derived from Korpelevich (1976) and Popov (1980).

    Example:
        >>> round(best_rotation_factor("optimistic"), 6)
        0.707107
    """
    if rule not in ("extragradient", "optimistic"):
        raise ValueError(f"rule must be 'extragradient' or 'optimistic', got {rule!r}")
    return math.sqrt(3) / 2 if rule == "extragradient" else 1 / math.sqrt(2)


def consensus_limit(weight: ArrayLike, singular_value: ArrayLike) -> np.ndarray:
    """Return the rate below which consensus (or symplectic) steps shrink a bilinear mode.

    Equation: ``2 c / (1 + c^2 s^2)`` with the weight c and the singular value s, for
    ``rho^2 = (1 - h c s^2)^2 + h^2 s^2``.

    Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> float(consensus_limit(1.0, 3.0))
        0.2
    """
    c, s = np.asarray(weight, dtype=np.float64), np.asarray(singular_value, dtype=np.float64)
    return 2 * c / (1 + c**2 * s**2)


def average_bound(u: ArrayLike, steps: ArrayLike) -> np.ndarray:
    """Return a bound on the mean of alternating steps' points on a bilinear mode, for starts of length 1.

    Equation: the points are ``M^t w_0``, and M turns by an angle t, ``2 cos t = 2 - u^2``, in the lengths of the
    conserved energy ``x^2 + y^2 - u x y``. There ``sum_t M^t w_0 = M (I - M^T)(I - M)^-1 w_0`` is at most
    ``2/|1 - e^it| = 2/u`` as long as w_0, in the plane at most ``k = sqrt((2 + u)/(2 - u))`` times that, the
    condition of the energy. So the mean's length is at most ``2 k/(u T)``.

    Assumes ``0 < u < 2``. Reference: Bailey, Gidel, Piliouras (2020); derived.

    Example:
        >>> round(float(average_bound(1.0, 100)), 6)
        0.034641
    """
    u, T = np.asarray(u, dtype=np.float64), np.asarray(steps, dtype=np.float64)
    return 2 * np.sqrt((2 + u) / (2 - u)) / (u * T)


def delayed_growth(staleness: int, u: ArrayLike) -> np.ndarray:
    """Return the growth of a step with stale gradients on a bilinear mode, less 1, over u^2, to leading order.

    Equation: ``rho = 1 + (s + 1/2) u^2 + O(u^3)``: staleness s multiplies the rate at which simultaneous steps leave
    by ``2s + 1``. ``u`` gives the shape alone. Reference: derived.

    Example:
        >>> float(delayed_growth(2, 0.001))
        2.5
    """
    return staleness + 0.5 + 0 * np.asarray(u, dtype=np.float64)


def alignment_slope(matrix: ArrayLike, point: ArrayLike) -> np.ndarray:
    """Return how the squared cosine between ``v + c A'v`` and the gradient of ``|v|^2/2`` changes with c, at 0.

    Equation: ``2 <v, g> <A'v, g> / (|v|^2 |g|^2)`` for the field ``v = M w``, ``g = M'v`` and ``A = (M - M')/2``.

    Shapes: ``matrix (..., n, n)``, ``point (n,)``; needs v and g that do not vanish.

    Reference: Balduzzi et al. (2018).

    Example:
        >>> float(alignment_slope([[1.0, 1.0], [-1.0, 1.0]], [1.0, 0.0]))
        1.0
    """
    M, w = np.asarray(matrix, dtype=np.float64), np.asarray(point, dtype=np.float64)
    T = np.swapaxes(M, -1, -2)
    v = M @ w
    g, turned = (np.einsum("...ij,...j->...i", part, v) for part in (T, (T - M) / 2))
    return 2 * (v * g).sum(-1) * (turned * g).sum(-1) / ((v**2).sum(-1) * (g**2).sum(-1))

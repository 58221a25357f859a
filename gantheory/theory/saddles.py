"""Stability of the zeros of two-player fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def simultaneous_limit(pull: ArrayLike, turn: ArrayLike) -> np.ndarray:
    """Return the rate below which simultaneous steps shrink a mode a + ib: ``2a / (a^2 + b^2)``, 0 for a <= 0.

    Equation: ``|1 - h (a + ib)| < 1``; also ``(1/a) 2 / (1 + (b/a)^2)``: what turns asks for smaller steps.

    Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> float(simultaneous_limit(1.0, 3.0))
        0.2
    """
    a, b = np.asarray(pull, dtype=np.float64), np.asarray(turn, dtype=np.float64)
    return np.where(a > 0, 2 * a / np.where(a > 0, a**2 + b**2, 1.0), 0.0)


def saddle_stable(B: ArrayLike, Q: ArrayLike) -> bool:
    """Say whether the flow of a saddle's field ``[[0, B'], [-B, Q]]`` is stable by the theorem's conditions.

    Equation: all eigenvalues have positive real parts ``u* Q u / (|u|^2 + |w|^2)`` where Q is positive definite and
    B has full column rank; with Q = 0 they are purely imaginary.

    Shapes: ``B (m, n)``, ``Q (m, m)``. Reference: Nagarajan, Kolter (2017).

    Example:
        >>> saddle_stable([[1.0], [0.0]], [[1.0, 0.0], [0.0, 2.0]]), saddle_stable([[0.0]], [[1.0]])
        (True, False)
    """
    B, Q = np.asarray(B, dtype=np.float64), np.asarray(Q, dtype=np.float64)
    return bool(np.linalg.matrix_rank(B) == B.shape[1] and np.linalg.eigvalsh((Q + Q.T) / 2)[0] > 0)


def consensus_monotonicity(matrix: ArrayLike, weight: ArrayLike) -> np.ndarray:
    """Return a lower bound on the strong monotonicity of the consensus field of a monotone linear field M w.

    Equation: the symmetric part of ``M + c M'M`` is at least ``c s_min(M)^2`` where that of M is at least 0.

    Shapes: ``matrix (..., n, n)``, ``weight (...)``. Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> float(consensus_monotonicity([[0.0, 2.0], [-2.0, 0.0]], 0.5))
        2.0
    """
    s = np.linalg.svd(np.asarray(matrix, dtype=np.float64), compute_uv=False)[..., -1]
    return np.asarray(weight, dtype=np.float64) * s**2


def strict_local_minimax(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> np.ndarray:
    """Say where 0 is a strict local minimax point of ``a x^2/2 + b x y - c y^2/2``, x minimising first.

    Equation: ``c > 0`` and ``a + b^2/c > 0``, the curvature of x's loss along y's best answers. Exactly then descent
    and ascent are stable once y is fast enough.

    Reference: Jin, Netrapalli, Jordan (2020); Fiez, Ratliff (2021).

    Example:
        >>> strict_local_minimax([-1.0, -1.0], [2.0, 0.5], 1.0).tolist()
        [True, False]
    """
    a, b, c = (np.asarray(number, dtype=np.float64) for number in (a, b, c))
    return (c > 0) & (a * c + b**2 > 0)


def attracts(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> np.ndarray:
    """Say where 0 attracts simultaneous descent and ascent on ``a x^2/2 + b x y - c y^2/2``, for small steps.

    Equation: the field ``[[a, b], [-b, c]]`` has eigenvalues of positive real part where ``a + c > 0`` and
    ``a c + b^2 > 0``. Neither a nor c has to be positive: an attractor need not be a local Nash equilibrium.

    Reference: Mazumdar, Jordan, Sastry (2019); Adolphs et al. (2019).

    Example:
        >>> bool(attracts(-1.0, 2.0, 3.0))
        True
    """
    a, b, c = (np.asarray(number, dtype=np.float64) for number in (a, b, c))
    return (a + c > 0) & (a * c + b**2 > 0)


def saddle_damping(B: ArrayLike, Q: ArrayLike) -> np.ndarray:
    """Return the real parts of the eigenvalues of a saddle's field ``[[0, B'], [-B, Q]]``, sorted.

    Equation: ``Re mu = w* Q w / (|u|^2 + |w|^2)`` for the eigenvector (u, w): only the critic's curvature damps.

    Shapes: ``B (m, n)``, ``Q (m, m)`` symmetric, the result ``(n + m,)``.

    Reference: Nagarajan, Kolter (2017); Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> saddle_damping([[1.0]], [[1.0]]).round(12).tolist()
        [0.5, 0.5]
    """
    B, Q = np.asarray(B, dtype=np.float64), np.asarray(Q, dtype=np.float64)
    n = B.shape[1]
    _, vectors = np.linalg.eig(np.block([[np.zeros((n, n)), B.T], [-B, Q]]))
    w = vectors[n:]
    return np.sort((w.conj() * (Q @ w)).sum(axis=0).real / (np.abs(vectors) ** 2).sum(axis=0))


def zero_sum_monotonicity(a: ArrayLike, c: ArrayLike) -> np.ndarray:
    """Return the least eigenvalue of the symmetric part of a zero-sum game's Jacobian: ``min(a, c)``.

    Equation: ``a x^2/2 + b x y - c y^2/2`` has ``J = [[a, b], [-b, c]]``, whose symmetric part is ``diag(a, c)``: the
    field is monotone exactly where the game is convex in x and concave in y, whatever couples them.

    Shapes: broadcast. Reference: Mescheder, Nowozin, Geiger (2017).

    Example:
        >>> float(zero_sum_monotonicity(1.0, -2.0))
        -2.0
    """
    return np.minimum(a, c)

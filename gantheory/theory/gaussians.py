"""Closed forms for Gaussians."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


Pair = tuple[np.ndarray, np.ndarray]


def gaussian_log_density(x: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> np.ndarray:
    """Return the log density of a Gaussian, in nats.

    Equation: ``-1/2 (x - m)' S^-1 (x - m) - 1/2 log det(2 pi S)``.

    Shapes: ``x (n, d)``, ``mean (d,)``, ``covariance (d, d)`` give ``(n,)``. Raises `ValueError` for shapes
    that do not fit.

    Example:
        >>> gaussian_log_density([[0.0]], [0.0], [[1.0]]).round(6).tolist()
        [-0.918939]
    """
    m, S = _gaussian(mean, covariance)
    centred = np.atleast_2d(np.asarray(x, dtype=np.float64)) - m
    whitened = np.linalg.solve(S, centred.T).T
    return -(centred * whitened).sum(-1) / 2 - np.linalg.slogdet(2 * np.pi * S)[1] / 2


def gaussian_log_ratio(
    mean: ArrayLike, other_mean: ArrayLike, covariance: ArrayLike
) -> tuple[np.ndarray, float]:
    """Return w and b of the best critic's logit ``log p/q = w'x + b`` between Gaussians of one covariance.

    Equation: ``w = S^-1 (m - m')`` and ``b = -(m' S^-1 m - m'' S^-1 m')/2``. With unequal covariances the logit
    is quadratic.

    Shapes: means ``(d,)``, ``covariance (d, d)``; the result is ``(d,)`` and a number. Raises `ValueError` for
    shapes that do not fit.

    Reference: Fisher (1936); Goodfellow et al. (2014) for the critic.

    Example:
        >>> w, b = gaussian_log_ratio([1.0], [0.0], [[2.0]])
        >>> w.tolist(), b
        ([0.5], -0.25)
    """
    m, S = _gaussian(mean, covariance)
    other, _ = _gaussian(other_mean, covariance)
    precision = np.linalg.inv(S)
    return precision @ (m - other), float(other @ precision @ other - m @ precision @ m) / 2


def gaussian_kullback_leibler(
    mean: ArrayLike, covariance: ArrayLike, other_mean: ArrayLike, other_covariance: ArrayLike
) -> float:
    """Return ``KL(N(m, A) || N(m', B))``, in nats.

    Equation: ``1/2 [tr(B^-1 A) + (m - m')' B^-1 (m - m') - d + log det B / det A]``.

    Shapes: means ``(d,)``, covariances ``(d, d)``. Raises `ValueError` for shapes that do not fit.

    Reference: Kullback, Leibler (1951).

    Example:
        >>> gaussian_kullback_leibler([2.0], [[1.0]], [0.0], [[1.0]])
        2.0
    """
    (m, A), (other, B) = _gaussian(mean, covariance), _gaussian(other_mean, other_covariance)
    gap, precision = m - other, np.linalg.inv(B)
    log_ratio = np.linalg.slogdet(B)[1] - np.linalg.slogdet(A)[1]
    return float(np.trace(precision @ A) + gap @ precision @ gap - len(m) + log_ratio) / 2


def gaussian_transport(
    mean: ArrayLike, covariance: ArrayLike, other_mean: ArrayLike, other_covariance: ArrayLike
) -> float:
    """Return the squared Wasserstein-2 distance of two Gaussians: the form of the Frechet distance of features.

    Equation: ``|m - m'|^2 + tr(A + B - 2 (A^{1/2} B A^{1/2})^{1/2})``.

    Shapes: means ``(d,)``, covariances ``(d, d)``. Raises `ValueError` for shapes that do not fit.

    Reference: Dowson, Landau (1982); Heusel et al. (2017).

    Example:
        >>> round(gaussian_transport([1.0], [[4.0]], [0.0], [[1.0]]), 12)
        2.0
    """
    (m, A), (other, B) = _gaussian(mean, covariance), _gaussian(other_mean, other_covariance)
    root = _root(A)
    return float(np.square(m - other).sum() + np.trace(A + B) - 2 * np.trace(_root(root @ B @ root)))


def transport_matrix(covariance: ArrayLike, other_covariance: ArrayLike) -> np.ndarray:
    """Return the matrix T of the optimal map ``m' + T (x - m)`` from N(m, A) to N(m', B).

    Equation: ``T = A^{-1/2} (A^{1/2} B A^{1/2})^{1/2} A^{-1/2}``, symmetric, with ``T A T = B``.

    Shapes: ``(d, d)`` all. Raises `ValueError` for shapes that do not fit; A has to be positive definite.

    Reference: Dowson, Landau (1982); Olkin, Pukelsheim (1982).

    Example:
        >>> transport_matrix([[4.0]], [[1.0]]).round(12).tolist()
        [[0.5]]
    """
    d = len(np.atleast_2d(covariance))
    (_, A), (_, B) = _gaussian(np.zeros(d), covariance), _gaussian(np.zeros(d), other_covariance)
    root = _root(A)
    inverse = np.linalg.inv(root)
    return inverse @ _root(root @ B @ root) @ inverse


def entropic_gaussian_transport(
    mean: ArrayLike,
    covariance: ArrayLike,
    other_mean: ArrayLike,
    other_covariance: ArrayLike,
    *,
    epsilon: float,
) -> float:
    """Return the entropic transport cost of two Gaussians, relative to the product measure.

    Equation: the minimum of ``E |x - y|^2 + epsilon KL(P | N(m, A) x N(m', B))`` is ``|m - m'|^2 + tr(A + B) -
    tr D + d s^2 (1 - log 2 s^2) + s^2 log det(D + s^2 I)`` with ``epsilon = 2 s^2`` and
    ``D = (4 A^{1/2} B A^{1/2} + s^4 I)^{1/2}``.

    Shapes: means ``(d,)``, covariances ``(d, d)``. Raises `ValueError` for shapes that do not fit or an
    epsilon that is not positive.

    Reference: Janati, Muzellec, Peyre, Cuturi (2020), theorem 1; Mallasto, Gerolin, Minh (2021).

    Example:
        >>> round(entropic_gaussian_transport([1.0], [[1.0]], [0.0], [[1.0]], epsilon=1e-6), 4)
        1.0
    """
    if not epsilon > 0:
        raise ValueError(f"epsilon must be positive, got {epsilon}: gaussian_transport is the limit at 0")
    (m, A), (other, B) = _gaussian(mean, covariance), _gaussian(other_mean, other_covariance)
    d, s2 = len(m), epsilon / 2
    root, I = _root(A), np.eye(len(m))
    D = _root(4 * root @ B @ root + s2**2 * I)
    quadratic = np.square(m - other).sum() + np.trace(A + B) - np.trace(D)
    return float(quadratic + d * s2 * (1 - np.log(2 * s2)) + s2 * np.linalg.slogdet(D + s2 * I)[1])


def low_rank_gap(covariance: ArrayLike, rank: int) -> float:
    """Return the least squared Wasserstein-2 distance of N(0, K) to a Gaussian of a given rank.

    Equation: ``sum_{i > r} lambda_i(K)``, attained by the part of K in its r first principal directions.

    Shapes: ``(d, d)``. Raises `ValueError` for a rank outside 0 to d.

    Reference: Feizi, Farnia, Ginart, Tse (2018), theorem 1.

    Example:
        >>> low_rank_gap([[4.0, 0.0], [0.0, 1.0]], 1)
        1.0
    """
    K = np.asarray(covariance, dtype=np.float64)
    if not 0 <= rank <= len(K):
        raise ValueError(f"rank must lie between 0 and {len(K)}, got {rank}")
    return float(np.linalg.eigvalsh(K)[: len(K) - rank].sum())


def _gaussian(mean: ArrayLike, covariance: ArrayLike) -> Pair:
    m, S = np.asarray(mean, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if m.ndim != 1 or S.shape != (len(m), len(m)):
        raise ValueError(f"a mean (d,) and a covariance (d, d) are wanted, got {m.shape} and {S.shape}")
    return m, S


def _root(matrix: np.ndarray) -> np.ndarray:
    """Return the positive root of a symmetric matrix that is not negative, but for rounding."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

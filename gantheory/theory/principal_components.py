"""Probabilistic principal components: the linear latent variable model in closed form."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def probabilistic_pca(covariance: ArrayLike, latent: int) -> tuple[np.ndarray, float, float]:
    """Return the best loadings W, noise variance v and mean log-likelihood of ``x = W z + m + v^(1/2) e``.

    Equation: with the eigenvalues l_1 >= ... >= l_d of the data's covariance and q latent numbers,
    ``v = mean(l_(q+1) .. l_d)``, ``W = U_q diag(l_j - v)^(1/2)``, and the likelihood is
    ``-1/2 (d log 2 pi + sum_(j<=q) log l_j + (d - q) log v + d)``, in nats: the most that any linear variational
    autoencoder can reach, and its bound is tight there.

    Shapes: ``covariance (d, d)`` gives W ``(d, latent)``, unique up to a rotation of z. Raises `ValueError` for a
    covariance that is not symmetric and positive definite, or latent outside 0 to d - 1.

    Reference: Tipping, Bishop (1999); Lucas, Tucker, Grosse, Norouzi (2019) for the autoencoder.

    Example:
        >>> loadings, variance, likelihood = probabilistic_pca([[4.0, 0.0], [0.0, 1.0]], 1)
        >>> loadings.round(6).tolist(), variance, round(likelihood, 6)
        ([[1.732051], [0.0]], 1.0, -3.531024)
    """
    S = np.asarray(covariance, dtype=np.float64)
    if S.ndim != 2 or len(S) != S.shape[-1] or not np.allclose(S, S.T):
        raise ValueError(f"covariance must be a symmetric matrix, got shape {S.shape}")
    d = len(S)
    if not 0 <= latent < d:
        raise ValueError(f"latent must lie between 0 and {d - 1}, got {latent}")
    values, vectors = np.linalg.eigh(S)
    if values[0] <= 0:
        raise ValueError(f"covariance must be positive definite, but has the eigenvalue {values[0]}")
    values, vectors = values[::-1], vectors[:, ::-1]
    variance = values[latent:].mean()
    loadings = vectors[:, :latent] * np.sqrt(values[:latent] - variance)
    loadings *= np.where(loadings.sum(0) < 0, -1.0, 1.0)
    log_det = np.log(values[:latent]).sum() + (d - latent) * math.log(variance)
    return loadings, float(variance), float(-0.5 * (d * math.log(2 * math.pi) + log_det + d))

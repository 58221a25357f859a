"""Transport costs that can be computed without solving for a plan, or by a plan that scipy finds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.special import binom


def cumulative_transport(x: ArrayLike, p: ArrayLike, y: ArrayLike, q: ArrayLike) -> float:
    """Return the Wasserstein-1 distance between weighted points on the line.

    Equation: ``integral |F(t) - G(t)| dt`` with the distribution functions F and G.

    Shapes: points x, masses p ``(n,)``, points y, masses q ``(m,)``; each mass divided by its sum.

    Reference: Vallender (1974).

    Example:
        >>> cumulative_transport([0.0, 1.0], [1, 1], [5.0], [1])
        4.5
    """
    at = np.concatenate([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    mass = np.concatenate([p / p.sum(), -q / q.sum()])
    order = np.argsort(at, kind="stable")
    return float(np.abs(np.cumsum(mass[order]))[:-1] @ np.diff(at[order]))


def assignment_distances(x: ArrayLike, y: ArrayLike, *, power: float = 1.0) -> np.ndarray:
    """Return the distances along the best assignment of equally many points, ``|x_i - y_pi(i)|``.

    Equation: pi minimises ``sum_i |x_i - y_pi(i)|^power``; the mean of the distances to that power is the
    Wasserstein distance to that power, because a plan between uniform masses is no better than a permutation.

    Shapes: ``x, y (n, d)`` give ``(n,)``, in the order of x.

    Reference: Birkhoff (1946); Kuhn (1955).

    Example:
        >>> assignment_distances([[0.0], [1.0]], [[3.0], [2.0]]).tolist()
        [2.0, 2.0]
    """
    distances = cdist(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    rows, columns = linear_sum_assignment(distances**power)
    return distances[rows, columns]


def shared_noise_bound(x: ArrayLike, y: ArrayLike) -> float:
    """Return a bound on the Wasserstein-1 distance of two generators fed the same noise, ``mean |x_i - y_i|``.

    Equation: ``W1(P_theta, P_theta') <= E |g_theta(z) - g_theta'(z)|``: sharing the noise is one coupling of many.

    Shapes: ``x, y (n, d)``, row i made from noise i.

    Reference: Arjovsky, Chintala, Bottou (2017), theorem 1.

    Example:
        >>> shared_noise_bound([[0.0], [1.0]], [[1.0], [0.0]])
        1.0
    """
    gap = np.asarray(x, dtype=np.float64) - np.asarray(y, dtype=np.float64)
    return float(np.linalg.norm(gap, axis=1).mean())


def optimal_partners(x: ArrayLike, y: ArrayLike, *, power: float = 1.0) -> np.ndarray:
    """Return the indices pi(i) of the best assignment (see `assignment_distances`), ``(n,)``.

    Example:
        >>> optimal_partners([[0.0], [1.0]], [[3.0], [2.0]], power=2.0).tolist()
        [1, 0]
    """
    distances = cdist(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return linear_sum_assignment(distances**power)[1]


def shift_slope(x: ArrayLike, y: ArrayLike) -> float:
    """Return the derivative at 0 of ``t -> W1(x + t, y)`` on the line: the mean sign of sorted differences.

    Equation: ``mean_i sign(x_(i) - y_(i))``: the mean slope of the optimal critic at the generated points.

    Assumes equally many points and no ties, where the derivative jumps. Shapes: ``x, y (n,)``.

    Reference: Arjovsky, Chintala, Bottou (2017), theorem 3, for the envelope.

    Example:
        >>> shift_slope([3.0, 0.0, 5.0], [1.0, 2.0, 4.0])
        0.3333333333333333
    """
    return float(np.sign(np.sort(x) - np.sort(y)).mean())


def transport_limit(x: ArrayLike, y: ArrayLike, *, power: float = 2.0) -> float:
    """Return the limit of the Sinkhorn divergence at infinite regularisation.

    Equation: ``1/2 [2 E c(X, Y) - E c(X, X') - E c(Y, Y')]`` with ``c = |x - y|^power``: a kernel distance. For
    the square it is the squared distance of the means.

    Shapes: ``x (n, d)``, ``y (m, d)``, uniform masses.

    Reference: Ramdas, Garcia Trillos, Cuturi (2017); Genevay, Peyre, Cuturi (2018).

    Example:
        >>> transport_limit([[0.0], [2.0]], [[4.0], [4.0]])
        9.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    xy, xx, yy = ((cdist(a, b) ** power).mean() for a, b in ((x, y), (x, x), (y, y)))
    return float(xy - (xx + yy) / 2)


def distance_kernel_discrepancy(x: ArrayLike, y: ArrayLike, *, unbiased: bool = True) -> float:
    """Return the squared maximum mean discrepancy with the kernel of the energy distance, which is twice it.

    Equation: ``mean k(x, x') + mean k(y, y') - 2 mean k(x, y)`` with ``k(x, y) = (|x| + |y| - |x - y|)/2``; the
    means within a sample leave out pairs of a point with itself if ``unbiased``.

    Shapes: ``x (n, d)``, ``y (m, d)``, at least 2 points each.

    Reference: Sejdinovic, Sriperumbudur, Gretton, Fukumizu (2013); Gretton et al. (2012).

    Example:
        >>> distance_kernel_discrepancy([[0.0], [0.0]], [[1.0], [1.0]])
        1.0
    """

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (np.linalg.norm(a, axis=1)[:, None] + np.linalg.norm(b, axis=1) - cdist(a, b)) / 2

    def within(a: np.ndarray) -> float:
        k = kernel(a, a)
        return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1)) if unbiased else k.mean()

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return float(within(x) + within(y) - 2 * kernel(x, y).mean())


def gaussian_kernel_mean(
    distance: ArrayLike, variance: ArrayLike, bandwidth: ArrayLike, *, dim: int = 1
) -> np.ndarray:
    """Return the mean of a Gaussian kernel over pairs of two isotropic Gaussians.

    Equation: ``E exp(-|X - Y|^2 / 2 h^2) = (h^2 / (h^2 + v))^{d/2} exp(-delta^2 / 2 (h^2 + v))`` for means at
    distance delta and variances that sum to v in every coordinate.

    Notation: delta is ``distance``, v ``variance``, h ``bandwidth``. Shapes: any that broadcast.

    Reference: Gretton et al. (2012).

    Example:
        >>> float(gaussian_kernel_mean(0.0, 3.0, 1.0))
        0.5
    """
    h2, v = np.square(bandwidth, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    return (h2 / (h2 + v)) ** (dim / 2) * np.exp(-np.square(distance) / (2 * (h2 + v)))


def minibatch_transport(size: int) -> float:
    """Return the mean Wasserstein-1 distance of two samples of one uniform law on [0, 1].

    Equation: ``E W1 = integral_0^1 E|B - B'| dt / m`` with B, B' binomial (m, t) and independent:
    ``sum_{j,k} |j - k| C(m, j) C(m, k) Beta(j + k + 1, 2m - j - k + 1) / m``. It is 1/3 for one point, falls as
    ``m^{-1/2}`` and is 0 for no size, though the laws are equal.

    Raises `ValueError` for a size below 1.

    Reference: Salimans, Zhang, Radford, Metaxas (2018), for the bias; Vallender (1974).

    Example:
        >>> round(minibatch_transport(1), 6)
        0.333333
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    k = np.arange(size + 1)
    total = k[:, None] + k
    weight = binom(size, k)[:, None] * binom(size, k) / binom(2 * size, total)
    return float((np.abs(k[:, None] - k) * weight).sum() / (size * (2 * size + 1)))


def nearest_rate(dim: int) -> float:
    """Return the exponent with which a sample of n points comes near a law on R^d: ``-1/d``.

    The mean distance of a fresh point to the nearest of n, a lower bound of the Wasserstein-1 distance between
    the law and its sample, falls as ``n^{-1/d}`` for a law with a density; above two dimensions the distance itself
    does, on the line it falls as ``n^{-1/2}``.

    Raises `ValueError` for a dimension below 1.

    Reference: Dudley (1969); Weed, Bach (2019).

    Example:
        >>> nearest_rate(4)
        -0.25
    """
    if dim < 1:
        raise ValueError(f"dim must be at least 1, got {dim}")
    return -1 / dim

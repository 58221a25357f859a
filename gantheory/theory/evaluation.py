"""What evaluations of generators measure on the average, exactly or with their bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr, ndtri, xlogy
from scipy.stats import chi2, ncx2

from gantheory.theory.divergences import _measures, total_variation


def frechet_bias(size: int) -> float:
    """Return the mean squared Frechet distance of a standard normal law on the line to a sample of it.

    Equation: ``E[m^2 + (s - 1)^2] = 1/n + 2 (1 - c_n)`` with the sample's mean m and deviation s (of ``n - 1``
    degrees of freedom), ``c_n = sqrt(2/(n - 1)) Gamma(n/2) / Gamma((n - 1)/2)``: about ``3/(2n)``, never 0.

    Raises `ValueError` for a size below 2.

    Reference: Binkowski, Sutherland, Arbel, Gretton (2018), for the bias.

    Example:
        >>> round(frechet_bias(20), 4)
        0.0761
    """
    if size < 2:
        raise ValueError(f"size must be at least 2, got {size}")
    log_c = math.log(2 / (size - 1)) / 2 + gammaln(size / 2) - gammaln((size - 1) / 2)
    return float(1 / size - 2 * np.expm1(log_c))


def mutual_information(joint: ArrayLike) -> float:
    """Return the mutual information of rows and columns of a probability table: the log of an Inception score.

    Equation: ``I(x; y) = H(y) - E H(y|x)``, in nats, at most ``log K`` for K columns.

    Shapes: ``(n, K)``. Raises `ValueError` unless the entries are not negative and sum to 1.

    Reference: Salimans et al. (2016); Barratt, Sharma (2018).

    Example:
        >>> round(mutual_information([[0.5, 0.0], [0.0, 0.5]]), 6)
        0.693147
    """
    table = np.asarray(joint, dtype=np.float64)
    if table.ndim != 2 or (table < 0).any() or not np.isclose(table.sum(), 1, rtol=0, atol=1e-9):
        raise ValueError(f"joint must be a table (n, K) of entries that sum to 1, got {table}")
    x, y = table.sum(1), table.sum(0)
    return float(-xlogy(y, y).sum() + xlogy(table, table).sum() - xlogy(x, x).sum())


def acceptance_rate(p: ArrayLike, q: ArrayLike) -> float:
    """Return the share of samples of q that rejection sampling keeps to make p of it: ``1 / max p/q``.

    Infinite ratios give 0: what q never makes cannot be kept. Shapes: ``(n,)`` both.

    Reference: von Neumann (1951); Azadi, Olsson, Darrell, Goodfellow, Odena (2019).

    Example:
        >>> acceptance_rate([0.5, 0.5], [0.25, 0.75])
        0.5
    """
    p, q = _measures(p, q)
    return float(1 / np.divide(p, q, out=np.where(p > 0, np.inf, 0.0), where=q > 0).max())


def two_sample_accuracy(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the best accuracy of a classifier of samples of p and q, equally many: ``1/2 + TV/2``.

    Shapes: ``p, q (..., n)`` give ``(...)``. Reference: Lopez-Paz, Oquab (2017).

    Example:
        >>> float(two_sample_accuracy([1.0, 0.0], [0.0, 1.0]))
        1.0
    """
    return 0.5 + total_variation(p, q) / 2


def two_sample_null(count: int, called_real: float | None = None) -> tuple[float, float]:
    """Return mean and variance of a classifier's right answers on test samples, where both laws are one.

    Equation: ``n/2`` and ``n/4`` if each label is drawn, since a fair coin then decides; ``n/2`` and ``n a (1 - a)``
    if n/2 test samples are real and n/2 generated, with a the share that the classifier calls real. So the variance
    of a fixed, balanced test set is smaller, and the binomial test is on the safe side.

    Notation: n is ``count``, a ``called_real``, in [0, 1]. Raises `ValueError` outside.

    Reference: Lopez-Paz, Oquab (2017), for labels that are drawn.

    Example:
        >>> two_sample_null(100), two_sample_null(100, 0.75)
        ((50.0, 25.0), (50.0, 18.75))
    """
    a = 0.5 if called_real is None else float(called_real)
    if not -1e-12 <= a <= 1 + 1e-12:
        raise ValueError(f"called_real must be a share from 0 to 1, got {called_real}")
    return count / 2, count * a * (1 - a)


def two_sample_power(count: int, excess: float, *, level: float = 0.05) -> float:
    """Return the power of the classifier two-sample test, by the normal law.

    Equation: ``Phi((e sqrt n - z/2) / sqrt(1/4 - e^2))`` with z the ``1 - level`` quantile, for n test samples and
    a classifier of accuracy ``1/2 + e``.

    Notation: n is ``count``, e ``excess``, in (0, 1/2). Raises `ValueError` outside.

    Reference: Lopez-Paz, Oquab (2017), theorem 1.

    Example:
        >>> round(two_sample_power(100, 0.1), 2)
        0.64
    """
    if not 0 < excess < 0.5:
        raise ValueError(f"excess must lie strictly between 0 and 1/2, got {excess}")
    return float(ndtr((excess * math.sqrt(count) + ndtri(level) / 2) / math.sqrt(0.25 - excess**2)))


def precision_curve(p: ArrayLike, q: ArrayLike, slope: float) -> float:
    """Return a point of the precision-recall curve of a generator: its precision at a slope.

    Equation: ``alpha(l) = sum_i min(l p_i, q_i)``, the recall being ``alpha(l) / l``; ``alpha(1) = 1 - TV`` and
    ``alpha(inf) = q(supp p)``.

    Notation: p data, q generator, l ``slope``, positive or infinite. Shapes: ``(n,)`` both.

    Reference: Sajjadi, Bachem, Lucic, Bousquet, Gelly (2018), theorem 2.

    Example:
        >>> precision_curve([0.5, 0.5], [1.0, 0.0], 1.0)
        0.5
    """
    p, q = _measures(p, q)
    weighted = np.where(p > 0, np.inf, 0.0) if math.isinf(slope) else slope * p
    return float(np.minimum(weighted, q).sum())


def collision_bound(draws: int, atoms: float) -> float:
    """Return a lower bound on the probability that some two of m draws from a law on N atoms are equal.

    Equation: ``1 - exp(-(m^2 - m) / 2N)``; a uniform law collides least. For a law that has only a part of its
    mass on N atoms no such bound holds.

    Notation: m is ``draws``, N ``atoms``.

    Reference: Arora, Risteski, Zhang (2018), for the use; Munford (1977), for uniform laws being least.

    Example:
        >>> round(collision_bound(23, 365), 4)
        0.5
    """
    return -math.expm1(-(draws**2 - draws) / (2 * atoms))


def importance_mean(first: ArrayLike, last: ArrayLike) -> float:
    """Return the mean weight of annealed importance sampling, the ratio of normalisers ``Z_T / Z_0``.

    Equation: ``E prod_t f_t(x_t) / f_{t-1}(x_t) = sum f_T / sum f_0`` for chains that start at ``f_0 / Z_0`` and
    move by kernels that leave ``f_t / Z_t`` as it is. The mean of the logarithm is smaller.

    Notation: f_0 is ``first``, f_T ``last``, both ``(n,)`` and positive.

    Reference: Neal (2001); Wu, Burda, Salakhutdinov, Grosse (2017), for generators.

    Example:
        >>> importance_mean([1.0, 1.0], [2.0, 4.0])
        3.0
    """
    return float(np.sum(last) / np.sum(first))


def nearest_sample_distance(dim: int, size: int, *, nodes: int = 24) -> float:
    """Return the mean distance of a fresh point of N(0, I/d) to the nearest of a sample of it.

    Equation: ``E integral_0^inf (1 - F(r; |x|))^m dr`` with ``d |x - x'|^2`` noncentral chi-square given x, by
    quadrature. It bounds the Wasserstein-1 distance of the law and its sample from below, and stays near
    ``sqrt 2`` until m is exponential in d.

    Notation: d is ``dim``, m ``size``.

    Reference: Arora, Ge, Liang, Ma, Zhang (2017).

    Example:
        >>> round(nearest_sample_distance(400, 1000), 2)
        1.27
    """
    u, shares = np.polynomial.legendre.leggauss(nodes)
    length = chi2.ppf((u + 1) / 2, dim)[:, None]
    top = 2 + 8 / math.sqrt(dim)
    r, widths = np.polynomial.legendre.leggauss(200)
    r, widths = (r + 1) * top / 2, widths * top / 2
    beyond = ncx2.sf(dim * r**2, dim, length) ** size
    return float(shares / 2 @ (beyond @ widths))


def circle_class(count: int) -> tuple[float, float]:
    """Return where the hole of equally spaced points on the unit circle is born and dies in Rips complexes.

    Equation: ``2 sin(pi/n)``, when neighbours join, and ``2 sin(pi ceil(n/3) / n)``, when triangles fill it.

    Raises `ValueError` for fewer than 4 points, which have no hole.

    Reference: Adamaszek, Adams (2017); Khrulkov, Oseledets (2018), for the use.

    Example:
        >>> [round(radius, 4) for radius in circle_class(6)]
        [1.0, 1.7321]
    """
    if count < 4:
        raise ValueError(f"count must be at least 4, got {count}")
    return 2 * math.sin(math.pi / count), 2 * math.sin(math.pi * math.ceil(count / 3) / count)

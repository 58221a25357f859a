"""What a map of noise can and cannot do to densities, mass and straight lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr


def gaussian_peak(dim: int) -> float:
    """Return the largest log density of a standard Gaussian, which no volume-preserving map can exceed.

    Equation: ``-d/2 log 2 pi``; additive coupling layers have Jacobian determinant 1, so it is theirs too.

    Reference: Dinh, Krueger, Bengio (2015).

    Example:
        >>> round(gaussian_peak(2), 6)
        -1.837877
    """
    return -dim / 2 * math.log(2 * math.pi)


def planar_log_det(u: ArrayLike, w: ArrayLike, b: float, z: ArrayLike) -> np.ndarray:
    """Return ``log |det|`` of the planar map ``z + u tanh(w'z + b)``.

    Equation: ``log |1 + (1 - tanh^2(w'z + b)) u'w|``.

    Shapes: ``u, w (d,)``, ``z (n, d)`` give ``(n,)``.

    Reference: Rezende, Mohamed (2015).

    Example:
        >>> planar_log_det([1.0], [1.0], 0.0, [[0.0]]).round(6).tolist()
        [0.693147]
    """
    u, w, z = (np.asarray(v, dtype=np.float64) for v in (u, w, z))
    slope = 1 - np.tanh(z @ w + b) ** 2
    return np.log(np.abs(1 + slope * (u @ w)))


def planar_direction(u: ArrayLike, w: ArrayLike) -> np.ndarray:
    """Return the direction that makes a planar map invertible: u, moved along w.

    Equation: ``u + (m(w'u) - w'u) w / |w|^2`` with ``m(s) = log(1 + (e - 1) e^s) - 1``, so that ``w'u > -1``. The
    paper's ``m(s) = log(1 + e^s) - 1`` does so too, but is not 0 at 0: for small w its direction has no bound.

    Shapes: ``u, w (d,)`` give ``(d,)``. Reference: Rezende, Mohamed (2015), appendix A.

    Example:
        >>> planar_direction([1.0], [1.0]).round(6).tolist()
        [0.735326]
    """
    u, w = np.asarray(u, dtype=np.float64), np.asarray(w, dtype=np.float64)
    s = u @ w
    return u + (np.logaddexp(0, s + math.log(math.e - 1)) - 1 - s) * w / (w @ w)


def bridge_slope(separation: ArrayLike, deviation: ArrayLike) -> np.ndarray:
    """Return the slope between two modes of the increasing map that makes them of standard noise.

    Equation: the map of N(0, 1) to ``1/2 N(-m, s^2) + 1/2 N(m, s^2)`` has the slope ``s exp(m^2 / 2 s^2)`` at 0:
    the ratio of the densities there.

    Notation: m is ``separation``, s ``deviation``. Shapes: any that broadcast.

    Reference: Cornish, Caterini, Deligiannidis, Doucet (2020), theorem 2.1, for the unbounded constant.

    Example:
        >>> float(bridge_slope(2.0, 1.0).round(4))
        7.3891
    """
    m, s = np.asarray(separation, dtype=np.float64), np.asarray(deviation, dtype=np.float64)
    return s * np.exp(np.square(m / s) / 2)


def mass_between(distance: ArrayLike, lipschitz: ArrayLike) -> np.ndarray:
    """Return the least mass that an odd Lipschitz map of standard noise leaves between two half-lines.

    Equation: ``P(|G(z)| < D/2) >= 2 Phi(D / 2L) - 1``, attained by ``G(z) = L z``.

    Notation: D is ``distance``, L ``lipschitz``. Shapes: any that broadcast.

    Reference: Borell (1975); Sudakov, Tsirelson (1974), for every dimension and map.

    Example:
        >>> float(mass_between(2.0, 1.0).round(4))
        0.6827
    """
    return 2 * ndtr(np.asarray(distance, dtype=np.float64) / (2 * np.asarray(lipschitz))) - 1


def thickened_log_likelihood(dim: int, intrinsic: int, deviation: ArrayLike) -> np.ndarray:
    """Return the mean log-likelihood of the true model of a flat law of k dimensions, thickened in d.

    Equation: k coordinates standard normal and ``d - k`` of deviation s: ``-d/2 log(2 pi e) + (d - k) log 1/s``,
    which has no bound as s falls to 0.

    Notation: d is ``dim``, k ``intrinsic``, s ``deviation``. Shapes: any. Raises `ValueError` unless
    ``0 <= k <= d``.

    Reference: Cover, Thomas (2006); Arjovsky, Bottou (2017), for what it means.

    Example:
        >>> float((thickened_log_likelihood(3, 1, 0.1) - thickened_log_likelihood(3, 1, 1.0)).round(6))
        4.60517
    """
    if not 0 <= intrinsic <= dim:
        raise ValueError(f"intrinsic must lie between 0 and dim, got {intrinsic} and {dim}")
    s = np.asarray(deviation, dtype=np.float64)
    return -dim / 2 * math.log(2 * math.pi * math.e) - (dim - intrinsic) * np.log(s)


def sign_change_bound(count: int) -> int:
    """Return the most sign changes of a combination of Gaussian densities of one variance: one less than theirs.

    Raises `ValueError` for a count below 1.

    Reference: Karlin (1968), total positivity; Li, Madry, Peebles, Schmidt (2017), for critics.

    Example:
        >>> sign_change_bound(4)
        3
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    return count - 1


def tent_pieces(folds: int) -> int:
    """Return the number of linear pieces on [0, 1] of the tent map, composed with itself: ``2^folds``.

    Reference: Telgarsky (2015).

    Example:
        >>> tent_pieces(5)
        32
    """
    return 2**folds


def relu_pieces(widths: Sequence[int]) -> int:
    """Return a bound on the linear pieces, along a line, of a network of ReLU layers: ``prod (n_l + 1)``.

    Attained by one layer whose kinks differ.

    Reference: Montufar, Pascanu, Cho, Bengio (2014); Telgarsky (2015).

    Example:
        >>> relu_pieces((2, 2, 2))
        27
    """
    return math.prod(n + 1 for n in widths)


def mean_stretch(matrix: ArrayLike) -> float:
    """Return the mean of ``|J v|^2`` over unit directions v: ``tr(J'J) / n``.

    Shapes: ``(m, n)``. Reference: Odena et al. (2018).

    Example:
        >>> mean_stretch([[3.0, 0.0], [0.0, 1.0]])
        5.0
    """
    J = np.asarray(matrix, dtype=np.float64)
    return float(np.square(J).sum() / J.shape[1])

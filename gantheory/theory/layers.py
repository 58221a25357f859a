"""Volumes of the layers of flows, and what slopes and separation leave for mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr


def pointwise_log_det(matrix: ArrayLike, sites: int) -> float:
    """Return ``log |det|`` of a 1x1 convolution: the same matrix acts on the channels of every site.

    Equation: ``h w log |det W|`` for pictures of ``h w`` sites.

    Shapes: ``(c, c)``. Raises `ValueError` for fewer than one site.

    Reference: Kingma, Dhariwal (2018).

    Example:
        >>> round(pointwise_log_det([[2.0, 0.0], [0.0, 1.0]], 4), 6)
        2.772589
    """
    if sites < 1:
        raise ValueError(f"sites must be at least 1, got {sites}")
    return sites * float(np.linalg.slogdet(np.asarray(matrix, dtype=np.float64))[1])


def coupling_log_det(
    kept: ArrayLike, weight: ArrayLike, bias: ArrayLike, *, bound: float = 3.0
) -> np.ndarray:
    """Return ``log |det|`` of an affine coupling whose log-scales are a bounded linear function of what is kept.

    Equation: ``sum_i s_i`` with ``s = r tanh((W a + b)/r)``, since ``z_b = x_b exp(s(x_a)) + t(x_a)`` has a
    triangular Jacobian; shifts t count for nothing.

    Notation: a ``kept (n, k)``, W ``weight (m, k)``, b ``bias (m,)``, r ``bound``; the result is ``(n,)``.

    Reference: Dinh, Sohl-Dickstein, Bengio (2017).

    Example:
        >>> coupling_log_det([[0.0]], [[5.0], [5.0]], [0.0, 0.0]).tolist()
        [0.0]
    """
    a, W = np.asarray(kept, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    return bound * np.tanh((a @ W.T + np.asarray(bias, dtype=np.float64)) / bound).sum(-1)


def stretch_range(matrix: ArrayLike) -> tuple[float, float]:
    """Return the least and the largest ``|J v|^2`` over unit directions v: the extreme eigenvalues of ``J'J``.

    Shapes: ``(m, n)``. Reference: Odena et al. (2018).

    Example:
        >>> stretch_range([[3.0, 0.0], [0.0, 1.0]])
        (1.0, 9.0)
    """
    J = np.asarray(matrix, dtype=np.float64)
    values = np.linalg.eigvalsh(J.T @ J)
    return float(max(values[0], 0.0)), float(values[-1])


def separated_quantiles(distance: float, lipschitz: float) -> float:
    """Return the most that two quantiles may add up to, of masses that a Lipschitz map sends to two pieces.

    Equation: ``Phi^-1(a) + Phi^-1(b) <= -D/L`` for an L-Lipschitz map of standard noise that sends the mass a to one
    piece and b to another at the distance D: what lies within ``D/L`` of the first preimage misses the second.
    Equal masses give ``2 Phi(-D/2L)``, see `mass_between`.

    Notation: D is ``distance``, L ``lipschitz``, both positive or `ValueError`.

    Reference: Borell (1975); Sudakov, Tsirelson (1974).

    Example:
        >>> separated_quantiles(2.0, 1.0)
        -2.0
    """
    if not (distance > 0 and lipschitz > 0):
        raise ValueError(f"distance and lipschitz must be positive, got {distance} and {lipschitz}")
    return -distance / lipschitz


def planar_modes(layers: int) -> int:
    """Return the most modes that k planar layers are known to make of a normal law on the line: 2k.

    One layer makes two, by a dip in the middle; two make four and three six, found by search. That no more can be
    made is not proved.

    Raises `ValueError` for fewer than one layer.

    Reference: Rezende, Mohamed (2015), for the layers.

    Example:
        >>> planar_modes(3)
        6
    """
    if layers < 1:
        raise ValueError(f"layers must be at least 1, got {layers}")
    return 2 * layers


def least_variation(distance: float, lipschitz: float) -> float:
    """Return the least total variation between a Lipschitz map of noise and a law on two equal pieces.

    Equation: ``Phi(D/L) - 1/2``. With the masses a and b on the pieces, at most one half each, the variation is
    ``1 - a - b``; under `separated_quantiles` it falls as they grow unequal, down to ``a = 1/2``, ``b = Phi(-D/L)``:
    one piece served fully. Serving both alike costs ``2 Phi(D/2L) - 1``, which is more.

    Notation: D is ``distance``, L ``lipschitz``, both positive or `ValueError`.

    Reference: derived from Borell (1975); Sudakov, Tsirelson (1974).

    Example:
        >>> round(least_variation(2.0, 1.0), 4)
        0.4772
    """
    return 0.5 - float(ndtr(separated_quantiles(distance, lipschitz)))

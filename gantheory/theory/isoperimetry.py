"""What a Lipschitz map of Gaussian noise must waste between separate pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import brentq
from scipy.spatial.distance import squareform
from scipy.special import ndtr, ndtri


def off_piece_mass(distances: ArrayLike, weights: ArrayLike, lipschitz: float) -> float:
    """Return a lower bound on the share of samples that lie off all pieces.

    For every map G with ``|G(z) - G(z')| <= L |z - z'|`` of ``z ~ N(0, I)``, in any dimension, that serves K
    pieces of pairwise distances ``D_kl`` in proportion to weights w: ``P(G(z) in piece k) = (1 - delta) w_k``.

    Equation: delta is at least the root of ``sum_k Phi(Phi^-1((1 - delta) w_k) + r_k) = 1`` for all radii with
    ``r_k + r_l <= D_kl / L``, because the pieces' preimages, enlarged by r_k, are disjoint, and half-spaces
    grow least. The radii are half the distance to the nearest other piece; and, for the best cut of the
    pieces in two at a gap D, ``D / (2L)`` for the two sides. Two equal pieces give ``2 Phi(D / (2L)) - 1``,
    with equality for ``G(z) = clip(L z_1, -D/2, D/2)``.

    Shapes: ``distances (K, K)``, ``weights (K,)``, which are divided by their sum. Raises `ValueError` for
    other shapes, distances that are negative or not symmetric, or a Lipschitz constant that is not positive.

    Reference: Borell (1975); Sudakov, Tsirelson (1974); Tanielian et al. (2020).

    Example:
        >>> round(off_piece_mass([[0, 4], [4, 0]], [1, 1], 3.0), 4)
        0.495
    """
    D, w = np.asarray(distances, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    count = w.size
    if w.ndim != 1 or not count or D.shape != (count, count):
        raise ValueError(f"distances (K, K) and weights (K,) are wanted, got shapes {D.shape} and {w.shape}")
    if not np.array_equal(D, D.T) or not (D >= 0).all():
        raise ValueError("distances must be symmetric and not negative: give that of k and l in both places")
    if not (w > 0).all() or not lipschitz > 0:
        raise ValueError(f"weights and lipschitz must be positive, got {weights} and {lipschitz}")
    if count == 1:
        return 0.0
    w = w / w.sum()
    nearest = np.where(np.eye(count, dtype=bool), np.inf, D).min(-1)
    bounds = [_wasted(w, nearest / (2 * lipschitz))]
    for gap, share in _cuts(D, w):
        bounds.append(_wasted(np.array([share, 1 - share]), np.full(2, gap / (2 * lipschitz))))
    return max(bounds)


def three_piece_mass(width: float) -> float:
    """Return the mass that three wedges of the plane hold which meet at equal angles, moved apart by a width.

    Equation: ``3 P(n'z >= w/2, m'z >= w/2)`` for standard normal z and unit vectors n, m at 60 degrees, the normals
    of one wedge; by integration over the angle, ``P = 1/2pi integral exp(-r(t)^2/2) dt`` with r the distance at
    which the ray in the direction t enters the wedge.

    It is the most that is known to be served: a generator with Lipschitz constant L makes of noise three equal pieces
    at the distance D with ``w = D/L``. That no other three sets at that distance hold more is proved for small w.

    Raises `ValueError` for a negative width.

    Reference: Milman, Neeman (2022), for small widths.

    Example:
        >>> round(three_piece_mass(0.0), 9)
        1.0
    """
    if width < 0:
        raise ValueError(f"width must be at least 0, got {width}")
    t, weights = np.polynomial.legendre.leggauss(100)
    angle = (t + 1) * np.pi / 6  # from the wedge's middle to the direction of an edge
    enters = width / 2 / np.cos(angle + np.pi / 6)
    return float(weights @ np.exp(-np.square(enters) / 2) / 2)


def _wasted(w: np.ndarray, r: np.ndarray) -> float:
    """Return the delta at which preimages of the shares (1 - delta) w, enlarged by r, just fill the space."""

    def excess(delta: float) -> float:
        return float(ndtr(ndtri((1 - delta) * w) + r).sum() - 1)

    if excess(0.0) <= 0:  # r = 0, or rounding
        return 0.0
    root: Any = brentq(excess, 0.0, 1.0, xtol=1e-15)
    return float(root)


def _cuts(D: np.ndarray, w: np.ndarray) -> list[tuple[float, float]]:
    """Return gaps of cuts in two, and the share of one side: for every gap there is, of an even cut.

    A cut with the gap t keeps whole what single linkage joins below t. Among those the evenest is best, for the
    mass of a half-space's edge falls away from one half; it is found among all cuts of at most 14 groups,
    and by giving the heaviest first to the lighter side for more.
    """
    tree = linkage(squareform(D), "single")
    cuts = []
    for gap in np.unique(tree[:, 2]):
        label = fcluster(tree, np.nextafter(gap, -np.inf), "distance") - 1
        mass = np.sort(np.bincount(label, weights=w))[::-1]
        if len(mass) <= 14:
            codes = np.arange(1, 2 ** (len(mass) - 1))
            shares = (codes[:, None] >> np.arange(len(mass)) & 1) @ mass
            share = shares[np.abs(shares - 0.5).argmin()]
        else:
            share, rest = 0.0, 0.0
            for m in mass:
                share, rest = (share + m, rest) if share <= rest else (share, rest + m)
        cuts.append((float(gap), float(share)))
    return cuts

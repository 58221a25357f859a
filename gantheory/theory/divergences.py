"""Divergences between finite measures, and the discriminator that is best between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, rel_entr


def kullback_leibler(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the Kullback-Leibler divergence of probability vectors, in nats.

    Equation: ``KL(p||q) = sum_i p_i log(p_i / q_i)``, infinite where q misses mass of p.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors.

    Reference: Kullback, Leibler (1951).

    Example:
        >>> round(float(kullback_leibler([0.5, 0.5], [0.25, 0.75])), 6)
        0.143841
    """
    p, q = _measures(p, q)
    return rel_entr(p, q).sum(axis=-1)


def jensen_shannon(p: ArrayLike, q: ArrayLike, *, prior: float = 0.5) -> np.ndarray:
    """Return the Jensen-Shannon divergence of probability vectors, in nats.

    Equation: ``JS_pi = H(m) - pi H(p) - (1 - pi) H(q)`` with ``m = pi p + (1 - pi) q``, computed as
    ``pi KL(p||m) + (1 - pi) KL(q||m)``. ``prior = 1/2`` is the usual JSD, in ``[0, log 2]``; its square
    root is a metric, it is not.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors and
    the prior lies strictly between 0 and 1.

    Reference: Lin (1991).

    Example:
        >>> round(float(jensen_shannon([1.0, 0.0], [0.0, 1.0])), 6)
        0.693147
    """
    p, q = _measures(p, q)
    pi = _prior(prior)
    m = pi * p + (1 - pi) * q
    # the mixture form has no cancellation where p is close to q, as the entropies would
    return (pi * rel_entr(p, m) + (1 - pi) * rel_entr(q, m)).sum(axis=-1)


def total_variation(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the total variation distance of probability vectors, in [0, 1].

    Equation: ``TV(p, q) = 1/2 sum_i |p_i - q_i|``.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors.

    Reference: Levin, Peres, Wilmer (2009).

    Example:
        >>> float(total_variation([0.5, 0.5], [0.25, 0.75]))
        0.25
    """
    p, q = _measures(p, q)
    return np.abs(p - q).sum(axis=-1) / 2


def optimal_discriminator(p: ArrayLike, q: ArrayLike, *, prior: float = 0.5) -> np.ndarray:
    """Return the discriminator that maximises the GAN's value for fixed data p and generator q.

    Equation: ``D* = pi p / (pi p + (1 - pi) q)``; NaN on atoms of no mass, where it is free.

    Assumes that D may take any value on every atom.

    Shapes: ``p, q (..., n)`` give ``(..., n)``. Raises `ValueError` unless both are probability vectors
    and the prior lies strictly between 0 and 1.

    Reference: Goodfellow et al. (2014).

    Example:
        >>> optimal_discriminator([0.5, 0.5], [0.125, 0.875]).round(4).tolist()
        [0.8, 0.3636]
    """
    p, q = _measures(p, q)
    pi = _prior(prior)
    m = pi * p + (1 - pi) * q
    return np.divide(pi * p, m, out=np.full(m.shape, np.nan), where=m > 0)


def optimal_value(p: ArrayLike, q: ArrayLike, *, prior: float | None = None) -> np.ndarray:
    """Return the GAN's value at the optimal discriminator, in nats.

    Equation: ``max_D E_p log D + E_q log(1 - D) = 2 JSD(p, q) - log 4``; with a prior pi,
    ``max_D pi E_p log D + (1 - pi) E_q log(1 - D) = JS_pi(p, q) - H(pi)`` (at 1/2, half of the former).

    Assumes that D may take any value on every atom.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors and
    the prior lies strictly between 0 and 1.

    Reference: Goodfellow et al. (2014).

    Example:
        >>> round(float(optimal_value([0.5, 0.5], [0.5, 0.5])), 6)
        -1.386294
    """
    if prior is None:
        return 2 * jensen_shannon(p, q) - np.log(4)
    pi = _prior(prior)
    return jensen_shannon(p, q, prior=pi) - entr(pi) - entr(1 - pi)


def _measures(p: ArrayLike, q: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    pair = []
    for name, measure in (("p", p), ("q", q)):
        x = np.asarray(measure, dtype=np.float64)
        if x.ndim == 0 or not (x >= 0).all() or not np.allclose(x.sum(axis=-1), 1, rtol=0, atol=1e-9):
            raise ValueError(
                f"{name} must hold probability vectors on its last axis (no negative entry, sum 1), got {x}: "
                "divide counts by their sum"
            )
        pair.append(x)
    if pair[0].shape[-1] != pair[1].shape[-1]:
        raise ValueError(f"p and q must have equally many atoms, got shapes {pair[0].shape}, {pair[1].shape}")
    return pair[0], pair[1]


def _prior(prior: float) -> float:
    if not 0 < prior < 1:
        raise ValueError(f"prior must lie strictly between 0 and 1, got {prior}")
    return float(prior)

"""Distances between finite measures that bound one another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gantheory.theory.divergences import _measures, jensen_shannon, kullback_leibler, total_variation


def squared_hellinger(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the squared Hellinger distance of probability vectors, in [0, 1].

    Equation: ``H^2(p, q) = 1/2 sum_i (sqrt p_i - sqrt q_i)^2``.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors.

    Reference: Le Cam (1986).

    Example:
        >>> float(squared_hellinger([1.0, 0.0], [0.0, 1.0]))
        1.0
    """
    p, q = _measures(p, q)
    return np.square(np.sqrt(p) - np.sqrt(q)).sum(axis=-1) / 2


def triangular_discrimination(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the triangular discrimination of probability vectors, in [0, 2].

    Equation: ``Delta(p, q) = sum_i (p_i - q_i)^2 / (p_i + q_i)``, with terms 0 where both have no mass.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` unless both are probability vectors.

    Reference: Topsoe (2000).

    Example:
        >>> float(triangular_discrimination([1.0, 0.0], [0.0, 1.0]))
        2.0
    """
    p, q = _measures(p, q)
    total = p + q
    return np.divide(np.square(p - q), total, out=np.zeros_like(total), where=total > 0).sum(axis=-1)


def _hellinger_chord(p, q):
    squared = squared_hellinger(p, q)
    return np.sqrt(squared * (2 - squared))


_BOUNDS: dict[str, Callable[[ArrayLike, ArrayLike], np.ndarray]] = {
    "TV^2/2 <= JSD": jensen_shannon,
    "JSD <= log 2 TV": lambda p, q: np.log(2) * total_variation(p, q),
    "TV <= sqrt(KL/2)": lambda p, q: np.sqrt(kullback_leibler(p, q) / 2),
    "H^2 <= TV": total_variation,
    "TV <= sqrt(H^2 (2 - H^2))": _hellinger_chord,
    "Delta/4 <= JSD": jensen_shannon,
    "JSD <= log 2 Delta/2": lambda p, q: np.log(2) / 2 * triangular_discrimination(p, q),
}


def divergence_bound(p: ArrayLike, q: ArrayLike, *, ordering: str) -> np.ndarray:
    """Return the larger side of an inequality between two divergences.

    Equation: one of ``TV^2/2 <= JSD``, ``JSD <= log 2 TV``, ``TV <= sqrt(KL/2)``, ``H^2 <= TV``,
    ``TV <= sqrt(H^2 (2 - H^2))``, ``Delta/4 <= JSD`` and ``JSD <= log 2 Delta/2``, written so; Delta is the
    `triangular_discrimination`, KL is ``KL(p||q)``.

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` for another ordering, and unless both are
    probability vectors.

    Reference: Pinsker (1964); Le Cam (1986); Lin (1991); Topsoe (2000).

    Example:
        >>> float(divergence_bound([1.0, 0.0], [0.0, 1.0], ordering="JSD <= log 2 TV").round(6))
        0.693147
    """
    if ordering not in _BOUNDS:
        raise ValueError(f"ordering must be one of {', '.join(map(repr, _BOUNDS))}, got {ordering!r}")
    return _BOUNDS[ordering](p, q)

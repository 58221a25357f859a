"""How far numbers are from breaking a relation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gantheory.estimate import Estimate


class Margins(NamedTuple):
    """Normalised signed slack of every row: negative where the relation is broken.

    ``value`` is that of the measured number; ``worst`` and ``best`` are the least and the largest over its
    confidence interval (all three agree for exact numbers). So a row fails for certain where ``best < 0``
    and holds for certain where ``worst >= 0``.
    """

    value: np.ndarray
    worst: np.ndarray
    best: np.ndarray


def margins(predicted, observed, *, relation: str, tolerance: float = 0.0, level: float = 0.95) -> Margins:
    """Measure the slack of ``observed relation predicted``, row by row.

    Equation: with predicted p, observed o and ``tol = tolerance max(1, |p|)``, "=" has slack
    ``tol - |o - p|`` in units of tol (of ``max(1, |p|)`` where tol is 0), "<=" has ``p - o + tol`` and ">="
    ``o - p + tol`` in units of ``max(1, |p|)``. A NaN on either side has slack minus infinity.

    ``level`` is the confidence of the interval of an `Estimate`. Shapes: numbers or arrays, equal on
    both sides. Raises `ValueError` where the shapes differ.

    Example:
        >>> margins(1.0, 1.25, relation="=", tolerance=0.5).value.tolist()
        [0.5]
        >>> margins(1.0, Estimate(1.25, 0.1), relation="<=").best.round(3).tolist()
        [-0.054]
    """
    estimate = observed if isinstance(observed, Estimate) else Estimate(observed)
    p, o = np.atleast_1d(np.asarray(predicted, dtype=np.float64)), np.atleast_1d(estimate.value)
    if p.shape != o.shape:
        raise ValueError(
            f"predicted and observed must have one shape, but have {p.shape} and {o.shape}: "
            "return as many numbers from both, the rows of a batch first"
        )
    if not isinstance(observed, Estimate):
        slack = _slack(p, o, relation, tolerance)
        return Margins(slack, slack, slack)
    low, high = (np.atleast_1d(end) for end in estimate.interval(level))
    # every slack is concave in o: least at an end of the interval, largest at an end or where o = p
    inner = np.where(np.isnan(p), p, np.clip(p, low, high))
    value, *ends, middle = (_slack(p, x, relation, tolerance) for x in (o, low, high, inner))
    return Margins(value, np.minimum(*ends), np.maximum(np.maximum(*ends), middle))


def _slack(p: np.ndarray, o: np.ndarray, relation: str, tolerance: float) -> np.ndarray:
    scale = np.maximum(1.0, np.abs(np.where(np.isfinite(p), p, 1.0)))
    excess = np.zeros_like(p)
    np.subtract(o, p, out=excess, where=o != p)  # infinity minus itself is no difference here
    if relation == "=":
        slack = tolerance - np.abs(excess) / scale
        slack = slack / tolerance if tolerance > 0 else slack
    else:
        slack = tolerance + (-excess if relation == "<=" else excess) / scale
    return np.where(np.isnan(slack), -np.inf, slack)

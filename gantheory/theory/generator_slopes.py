"""What the losses of generators pull at: slopes in a logit, and gradients at the best critic."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from gantheory.theory.divergences import _measures


LOSSES = ("minimax", "non-saturating", "maximum likelihood")


def logit_slope(logit: ArrayLike, *, loss: str) -> np.ndarray:
    """Return the derivative of a generator's loss in the critic's logit ``a``, of any shape.

    Equation: with ``D = sigmoid(a)``, "minimax" ``log(1 - D)`` has the slope ``-D``; "non-saturating"
    ``-log D`` has ``-(1 - D)``; "maximum likelihood" ``-exp(a)`` has ``-D/(1 - D)``. Where the critic is sure
    that a sample is generated, D near 0, these are 0, -1 and 0.

    Raises `ValueError` for another loss.

    Reference: Goodfellow (2016), section 3.2.

    Example:
        >>> [float(logit_slope(0.0, loss=loss)) for loss in LOSSES]
        [-0.5, -0.5, -1.0]
    """
    a = np.asarray(logit, dtype=np.float64)
    _check(loss)
    return -{"minimax": expit, "non-saturating": lambda s: expit(-s), "maximum likelihood": np.exp}[loss](a)


def descent_gradient(p: ArrayLike, scores: ArrayLike, *, loss: str) -> np.ndarray:
    """Return the gradient, in the scores of ``q = softmax(scores)``, of the divergence that a loss descends.

    Equation: with the critic held at ``D* = p/(p + q)``, the gradient of ``E_q log(1 - D*)`` ("minimax") is
    that of ``2 JSD(p, q)``; of ``E_q[-log D*]`` ("non-saturating") that of ``KL(q||p) - 2 JSD(p, q)``; of
    ``E_q[-D*/(1 - D*)]`` ("maximum likelihood") that of ``KL(p||q)``. Each is ``q_i (s_i - sum_j q_j s_j)``
    with the divergence's derivative ``s_i`` in ``q_i``.

    Assumes that the critic does not move with the generator.

    Shapes: ``p, scores (n,)`` give ``(n,)``. Raises `ValueError` for another loss, and unless p is a
    probability vector with positive entries.

    Reference: Arjovsky, Bottou (2017), theorem 2.5; Goodfellow (2014).

    Example:
        >>> descent_gradient([0.5, 0.5], [0.0, 0.0], loss="minimax").tolist()
        [0.0, 0.0]
    """
    _check(loss)
    weights = np.exp(np.asarray(scores, dtype=np.float64) - np.max(scores))
    p, q = _measures(p, weights / weights.sum())
    if not (p > 0).all():
        raise ValueError(f"p must have positive entries, got {p}: leave out atoms of no mass")
    jsd, reverse = np.log(2 * q / (p + q)), np.log(q / p)
    slope = {"minimax": jsd, "non-saturating": reverse - jsd, "maximum likelihood": -p / q}[loss]
    return q * (slope - (q * slope).sum())


def _check(loss: str) -> None:
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(map(repr, LOSSES))}, got {loss!r}")


def vanishing_gradient_bound(closeness: float, jacobian_size: float) -> float:
    """Return the bound on the minimax generator's gradient near a critic that is perfect and flat.

    Equation: where ``sup |D| + sup |grad D| < closeness`` on the generator's support and
    ``E |J_theta g(z)|^2 <= jacobian_size^2``, ``|grad_theta E log(1 - D(g(z)))| < M eps / (1 - eps)``.

    Notation: eps is ``closeness``, in (0, 1); M is ``jacobian_size``. Raises `ValueError` outside.

    Reference: Arjovsky, Bottou (2017), theorem 2.4.

    Example:
        >>> vanishing_gradient_bound(0.5, 3.0)
        3.0
    """
    if not 0 < closeness < 1 or jacobian_size < 0:
        raise ValueError(
            f"closeness must lie strictly between 0 and 1 and jacobian_size be at least 0, got {closeness} and "
            f"{jacobian_size}"
        )
    return jacobian_size * closeness / (1 - closeness)


def cauchy_tail(threshold: ArrayLike) -> np.ndarray:
    """Return ``P(|X/Y| > t)`` for independent centred normal X, Y of one variance: a tail like ``2/(pi t)``.

    It is the law of the non-saturating generator's gradient where the errors of the critic and of its gradient
    are such X and Y; the mean does not exist.

    Equation: ``(2/pi) arctan(1/t)`` for thresholds t above 0, of any shape.

    Reference: Arjovsky, Bottou (2017), theorem 2.6.

    Example:
        >>> float(cauchy_tail(1.0))
        0.5
    """
    return 2 / np.pi * np.arctan(1 / np.asarray(threshold, dtype=np.float64))


def best_response_value(logits: ArrayLike) -> float:
    """Return the least ``E_q log(1 - D)`` over all generators q, for a critic that is held.

    Equation: ``min_i log(1 - sigmoid(a_i))``: a point mass at the largest logit, so all modes but one are dropped.

    Shapes: the critic's logits ``(n,)``.

    Reference: Goodfellow (2016), section 5.1.1.

    Example:
        >>> round(best_response_value([0.0, -1.0]), 6)
        -0.693147
    """
    return -float(np.logaddexp(0, np.max(logits)))

"""Dirac-GAN's losses, field and Jacobian, written in the paper's letters."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy
from numpy.typing import ArrayLike

from gantheory.theory.f_divergences import f_divergence_expressions


OBJECTIVES = (
    *("gan", "nsgan", "wgan", "lsgan", "lsgan-signed", "hinge", "mle"),
    *(
        f"f-{kind}"
        for kind in ("kl", "reverse-kl", "pearson", "neyman", "hellinger", "jensen-shannon", "gan")
    ),
)


class DiracExpressions(NamedTuple):
    """Sympy expressions of one Dirac-GAN in the symbols theta, psi and gamma, generator first."""

    symbols: tuple[sympy.Symbol, sympy.Symbol, sympy.Symbol]
    losses: tuple[sympy.Expr, sympy.Expr]
    field: sympy.Matrix
    jacobian: sympy.Matrix


@cache
def dirac_expressions(objective: str = "gan") -> DiracExpressions:
    """Derive losses, field and Jacobian of the Dirac-GAN by sympy.

    Equation: with logit ``t = psi theta`` on the fake point and 0 on the real one,

    - "gan": ``f(t) = -log(1 + e^-t)``, ``L_G = f(-t)``, ``L_D = -f(-t) - f(0) + gamma/2 psi^2``;
    - "nsgan": the same critic, ``L_G = -f(t)``;
    - "wgan": ``f(t) = t``, losses as for "gan";
    - "lsgan": ``L_G = (t - 1)^2/2``, ``L_D = 1/2 + t^2/2``, targets 0 and 1; "lsgan-signed": targets -1
      and 1, ``L_D = 1/2 + (t + 1)^2/2``;
    - "hinge": ``L_G = -t``, ``L_D = 1 + max(0, 1 + t)``; "mle": the critic of "gan", ``L_G = -e^t``;
    - "f-kl" and the like, for the kinds of `f_divergence_expressions`: ``L_G = -f*(g(t))`` and
      ``L_D = f*(g(t)) - g(0)`` with the paper's output activation g.

    Both players minimise; the field is ``v = (dL_G/dtheta, dL_D/dpsi)``, the Jacobian ``v'``; gamma is
    the weight of R1.

    Notation: theta, psi, gamma, f as in the paper, whose critic is high on the fake: its psi is ours
    times -1.

    All losses of the critic get ``gamma/2 psi^2``. Raises `ValueError` for an unknown objective.

    Reference: Mescheder, Geiger, Nowozin (2018); Mao et al. (2017); Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> dirac_expressions("wgan").jacobian
        Matrix([
        [0,    -1],
        [1, gamma]])
    """
    if objective not in OBJECTIVES:
        raise ValueError(f"objective must be one of {', '.join(OBJECTIVES)}, got {objective!r}")
    theta, psi, gamma = sympy.symbols("theta psi gamma", real=True)
    t = psi * theta

    L_G, L_D = _logit_losses(objective, t, sympy.Integer(0))
    L_D += gamma / 2 * psi**2
    v = sympy.Matrix([sympy.diff(L_G, theta), sympy.diff(L_D, psi)])
    return DiracExpressions((theta, psi, gamma), (L_G, L_D), v, v.jacobian([theta, psi]))


def _logit_losses(objective: str, t: sympy.Expr, s: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Both losses for the logit t on the fake point and s on the real one, without penalty."""

    def f(x):
        return x if objective == "wgan" else -sympy.log(1 + sympy.exp(-x))

    def over(x):  # hinge: what lies above -1
        return sympy.Piecewise((1 + x, x > -1), (0, True))

    critic = -f(-t) - f(s)
    if objective.startswith("f-"):
        return _variational_losses(objective.removeprefix("f-"), t, s)
    return {
        "gan": (f(-t), critic),
        "nsgan": (-f(t), critic),
        "wgan": (f(-t), critic),
        "lsgan": ((t - 1) ** 2 / 2, (s - 1) ** 2 / 2 + t**2 / 2),
        "lsgan-signed": ((t - 1) ** 2 / 2, (s - 1) ** 2 / 2 + (t + 1) ** 2 / 2),
        "hinge": (-t, over(-s) + over(t)),
        "mle": (-sympy.exp(t), critic),
    }[objective]


def _variational_losses(kind: str, t: sympy.Expr, s: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The losses of an f-GAN, from the paper's tables of output activations g and conjugates f*."""
    (_, T), *_, conjugate = f_divergence_expressions(kind)
    exp, log, v = sympy.exp, sympy.log, sympy.Symbol("v", real=True)
    g = {
        "kl": v,
        "reverse-kl": -exp(-v),
        "pearson": v,
        "neyman": 1 - exp(-v),
        "hellinger": 1 - exp(-v),
        "jensen-shannon": log(2) - log(1 + exp(-v)),
        "gan": -log(1 + exp(-v)),
    }[kind]
    value: Any = sympy.simplify(conjugate.subs(T, g)).subs(v, t)  # unsimplified, 1 - e^T cancels
    if kind == "pearson":  # f is defined for ratios of at least 0, where the parabola would turn
        value = sympy.Piecewise((value, t > -2), (-1, True))
    return -value, value - g.subs(v, s)


def dirac_losses(
    theta: ArrayLike, psi: ArrayLike, *, objective: str = "gan", weight: ArrayLike = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of generator and critic at points of any common shape (see `dirac_expressions`).

    Points need ``|theta psi| < 700``, where ``e^t`` is finite.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> [round(float(loss), 6) for loss in dirac_losses(1.0, 0.0)]
        [-0.693147, 1.386294]
    """
    generator, critic = _evaluate(objective, "losses", theta, psi, weight)
    return generator, critic


def dirac_field(
    theta: ArrayLike, psi: ArrayLike, *, objective: str = "gan", weight: ArrayLike = 0.0
) -> np.ndarray:
    """Return the field ``v = (dL_G/dtheta, dL_D/dpsi)``, shape ``(..., 2)`` for points of shape ``(...)``.

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> dirac_field(0.0, 2.0, weight=0.5).tolist()
        [-1.0, 1.0]
    """
    return np.stack(_evaluate(objective, "field", theta, psi, weight), axis=-1)


def dirac_jacobian(
    theta: ArrayLike = 0.0, psi: ArrayLike = 0.0, *, objective: str = "gan", weight: ArrayLike = 0.0
) -> np.ndarray:
    """Return the Jacobian of the field, shape ``(..., 2, 2)``, by default at the equilibrium (0, 0).

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> dirac_jacobian(weight=0.3).tolist()
        [[0.0, -0.5], [0.5, 0.3]]
    """
    entries = _evaluate(objective, "jacobian", theta, psi, weight)
    return np.stack(entries, axis=-1).reshape(*entries[0].shape, 2, 2)


def dirac_noise_jacobian(scale: ArrayLike, *, objective: str = "gan", weight: ArrayLike = 0.0) -> np.ndarray:
    """Return the Jacobian at the equilibrium under instance noise, ``(..., 2, 2)`` for scales ``(...)``.

    Equation: real and generated points get normal noise of standard deviation ``sigma``, and losses are their
    means. At (0, 0) that adds ``sigma^2 (l_real'' + l_fake'')`` to the entry of psi alone, the second derivatives
    of the critic's losses at logit 0: ``2 |f''(0)| = 1/2`` for GAN and NSGAN, 0 for WGAN and hinge, 2 for
    least squares. The eigenvalues are then ``|f''| sigma^2 +- sqrt(f''^2 sigma^4 - f'^2)``, where ``f' = 1/2``.

    ``weight`` is that of R1. Raises `ValueError` for an unknown objective.

    Reference: Mescheder, Geiger, Nowozin (2018), section 3.2.

    Example:
        >>> dirac_noise_jacobian(2.0).tolist()
        [[0.0, -0.5], [0.5, 2.0]]
    """
    jacobian = dirac_jacobian(objective=objective, weight=weight)
    added = np.asarray(scale, dtype=np.float64) ** 2 * _critic_curvature(objective)
    return jacobian + added[..., None, None] * np.diag([0.0, 1.0])


@cache
def _critic_curvature(objective: str) -> float:
    """The second derivatives of the critic's losses in both logits, at logits 0, summed."""
    t, s = sympy.symbols("t s", real=True)
    L_D = _logit_losses(objective, t, s)[1]
    return float(sum(sympy.diff(L_D, x, 2).subs({t: 0, s: 0}) for x in (t, s)))


def _evaluate(
    objective: str, part: str, theta: ArrayLike, psi: ArrayLike, weight: ArrayLike
) -> list[np.ndarray]:
    points = [np.asarray(x, dtype=np.float64) for x in (theta, psi, weight)]
    entries = _compiled(objective, part)(*points)
    # a constant entry comes back as a plain number, whatever the points' shape
    shape = np.broadcast_shapes(*(x.shape for x in points))
    return [np.broadcast_to(np.asarray(entry, dtype=np.float64), shape) + 0.0 for entry in entries]


@cache
def _compiled(objective: str, part: str):
    expressions = dirac_expressions(objective)
    return sympy.lambdify(expressions.symbols, list(getattr(expressions, part)), "numpy")

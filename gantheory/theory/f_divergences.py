"""The f-divergences of variational objectives, by their integrals."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import sympy
from numpy.typing import ArrayLike

from gantheory.theory.divergences import _measures


KINDS = ("kl", "reverse-kl", "pearson", "neyman", "hellinger", "jensen-shannon", "gan")


class FDivergence(NamedTuple):
    """A convex function f of the ratio u, its slope f' and its conjugate f* of t, as sympy expressions."""

    symbols: tuple[sympy.Symbol, sympy.Symbol]
    f: sympy.Expr
    slope: sympy.Expr
    conjugate: sympy.Expr


@cache
def f_divergence_expressions(kind: str) -> FDivergence:
    """Return f with ``D_f(p, q) = int q f(p/q)``, its slope, and its conjugate ``f*(t) = sup_u u t - f(u)``.

    Equation: the conjugate is f's Legendre transform where ``t`` is a slope of f. "pearson" is
    ``f = (u - 1)^2``, so ``D_f = int (p - q)^2 / q``; some papers print the other integral beside this f.
    "jensen-shannon" gives twice the Jensen-Shannon divergence, "gan" that less ``log 4``, "hellinger" the
    squared distance without its factor 1/2.

    Raises `ValueError` for an unknown kind. Reference: Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> f_divergence_expressions("pearson").slope
        2*u - 2
    """
    u, t = sympy.symbols("u t", real=True)
    log, sqrt, exp = sympy.log, sympy.sqrt, sympy.exp
    table = {
        "kl": (u * log(u), exp(t - 1)),
        "reverse-kl": (-log(u), -1 - log(-t)),
        "pearson": ((u - 1) ** 2, t**2 / 4 + t),
        "neyman": ((1 - u) ** 2 / u, 2 - 2 * sqrt(1 - t)),
        "hellinger": ((sqrt(u) - 1) ** 2, t / (1 - t)),
        "jensen-shannon": (u * log(u) - (u + 1) * log((u + 1) / 2), -log(2 - exp(t))),
        "gan": (u * log(u) - (u + 1) * log(u + 1), -log(1 - exp(t))),
    }
    if kind not in table:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    f, conjugate = table[kind]
    return FDivergence((u, t), f, sympy.expand(sympy.diff(f, u)), conjugate)


def f_divergence(p: ArrayLike, q: ArrayLike, *, kind: str) -> np.ndarray:
    """Return ``sum_i q_i f(p_i / q_i)`` of probability vectors without zeros (see `f_divergence_expressions`).

    Shapes: ``p, q (..., n)`` give ``(...)``. Raises `ValueError` for an unknown kind, and unless both are
    probability vectors with positive entries.

    Reference: Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> float(f_divergence([0.5, 0.5], [0.25, 0.75], kind="pearson").round(6))
        0.333333
    """
    p, q = _positive(p, q)
    expressions = f_divergence_expressions(kind)
    f = sympy.lambdify(expressions.symbols[0], expressions.f, "numpy")
    return (q * f(p / q)).sum(axis=-1)


def optimal_variational(p: ArrayLike, q: ArrayLike, *, kind: str) -> np.ndarray:
    """Return the output ``T* = f'(p/q)`` at which ``E_p T - E_q f*(T)`` is largest, and equals ``D_f``.

    Shapes: ``p, q (..., n)`` give ``(..., n)``. Raises `ValueError` as `f_divergence` does.

    Reference: Nguyen, Wainwright, Jordan (2010); Nowozin, Cseke, Tomioka (2016).

    Example:
        >>> optimal_variational([0.5, 0.5], [0.25, 0.75], kind="pearson").round(4).tolist()
        [2.0, -0.6667]
    """
    p, q = _positive(p, q)
    expressions = f_divergence_expressions(kind)
    return sympy.lambdify(expressions.symbols[0], expressions.slope, "numpy")(p / q) + np.zeros_like(p)


def _positive(p: ArrayLike, q: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    p, q = _measures(p, q)
    if not ((p > 0).all() and (q > 0).all()):
        raise ValueError(f"p and q must have positive entries, got {p}, {q}: leave out atoms of no mass")
    return p, q

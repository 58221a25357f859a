"""Rates and gaps on monotone fields and convex-concave games."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


WORST_CASES = {
    "extragradient": (0.8125, 0.67410, 0.56154, 0.46566, 0.38302, 0.31741),
    "optimistic": (0.0625, 0.078125, 0.077666, 0.068992, 0.060677, 0.055851),
    "past extragradient": (0.0625, 0.078125, 0.0703125, 0.063477, 0.058838, 0.054932),
    "anchored": (0.984620, 0.971189, 0.955338, 0.937123, 0.916672, 0.894161),
}
"""Values of semidefinite programs, rounded up: a test solves them again."""


def strongly_monotone_factor(
    mu: ArrayLike, lipschitz: ArrayLike, *, rule: str = "simultaneous"
) -> np.ndarray:
    """Return a bound on the factor of ``|w - w*|^2`` in a step on a strongly monotone field.

    Equation: ``1 - mu^2/L^2`` for "simultaneous" steps of ``mu/L^2``; ``1 - mu/(4 L)`` for "extragradient" ones of
    ``1/(4 L)``, where ``<v(w) - v(u), w - u> >= mu |w - u|^2`` and ``|v(w) - v(u)| <= L |w - u|``.

    Raises `ValueError` for another rule. Reference: Facchinei, Pang (2003); Mokhtari, Ozdaglar, Pattathil (2020).

    Example:
        >>> float(strongly_monotone_factor(1.0, 2.0)), float(strongly_monotone_factor(1.0, 2.0, rule="extragradient"))
        (0.75, 0.875)
    """
    if rule not in ("simultaneous", "extragradient"):
        raise ValueError(f"rule must be 'simultaneous' or 'extragradient', got {rule!r}")
    ratio = np.asarray(mu, dtype=np.float64) / np.asarray(lipschitz, dtype=np.float64)
    return 1 - ratio**2 if rule == "simultaneous" else 1 - ratio / 4


def quadratic_gap(A: ArrayLike, B: ArrayLike, C: ArrayLike, *, point: tuple[ArrayLike, ArrayLike]) -> float:
    """Return the duality gap of a convex-concave quadratic game at a point (x, y).

    Equation: for ``f = x'Ax/2 + x'By - y'Cy/2`` the gap ``max_v f(x, v) - min_u f(u, y)`` is
    ``x'(A + B C^-1 B')x/2 + y'(C + B'A^-1 B)y/2``. Assumes A and C positive definite, else it is unbounded.

    Shapes: ``A (m, m)``, ``B (m, n)``, ``C (n, n)``. Reference: Grnarova et al. (2019), for the gap; derived.

    Example:
        >>> quadratic_gap([[1.0]], [[2.0]], [[4.0]], point=([1.0], [0.0]))
        1.0
    """
    A, B, C = (np.asarray(part, dtype=np.float64) for part in (A, B, C))
    x, y = (np.asarray(part, dtype=np.float64) for part in point)
    primal, dual = A + B @ np.linalg.solve(C, B.T), C + B.T @ np.linalg.solve(A, B)
    return float(x @ primal @ x + y @ dual @ y) / 2


def look_ahead_pull(steps: int) -> float:
    """Return the pull below which look-ahead around simultaneous steps shrinks a slow rotation: 1 - 1/k.

    Equation: ``|1 - a + a (1 - iu)^k|^2 = 1 - a k u^2 ((k - 1) - a k) + O(u^4)`` for k steps and the pull a.

    Assumes the rate times the speed of rotation well below 1. Reference: Chavdarova et al. (2021); derived.

    Example:
        >>> look_ahead_pull(5)
        0.8
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return 1 - 1 / steps


def variance_energy(deviation: ArrayLike, weight: ArrayLike, *, target: float = 1.0) -> np.ndarray:
    """Return what the flow of the linear-quadratic GAN's variance part conserves.

    Equation: for ``V = w (s^2 - a^2)``, minimised in the generator's deviation a and maximised in the critic's w,
    ``w^2 + a^2/2 - s^2 log a``. So orbits with a > 0 are closed.

    Assumes a > 0. Reference: derived from Gemp, Mahadevan (2018).

    Example:
        >>> float(variance_energy(1.0, 2.0))
        4.5
    """
    a, w = np.asarray(deviation, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    return w**2 + a**2 / 2 - target**2 * np.log(a)


def hamiltonian(matrix: ArrayLike, point: ArrayLike) -> float:
    """Return ``|M w|^2 / 2``, half the squared length of a linear field, which its flow conserves for ``M = -M'``.

    Reference: Balduzzi et al. (2018).

    Example:
        >>> hamiltonian([[0.0, 2.0], [-2.0, 0.0]], [1.0, 0.0])
        2.0
    """
    v = np.asarray(matrix, dtype=np.float64) @ np.asarray(point, dtype=np.float64)
    return float(v @ v) / 2


def crossed_curl_limit(deviation: float) -> np.ndarray:
    """Return where crossing the curl of ``V = w (s^2 - a^2)`` leads from every a > 0: ``(s, 0)``.

    Equation: with ``v = (-2 a w, a^2 - s^2)`` and A the antisymmetric half of its Jacobian,
    ``A'v = (2a (a^2 - s^2), 4 w a^2)``, whose negative descends in ``(a^2 - s^2)^2`` and ``w^2`` alike.

    Reference: Gemp, Mahadevan (2018).

    Example:
        >>> crossed_curl_limit(1.5).tolist()
        [1.5, 0.0]
    """
    return np.array([deviation, 0.0])


def performance_bound(steps: int, *, rule: str) -> float:
    """Return the worst case of a rule on monotone, 1-Lipschitz fields after 1 to 6 steps from a distance 1 of a zero.

    Equation: of ``|v(w_k)|^2`` for "extragradient" with rate 1/2 and "anchored" with rate 1/8, and of
    ``|w_k - w_{k-1}|^2`` for "optimistic" and "past extragradient" with rate 1/4, the value of a semidefinite program,
    rounded up in the fifth digit; no formulas are known. Its conditions on the field are necessary, so that it bounds
    all fields; a turn of speed 1 attains 90 percent at least, and all of it at the first step.

    Raises `ValueError` for another rule or number of steps.

    Reference: Goujaud et al. (2024), for the program; Gorbunov, Taylor, Gidel (2022), for its use on these rules.

    Example:
        >>> performance_bound(1, rule="extragradient")
        0.8125
    """
    if rule not in WORST_CASES or not 1 <= steps <= 6:
        raise ValueError(
            f"rule must be one of {', '.join(map(repr, WORST_CASES))} and steps from 1 to 6, got {rule!r} and {steps}"
        )
    return WORST_CASES[rule][steps - 1]

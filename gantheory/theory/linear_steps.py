"""One step of an update rule on a linear field, as a matrix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def linear_step(
    matrix: ArrayLike,
    rate: ArrayLike,
    *,
    rule: str = "extragradient",
    weight: ArrayLike = 0.0,
    blocks: tuple[int, ...] | None = None,
    count: int = 1,
) -> np.ndarray:
    """Return the matrix of one step of a rule on the field ``v(w) = M w``.

    Equation: with h the rate, c the ``weight``, k the ``count``, ``A = (M - M')/2`` and B the entries of M
    between different players,

    - "simultaneous": ``I - h M``; "extragradient": ``I - h M + h^2 M^2``; "proximal point": ``(I + h M)^-1``;
    - "consensus": ``I - h (M + c M'M)``; "symplectic adjustment": ``I - h (M + c A'M)``;
    - "Hamiltonian descent": ``I - h M'M``; "crossing the curl": ``I - h (M' - M) M``;
    - "competitive": ``I - h (I + h B)^-1 M``; "opponent look-ahead": ``I - h (M - c B M)``;
    - "look-ahead": ``I + c ((I - h M)^k - I)``;
    - "unrolled", for two players: ``I - h M`` but for the first player's rows, in which its losses
      ``w_1' M_11 w_1 / 2 + w_1' M_12 y_k(w_1)`` are differentiated through k steps of length c of the second.

    Shapes: ``matrix (..., n, n)``, ``rate`` and ``weight (...)``, broadcast. ``blocks`` are the players' numbers of
    parameters, one each by default. Raises `ValueError` for an unknown rule.

    Reference: Korpelevich (1976); Mescheder, Nowozin, Geiger (2017); Balduzzi et al. (2018); Gemp, Mahadevan
    (2018); Schaefer, Anandkumar (2019); Chavdarova et al. (2021); Metz et al. (2017).

    Example:
        >>> linear_step([[0.0, 1.0], [-1.0, 0.0]], 0.5).tolist()
        [[0.75, -0.5], [0.5, 0.75]]
    """
    if rule not in _STEPS:
        raise ValueError(f"rule must be one of {', '.join(_STEPS)}, got {rule!r}")
    M = np.asarray(matrix, dtype=np.float64)
    h, c = (np.asarray(number, dtype=np.float64)[..., None, None] for number in (rate, weight))
    sizes = blocks or (1,) * M.shape[-1]
    player = np.repeat(np.arange(len(sizes)), sizes)
    B = np.where(player[:, None] == player, 0.0, M)
    I = np.eye(M.shape[-1])
    return np.asarray(I - h * _STEPS[rule](M, B, h, c, count, sizes[0]))


def _proximal(M, B, h, c, k, first):
    return np.linalg.solve(np.eye(M.shape[-1]) + h * M, M)  # (I + hM)^-1 = I - h (I + hM)^-1 M


def _competitive(M, B, h, c, k, first):
    return np.linalg.solve(np.eye(M.shape[-1]) + h * B, M)


def _look_ahead(M, B, h, c, k, first):
    total, power = np.zeros_like(M * h), np.eye(M.shape[-1])
    for _ in range(k):  # I - (I - hM)^k = h M (I + ... + (I - hM)^(k-1))
        total, power = total + M @ power, power - h * M @ power
    return c * total


def _unrolled(M, B, h, c, k, first):
    n = M.shape[-1]
    x, y = slice(0, first), slice(first, n)
    # y_k = P x + Q y, linear in where both players stand
    P, Q = np.zeros((n - first, first)), np.eye(n - first)
    for _ in range(k):
        P, Q = P - c * (M[..., y, x] + M[..., y, y] @ P), Q - c * M[..., y, y] @ Q
    rows = M * np.ones_like(c)
    seen = M[..., x, y] @ P
    rows[..., x, x] = M[..., x, x] + seen + np.swapaxes(seen, -1, -2)
    rows[..., x, y] = M[..., x, y] @ Q
    return rows


def _transposed(M):
    return np.swapaxes(M, -1, -2)


_STEPS: dict[str, Callable[..., np.ndarray]] = {
    "simultaneous": lambda M, B, h, c, k, first: M,
    "extragradient": lambda M, B, h, c, k, first: M - h * M @ M,
    "proximal point": _proximal,
    "consensus": lambda M, B, h, c, k, first: M + c * _transposed(M) @ M,
    "symplectic adjustment": lambda M, B, h, c, k, first: M + c * (_transposed(M) - M) @ M / 2,
    "Hamiltonian descent": lambda M, B, h, c, k, first: _transposed(M) @ M,
    "crossing the curl": lambda M, B, h, c, k, first: (_transposed(M) - M) @ M,
    "competitive": _competitive,
    "opponent look-ahead": lambda M, B, h, c, k, first: M - c * B @ M,
    "look-ahead": _look_ahead,
    "unrolled": _unrolled,
}

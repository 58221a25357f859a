"""The losses of small games in the papers' letters, and what follows from them by sympy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy
from numpy.typing import ArrayLike


class GameExpressions(NamedTuple):
    """A game in sympy: the players' parameters, their losses, the field and its Jacobian."""

    players: tuple[tuple[sympy.Symbol, ...], ...]
    losses: tuple[sympy.Expr, ...]
    field: sympy.Matrix
    jacobian: sympy.Matrix

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """All players' parameters, in order."""
        return tuple(symbol for player in self.players for symbol in player)


def game_expressions(game: str, **constants) -> GameExpressions:
    """Derive field and Jacobian of a small game whose losses are written here as in its paper.

    Equation: each player minimises its loss ``l_i`` in its own parameters ``w_i``; the field is
    ``(dl_1/dw_1, dl_2/dw_2, ...)``. Games and their constants:

    - "bilinear" (matrix): ``x' A y``, zero-sum;
    - "four-player" (epsilon): ``l_1 = epsilon/2 w^2 + wx + wy + wz`` and so on, each later player with the
      signs of the earlier ones turned;
    - "lq-gan" (mu, sigma): ``w_2 (sigma^2 + mu^2 - a^2 - b^2) + w_1 (mu - b)``, zero-sum;
    - "quadratic" (S, A, sizes, centre): ``w_i' S_ii w_i / 2 + sum_j w_i' (S + A)_ij w_j``;
    - "two-gaussians" (mu): ``L = sum_k E_p 1[l_k, r_k] - E_q 1[l_k, r_k]``, zero-sum;
    - "lqg" (variances, r, delta): ``tr (I - A) K + tr (I - A^-1) G G'`` with ``A = B' B + delta I``, zero-sum.

    Raises `ValueError` for an unknown game.

    Reference: Balduzzi et al. (2018); Gemp, Mahadevan (2018); Li, Madry, Peebles, Schmidt (2017); Feizi,
    Farnia, Ginart, Tse (2018).

    Example:
        >>> game_expressions("bilinear", matrix=((2,),)).field.T
        Matrix([[2*y1, -2*x1]])
    """
    if game not in _GAMES:
        raise ValueError(f"game must be one of {', '.join(_GAMES)}, got {game!r}")
    players, losses = _GAMES[game](**constants)
    v = sympy.Matrix([sympy.diff(loss, w) for player, loss in zip(players, losses) for w in player])
    return GameExpressions(players, losses, v, v.jacobian([w for player in players for w in player]))


def game_values(expressions: GameExpressions, point: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return losses ``(players,)``, field ``(k,)`` and Jacobian ``(k, k)`` at a point of all k parameters.

    Raises `ValueError` for a point of another length.

    Example:
        >>> losses, field, jacobian = game_values(game_expressions("bilinear", matrix=((2,),)), (1.0, 3.0))
        >>> field.tolist()
        [6.0, -2.0]
    """
    x = np.asarray(point, dtype=np.float64)
    if x.shape != (len(expressions.symbols),):
        raise ValueError(f"point must have {len(expressions.symbols)} numbers, got shape {x.shape}")
    losses, field, jacobian = _compiled(expressions)(*x)
    return np.array(losses, dtype=np.float64), np.ravel(field), np.asarray(jacobian, dtype=np.float64)


@lru_cache(maxsize=32)
def _lambdified(key: tuple) -> Callable:
    symbols, losses, field, jacobian = key
    return sympy.lambdify(symbols, [list(losses), field, jacobian], ["scipy", "numpy"])


def _compiled(e: GameExpressions) -> Callable:
    return _lambdified((e.symbols, e.losses, e.field.as_immutable(), e.jacobian.as_immutable()))


def _symbols(letter: str, count: int) -> tuple[sympy.Symbol, ...]:
    return tuple(sympy.Symbol(f"{letter}{i}", real=True) for i in range(1, count + 1))


def _bilinear(matrix: Sequence[Sequence[float]]):
    A = sympy.Matrix(matrix)
    x, y = _symbols("x", A.rows), _symbols("y", A.cols)
    value = (sympy.Matrix(x).T * A * sympy.Matrix(y))[0]
    return (x, y), (value, -value)


def _four_player(epsilon: float):
    w, x, y, z = sympy.symbols("w x y z", real=True)
    half = sympy.sympify(epsilon) / 2
    losses = (
        half * w**2 + w * x + w * y + w * z,
        -w * x + half * x**2 + x * y + x * z,
        -w * y - x * y + half * y**2 + y * z,
        -w * z - x * z - y * z + half * z**2,
    )
    return ((w,), (x,), (y,), (z,)), losses


def _lq_gan(mu: float, sigma: float):
    a, b, w2, w1 = sympy.symbols("a b w2 w1", real=True)
    V = w2 * (sigma**2 + mu**2 - a**2 - b**2) + w1 * (mu - b)
    return ((a, b), (w2, w1)), (V, -V)


def _quadratic(S: ArrayLike, A: ArrayLike, sizes: Sequence[int], centre: Sequence[float] = ()):
    S, A = np.asarray(S, dtype=float), np.asarray(A, dtype=float)
    w = _symbols("w", len(S))
    u = [symbol - shift for symbol, shift in zip(w, centre or (0.0,) * len(w))]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    losses = tuple(
        sum(
            u[i] * (S[i, j] / 2 if owner[j] == player else S[i, j] + A[i, j]) * u[j]
            for i in np.flatnonzero(owner == player)
            for j in range(len(w))
        )
        for player in range(len(sizes))
    )
    players = tuple(tuple(w[i] for i in np.flatnonzero(owner == p)) for p in range(len(sizes)))
    return players, losses


def _two_gaussians(mu: Sequence[float]):
    mu_hat, (l1, r1, l2, r2) = _symbols("m", 2), sympy.symbols("l1 r1 l2 r2", real=True)

    def mass(means, left, right):
        roots = [(end - m) / sympy.sqrt(2) for m in means for end in (right, left)]
        return sum(sympy.erf(b) - sympy.erf(a) for b, a in zip(roots[::2], roots[1::2])) / 4

    L = sum(mass(mu, l, r) - mass(mu_hat, l, r) for l, r in ((l1, r1), (l2, r2)))
    return (mu_hat, (l1, r1, l2, r2)), (L, -L)


def _lqg(variances: Sequence[float], r: int, delta: float):
    d = len(variances)
    g, b = _symbols("g", d * r), _symbols("b", d * d)
    G, B, I = sympy.Matrix(d, r, g), sympy.Matrix(d, d, b), sympy.eye(d)
    A, K = B.T * B + delta * I, sympy.diag(*variances)
    V = ((I - A) * K).trace() + ((I - A.inv("ADJ")) * G * G.T).trace()
    return (g, b), (V, -V)


_GAMES = {
    "bilinear": _bilinear,
    "four-player": _four_player,
    "lq-gan": _lq_gan,
    "quadratic": _quadratic,
    "two-gaussians": _two_gaussians,
    "lqg": _lqg,
}

"""Problems with known answers: optimal transport, and equilibria."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from gantheory.games import Bilinear, DiracGAN, Game, LinearField, Minimax, NonSaturating, Quadratic
from gantheory.testing.numbers import Matrix, positive_definite_matrices


class SolvedTransport(NamedTuple):
    """Point sets ``source`` and ``target`` ``(n, d)`` of equal masses, and the least squared cost between them.

    ``matching`` tells for every source the target that it goes to; ``cost`` is the mean of ``|x - y|^2``.
    """

    source: np.ndarray
    target: np.ndarray
    matching: np.ndarray
    cost: float


class SolvedGame(NamedTuple):
    """A game whose only equilibrium is known."""

    game: Game
    equilibrium: tuple[float, ...]


@st.composite
def solved_transports(draw: st.DrawFn, *, dim: int = 2, max_size: int = 8) -> SolvedTransport:
    """Draw transport problems whose answer is known: targets are the gradient of a convex function at the sources.

    Equation: for distinct points x and ``y = A x + b`` with A positive definite, sending each x to its own y is
    optimal for the cost ``|x - y|^2``, and no other matching is; targets are then listed in another order.

    Reference: Brenier (1991).

    Example:
        >>> from hypothesis import find, settings
        >>> found = find(solved_transports(), lambda p: len(p.source) == 2, settings=settings(database=None))
        >>> found.matching.tolist()
        [0, 1]
    """
    number = st.integers(-50, 50).map(lambda tenths: tenths / 10)
    points = draw(st.lists(st.tuples(*[number] * dim), min_size=1, max_size=max_size, unique=True))
    A = np.array(draw(positive_definite_matrices(size=dim)))
    source = np.array(points)
    target = source @ A + np.array(draw(st.tuples(*[number] * dim)))
    order = np.array(draw(st.permutations(range(len(points)))))
    return SolvedTransport(
        source, target[order], np.argsort(order), float(((source - target) ** 2).sum(1).mean())
    )


@st.composite
def solved_games(draw: st.DrawFn) -> SolvedGame:
    """Draw games with the only equilibrium stated: bilinear, monotone linear, quadratic about a centre, Dirac-GAN.

    Example:
        >>> from hypothesis import find, settings
        >>> find(solved_games(), lambda s: any(s.equilibrium), settings=settings(database=None)).equilibrium
        (0.0, 1.0)
    """
    entry = st.integers(-20, 20).map(lambda tenths: tenths / 10)
    kind = draw(st.sampled_from(["bilinear", "linear", "quadratic", "dirac"]))
    if kind == "dirac":
        return SolvedGame(DiracGAN(draw(st.sampled_from([Minimax(), NonSaturating()]))), (0.0, 0.0))
    turn = draw(entry.filter(lambda b: abs(b) >= 0.5))
    if kind == "bilinear":
        return SolvedGame(Bilinear(((turn,),)), (0.0, 0.0))
    a, c = (draw(st.integers(1, 20)) / 10 for _ in range(2))
    if kind == "linear":
        return SolvedGame(LinearField(((a, turn), (-turn, c))), (0.0, 0.0))
    centre = draw(st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(lambda w: tuple(map(float, w))))
    S: Matrix = ((a, 0.0), (0.0, c))
    return SolvedGame(Quadratic((1, 1), S, ((0.0, turn), (-turn, 0.0)), centre=centre), centre)

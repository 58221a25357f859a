"""Strategies for measures on finite sets and for matrices."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


@st.composite
def probability_vectors(
    draw: st.DrawFn, *, min_size: int = 1, max_size: int = 10, zeros: bool = False, count: int = 1
) -> tuple[Vector, ...]:
    """Draw ``count`` probability vectors on the same atoms: whole numbers up to 60, divided by their sum.

    With ``zeros`` atoms may have no mass, but not all of them. Counterexamples shrink to few atoms and to equal,
    small counts.

    Example:
        >>> from hypothesis import find, settings
        >>> find(probability_vectors(count=2), lambda pq: pq[0] != pq[1], settings=settings(database=None))
        ((0.5, 0.5), (0.3333333333333333, 0.6666666666666666))
    """
    atoms = draw(st.integers(min_size, max_size))
    vectors = []
    for _ in range(count):
        counts = st.tuples(*[st.integers(0 if zeros else 1, 60)] * atoms).filter(any)
        drawn = draw(counts)
        vectors.append(tuple(number / sum(drawn) for number in drawn))
    return tuple(vectors)


@st.composite
def positive_definite_matrices(
    draw: st.DrawFn, *, size: int = 2, low: float = 0.1, high: float = 10.0
) -> Matrix:
    """Draw a symmetric matrix with eigenvalues in [low, high], in a drawn basis; it shrinks to a multiple of I.

    Raises `ValueError` unless ``0 < low <= high``.

    Example:
        >>> from hypothesis import find, settings
        >>> find(positive_definite_matrices(low=1.0, high=4.0), lambda A: True, settings=settings(database=None))
        ((1.0, 0.0), (0.0, 1.0))
    """
    if not 0 < low <= high:
        raise ValueError(f"positive_definite_matrices needs 0 < low <= high, got {low} and {high}")
    shares = [draw(st.integers(0, 100)) / 100 for _ in range(size)]
    skew = np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            skew[i, j] = draw(st.integers(-20, 20)) / 10
            skew[j, i] = -skew[i, j]
    # Cayley's transform of an antisymmetric matrix is a rotation, and I where it is 0
    basis = np.linalg.solve(np.eye(size) + skew, np.eye(size) - skew)
    A = (basis * (low * (high / low) ** np.array(shares))) @ basis.T
    return tuple(map(tuple, ((A + A.T) / 2).tolist()))

"""Small linear systems, unrolled."""

from __future__ import annotations

from gantheory.dynamics.interpreter.expressions import Expressions


MOST = 4
"""The number of unknowns up to which a system is unrolled."""


def eliminate(e: Expressions, rows: list[list[int]]) -> list[list[int]]:
    """Return the places of the solution (unknowns, right sides) of rows ``[matrix | right sides]``.

    Elimination with row pivots: of two rows the one whose leading entry is larger comes first, number by
    number, since which it is differs by member.
    """
    n = len(rows)
    rows = [list(row) for row in rows]
    for k in range(n):
        for i in range(k + 1, n):
            first, second = rows[k], rows[i]
            swap = e.make("less", e.make("absolute", first[k]), e.make("absolute", second[k]))
            rows[k] = [e.make("where", swap, b, a) for a, b in zip(first, second)]
            rows[i] = [e.make("where", swap, a, b) for a, b in zip(first, second)]
        for i in range(k + 1, n):
            part = e.make("divide", rows[i][k], rows[k][k])
            rows[i] = _less(e, rows[i], part, rows[k])
    for k in reversed(range(n)):
        right = [e.make("divide", x, rows[k][k]) for x in rows[k][n:]]
        rows[k] = [*rows[k][:n], *right]
        for i in range(k):
            rows[i] = [*rows[i][:n], *_less(e, rows[i][n:], rows[i][k], right)]
    return [row[n:] for row in rows]


def _less(e: Expressions, row: list[int], part: int, other: list[int]) -> list[int]:
    return [e.make("subtract", a, e.make("multiply", part, b)) for a, b in zip(row, other)]

"""Distances of projections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.random import Key


@dataclass(frozen=True)
class SlicedBound(Claim):
    """The squared distance, averaged over an orthonormal basis of directions, is at most a d-th of the whole.

    The neighbour projects on one direction only (``directions="one"``).

    Reference: Bonnotte (2013).

    Example:
        >>> SlicedBound().predicted((((0.0, 0.0),), ((3.0, 4.0),), ((1.0, 0.0), (0.0, 1.0))))
        12.5
    """

    directions: Literal["basis", "one"] = "basis"

    part: ClassVar[str] = "F02"
    statement: ClassVar[str] = (
        "The squared Wasserstein-2 distance of projections, averaged over an orthonormal basis and so over the "
        "sphere, is at most that of the laws divided by the dimension, with equality for shifts"
    )
    latex: ClassVar[str] = r"SW_2^2(p, q) \le \tfrac1d\, W_2^2(p, q)"
    reference: ClassVar[str] = "Bonnotte (2013)"
    assumptions: ClassVar[str] = "no direction has more weight than another"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Points, Points, Points]]:
        def drawn(shape: tuple[int, int]) -> st.SearchStrategy[tuple[Points, Points, Points]]:
            d, n = shape
            free = st.tuples(points(d, n), points(d, n), points(d, d))
            return free | free.map(lambda three: (three[0], _shifted(three[0], three[1][0]), three[2]))

        return st.tuples(st.integers(2, 3), st.integers(1, 8)).flatmap(drawn)

    def predicted(self, instance: tuple[Points, Points, Points]) -> float:
        x, y, _ = instance
        return float(np.square(theory.assignment_distances(x, y, power=2.0)).mean() / len(x[0]))

    def observed(self, instance: tuple[Points, Points, Points], key: Key) -> float:
        x, y, frame = (torch.tensor(part, dtype=torch.float64) for part in instance)
        basis = torch.linalg.qr(frame + 10 * torch.eye(len(frame)))[0].T.contiguous()
        return ops.sliced_wasserstein(x, y, basis if self.directions == "basis" else basis[:1]).item()

    @property
    def neighbour(self) -> SlicedBound | None:
        return self.replace(directions="one") if self.directions == "basis" else None

    @classmethod
    def examples(cls) -> tuple[SlicedBound, ...]:
        return (cls(),)


def _shifted(x: Points, by: tuple[float, ...]) -> Points:
    return tuple(tuple(a + b for a, b in zip(point, by)) for point in x)

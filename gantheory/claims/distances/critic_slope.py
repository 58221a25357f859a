"""The slope of the best critic along transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.random import Key


@dataclass(frozen=True)
class UnitSlope(Claim):
    """Between points that optimal transport couples, the best 1-Lipschitz critic rises by their whole distance.

    The neighbour asks it of pairs as they come (``pairs="any"``).

    Reference: Gulrajani et al. (2017).

    Example:
        >>> UnitSlope().predicted((((0.0,), (1.0,)), ((3.0,), (2.0,)))).tolist()
        [2.0, 2.0]
    """

    pairs: Literal["coupled", "any"] = "coupled"

    part: ClassVar[str] = "F08"
    statement: ClassVar[str] = (
        "Where optimal transport couples x with y, the best critic of the Wasserstein-1 distance has "
        "f(x) - f(y) = |x - y|: its slope along the line is 1"
    )
    latex: ClassVar[str] = (
        r"f^*(x) - f^*(y) = |x - y|\qquad\text{for } (x, y) \text{ in the support of the optimal plan}"
    )
    reference: ClassVar[str] = "Gulrajani et al. (2017), proposition 1"
    assumptions: ClassVar[str] = "x and y are coupled by an optimal plan"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.03

    def instances(self) -> st.SearchStrategy[tuple[Points, Points]]:
        sizes = st.tuples(st.integers(1, 2), st.integers(1, 5))
        # far enough apart that another plan costs visibly more, or the same
        return sizes.flatmap(lambda size: st.tuples(*[points(*size, size=3).map(_stretched)] * 2))

    def predicted(self, instance: tuple[Points, Points]) -> np.ndarray:
        x, y = instance
        if self.pairs == "coupled":
            return theory.assignment_distances(x, y)
        return np.concatenate(
            [theory.assignment_distances(x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
        )

    def observed(self, instance: tuple[Points, Points], key: Key) -> np.ndarray:
        """Take the critic from the potentials of transport with little entropy: f on data, -g elsewhere."""
        x, y = (torch.tensor(part, dtype=torch.float64) for part in instance)
        found = ops.sinkhorn(x, y, epsilon=0.01, cost="euclidean", tolerance=1e-3, max_iterations=20_000)
        partner = np.arange(len(x))
        if self.pairs == "coupled":
            partner = linear_sum_assignment(cdist(*instance))[1]
        return (found.f + found.g[partner]).numpy()

    @property
    def neighbour(self) -> UnitSlope | None:
        return self.replace(pairs="any") if self.pairs == "coupled" else None

    @classmethod
    def examples(cls) -> tuple[UnitSlope, ...]:
        return (cls(),)


def _stretched(cloud: Points) -> Points:
    return tuple(tuple(5 * x for x in point) for point in cloud)

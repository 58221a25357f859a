"""Transport is bounded by entropy where the target is standard normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.gaussians.transport import squared_distance
from gantheory.claims.normal_laws import Normal, normals, points
from gantheory.random import Key


@dataclass(frozen=True)
class TransportEntropy(Claim):
    """To the standard normal law, the squared Wasserstein-2 distance is at most twice the divergence.

    The neighbour takes a normal target of another variance (``variance=4.0``).

    Reference: Talagrand (1996).

    Example:
        >>> TransportEntropy().predicted(((2.0,), ((1.0,),)))
        4.0
    """

    variance: float = 1.0

    part: ClassVar[str] = "F01"
    statement: ClassVar[str] = (
        "The squared Wasserstein-2 distance of a Gaussian to the standard normal law is at most twice its "
        "Kullback-Leibler divergence, with equality for shifts"
    )
    latex: ClassVar[str] = r"W_2^2\big(N(m, A), N(0, I)\big) \le 2\,\mathrm{KL}\big(N(m, A)\,\|\,N(0, I)\big)"
    reference: ClassVar[str] = "Talagrand (1996)"
    assumptions: ClassVar[str] = "the target has the identity for covariance"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Normal]:
        return st.integers(1, 3).flatmap(
            lambda d: normals(d) | points(d, 1).map(lambda rows: (rows[0], _identity(d, 1.0)))
        )

    def predicted(self, instance: Normal) -> float:
        mean, covariance = instance
        d = len(mean)
        target = np.zeros(d), self.variance * np.eye(d)
        return 2 * theory.gaussian_kullback_leibler(mean, covariance, *target)

    def observed(self, instance: Normal, key: Key) -> float:
        d = len(instance[0])
        return squared_distance(instance, ((0.0,) * d, _identity(d, self.variance)))

    @property
    def neighbour(self) -> TransportEntropy | None:
        return self.replace(variance=4.0) if self.variance == 1 else None

    @classmethod
    def examples(cls) -> tuple[TransportEntropy, ...]:
        return (cls(),)


def _identity(d: int, scale: float) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, (scale * np.eye(d)).tolist()))

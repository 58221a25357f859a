"""The best critic between Gaussians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Normal, law, normals, points
from gantheory.games import Minimax
from gantheory.random import Key


Instance = tuple[Normal, tuple[float, ...], tuple[tuple[float, ...], ...]]
"""Data, the generator's mean, and points at which the critic is asked."""


@dataclass(frozen=True)
class GaussianLogit(Claim):
    """Between Gaussians of one covariance the best critic's logit is linear.

    The neighbour gives the generator twice the covariance (``spread=2.0``): the logit is then quadratic.

    Reference: Goodfellow et al. (2014); Fisher (1936).

    Example:
        >>> data = ((1.0,), ((2.0,),))
        >>> GaussianLogit().predicted((data, (0.0,), ((0.0,), (1.0,)))).tolist()
        [-0.25, 0.25]
    """

    spread: float = 1.0

    part: ClassVar[str] = "A04"
    statement: ClassVar[str] = (
        "The best critic's logit is log p/q; between Gaussians of one covariance S it is linear, with the "
        "slope S^-1 (m - m')"
    )
    latex: ClassVar[str] = (
        r"\mathrm{logit}\,D^*(x) = \log\tfrac{p}{q}(x) = (m - m')^\top S^{-1} x - "
        r"\tfrac12\big(m^\top S^{-1} m - m'^\top S^{-1} m'\big)"
    )
    reference: ClassVar[str] = "Goodfellow et al. (2014); Fisher (1936)"
    assumptions: ClassVar[str] = "equal covariances, and a critic that may be any function"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Instance]:
        return st.integers(1, 3).flatmap(
            lambda d: st.tuples(normals(d), points(d, 1).map(lambda rows: rows[0]), points(d, 6))
        )

    def predicted(self, instance: Instance) -> np.ndarray:
        (mean, covariance), other, x = instance
        w, b = theory.gaussian_log_ratio(mean, other, covariance)
        return np.array(x) @ w + b

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        (mean, covariance), other, rows = instance
        x = torch.tensor(rows, dtype=torch.float64)
        wider = tuple(tuple(self.spread * s for s in row) for row in covariance)
        p, q = law((mean, covariance)), law((other, wider))
        return Minimax().optimal_logit(p.log_prob(x) - q.log_prob(x)).numpy()

    @property
    def neighbour(self) -> GaussianLogit | None:
        return self.replace(spread=2.0) if self.spread == 1 else None

    @classmethod
    def examples(cls) -> tuple[GaussianLogit, ...]:
        return (cls(),)

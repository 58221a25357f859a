"""Any mixture of Gaussians."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes


@dataclass(frozen=True)
class GaussianMixture(GaussianModes):
    """A mixture of Gaussians with any means, covariances and weights.

    Equation: ``p(x) = sum_k w_k N(x; m_k, S_k)``, for ``means`` (K, d), ``covariances`` (K, d, d) and
    ``weights`` (K,), which are divided by their sum; `None` stands for identities and equal weights.

    Raises `ValueError` where shapes disagree, a covariance is not symmetric and positive definite or a
    weight not positive.

    Reference: McLachlan, Peel (2000).

    Example:
        >>> mixture = GaussianMixture(((-2.0,), (2.0,)), weights=(1, 3))
        >>> mixture.facts().mean.value.tolist()
        [1.0]
    """

    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...] | None = None
    weights: tuple[float, ...] | None = None

    def check(self) -> None:
        widths = {len(mean) for mean in self.means}
        if len(widths) != 1 or widths == {0} or not np.isfinite(self.means).all():
            raise ValueError(f"GaussianMixture: means must be finite rows of one length, got {self.means}")
        shape = (len(self.means), self.dim, self.dim)
        if self.covariances is not None:
            try:
                given = np.array(self.covariances)
                fits = given.shape == shape and np.allclose(given, given.swapaxes(1, 2))
                np.linalg.cholesky(given)
            except (ValueError, np.linalg.LinAlgError):
                fits = False
            if not fits:
                raise ValueError(f"covariances must be {shape}, symmetric and positive definite")
        weights = (1.0,) * shape[0] if self.weights is None else self.weights
        if len(weights) != shape[0] or not all(0 < w < math.inf for w in weights):
            raise ValueError(f"weights must be {shape[0]} positive, finite numbers, got {self.weights}")

    @property
    def dim(self) -> int:
        return len(self.means[0])

    def components(self) -> Modes:
        count, d = len(self.means), self.dim
        covariances = np.array(
            self.covariances or np.broadcast_to(np.eye(d), (count, d, d)), dtype=np.float64
        )
        weights = np.array(self.weights or (1.0,) * count)
        return Modes(np.array(self.means), covariances, weights / weights.sum())

    @classmethod
    def examples(cls) -> list[GaussianMixture]:
        return [
            cls(((-2.0,), (1.0,)), (((0.25,),), ((1.0,),)), (1.0, 3.0)),
            cls(((0.0, 0.0), (3.0, 1.0)), (((1.0, 0.6), (0.6, 1.0)), ((0.5, 0.0), (0.0, 2.0)))),
            cls(((0.0,) * 4, (2.0,) * 4)),
        ]

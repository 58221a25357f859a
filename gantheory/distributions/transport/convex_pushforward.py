"""A target whose Brenier map and Wasserstein-2 distance from its source are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.stats import norm
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.mixture import GaussianModes
from gantheory.distributions.points import check_points
from gantheory.distributions.quasi import averaged, shifted_sobol
from gantheory.distributions.transport.potential import SoftMaximum, drawn


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ConvexPushforward(Density):
    """A Gaussian mixture pushed forward by the gradient of a strictly convex potential.

    Equation: ``y = T(x) = grad phi(x)``, ``phi(x) = ridge |x|^2 / 2 + t log sum_k exp((w_k.x + b_k) / t)``, k
    up to `pieces` and t the `temperature`; w and b are normal with standard deviation `strength`, drawn from
    the integer `seed`. As the gradient of a convex function T is the optimal transport map for the squared
    distance, and ``W_2^2 = E|T(x) - x|^2``. A low temperature tears the source into pieces around the w_k, which a
    small ridge makes narrow. The density ``p(x) / det grad^2 phi(x)`` at ``x = T^-1(y)``, found by Newton's
    method, and its score are exact; averages are over randomly shifted Sobol sequences.

    Draws of the law and of its `source` with one key are optimally coupled; take different keys for
    independent ones. Gradients of log_prob by autograd are right up to the third.

    Raises `ValueError` below one piece, or for a strength, ridge or temperature that is not positive and
    finite.

    Reference: Brenier (1991); Korotin et al. (2021) for pairs made so from input convex networks.

    Example:
        >>> from gantheory import GaussianMixture
        >>> law = ConvexPushforward(GaussianMixture(((0.0, 1.0),)), pieces=1, ridge=1.0)  # a translation
        >>> law.facts().entropy.value == law.source().facts().entropy.value
        True
    """

    law: GaussianModes
    pieces: int = 5
    strength: float = 2.0
    ridge: float = 0.5
    temperature: float = 1.0
    seed: int = 0

    def check(self) -> None:
        numbers = self.strength, self.ridge, self.temperature
        if self.pieces < 1 or not all(0 < number < math.inf for number in numbers):
            raise ValueError(
                f"ConvexPushforward needs a piece and a positive, finite strength, ridge and temperature, got {self}"
            )

    @property
    def dim(self) -> int:
        return self.law.dim

    def source(self) -> GaussianModes:
        """Return the law that is pushed forward."""
        return self.law

    def _potential(self, x: Tensor) -> SoftMaximum:
        held = drawn(self.pieces, self.dim, self.strength, self.ridge, self.temperature, self.seed)
        return held.to(check_points(x, self.dim))

    def potential(self, x: Tensor) -> Tensor:
        """Return phi (..., n) at points (..., n, dim) of the source."""
        return self._potential(x).value(x)

    def transport(self, x: Tensor) -> Tensor:
        """Return the optimal map T at points (..., n, dim) of the source."""
        return self._potential(x).gradient(x)

    def inverse(self, y: Tensor) -> Tensor:
        """Return the points of the source that go to y (..., n, dim): the optimal map back.

        Raises `ValueError` for points that are not finite.
        """
        return self._potential(y.double()).inverse(y.double()).to(y.dtype)

    def _source_of(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The source of points, of those that are finite, in float64, and which (...) those are."""
        finite = check_points(x, self.dim).isfinite().all(-1)
        return self.inverse(x.double().where(finite.unsqueeze(-1), 0.0)), finite

    def distance(self) -> Fact:
        """Return the Wasserstein-2 distance (not squared) between source and target, with its error."""
        square = _averages(self)[0]
        root = math.sqrt(square.value)
        return Fact(root, root - math.sqrt(max(square.value - square.error, 0.0)))

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.transport(self.law.sample(n, key, start=start))

    def log_prob(self, x: Tensor) -> Tensor:
        source, finite = self._source_of(x)
        log_p = self.law.log_prob(source) - self._potential(source).log_det(source)
        return log_p.where(finite, torch.nan).to(x.dtype)

    def score(self, x: Tensor) -> Tensor:
        source, finite = self._source_of(x)
        potential = self._potential(source)
        slope = self.law.score(source) - potential.log_det_slope(source)
        score = torch.linalg.solve(potential.hessian(source), slope.unsqueeze(-1)).squeeze(-1)
        return score.where(finite.unsqueeze(-1), torch.nan).to(x.dtype)

    def facts(self) -> Facts:
        _, mean, covariance, log_det = _averages(self)
        own = self.law.facts().entropy
        entropy = own if own.value is None else Fact(own.value + log_det.value, own.error + log_det.error)
        return Facts(
            mean=mean,
            covariance=covariance,
            entropy=entropy,
            support_distance=WHOLE_SPACE,
            project=WHOLE_SPACE,
            intrinsic_dimension=Fact(self.dim),
            tail_index=Fact(math.inf),
            smoothness=Fact(math.inf),
        )

    @classmethod
    def examples(cls) -> list[ConvexPushforward]:
        two = GaussianMixture(((-1.0,) * 3, (2.0,) * 3), weights=(1.0, 2.0))
        return [cls(GaussianMixture(((0.0, 0.0),))), cls(two, pieces=3, ridge=1.0, seed=1)]


@lru_cache(maxsize=64)
def _averages(law: ConvexPushforward) -> tuple[Fact, Fact, Fact, Fact]:
    """``E|T(x) - x|^2``, mean and covariance of the target and ``E log det grad^2 phi``, over the source."""
    modes = law.law.components()
    factors = torch.from_numpy(np.linalg.cholesky(modes.covariances))
    weight = torch.from_numpy(modes.weights.copy())
    rows = []
    for u in shifted_sobol(law.dim):
        z = torch.from_numpy(norm.ppf(np.clip(u, 1e-16, 1 - 1e-16)))
        x = torch.from_numpy(modes.centres)[:, None] + z @ factors.mT  # (K, n, d)
        y = law.transport(x)
        moved, log_det = (y - x).square().sum(-1).mean(-1), law._potential(x).log_det(x).mean(-1)
        mean, outer = weight @ y.mean(-2), torch.einsum("k,kni,knj->ij", weight, y, y) / len(z)
        rows.append((weight @ moved, mean, outer - torch.outer(mean, mean), weight @ log_det))
    square, mean, covariance, log_det = (averaged(torch.stack(column).numpy()) for column in zip(*rows))
    return square, mean, covariance, log_det

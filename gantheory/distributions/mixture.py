"""What Gaussian mixtures share: density, score and facts from centres, covariances and weights."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts, Modes
from gantheory.distributions.mixture_density import component_log_prob, mixture_log_prob, tensors, whiten
from gantheory.distributions.mixture_draw import draw_mixture
from gantheory.distributions.mixture_entropy import mixture_entropy
from gantheory.distributions.pieces import balls
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class GaussianModes(Density, ABC):
    """A mixture of Gaussians: its components give samples, density, score and facts."""

    @abstractmethod
    def components(self) -> Modes:
        """Return the modes: centres, covariances, weights."""

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        modes = self.components()
        centres = torch.as_tensor(modes.centres)
        factors = torch.as_tensor(np.linalg.cholesky(modes.covariances))
        keys = key.child("noise"), key.child("mode")
        return draw_mixture(*keys, n, start, centres, factors=factors, weights=modes.weights)

    def log_prob(self, x: Tensor) -> Tensor:
        return mixture_log_prob(self.components(), check_points(x, self.dim))

    def score(self, x: Tensor) -> Tensor:
        return mixture_score(self.components(), check_points(x, self.dim))

    def facts(self) -> Facts:
        return mixture_facts(self.components())

    def blurred(self, scale: float) -> Density:
        modes = self.components()
        return as_law(replace(modes, covariances=modes.covariances + scale**2 * np.eye(self.dim)))

    def tempered(self, temperature: float) -> Density | None:
        modes = self.components()
        return (
            as_law(replace(modes, covariances=temperature * modes.covariances)) if len(modes) == 1 else None
        )


MOST = 4_000_000
"""Numbers that the modes' covariances may have."""


def check_size(count: int, dim: int, owner: str) -> None:
    """Raise `ValueError` for modes whose covariances take too much memory."""
    if count * dim**2 > MOST:
        raise ValueError(
            f"{owner}: {count:,} modes in {dim:,} dimensions are too many: in {dim:,} dimensions it takes up to "
            f"{MOST // dim**2:,}"
        )


def as_law(modes: Modes) -> Density:
    """Return the mixture of these components."""
    from gantheory.distributions.gaussian_mixture import GaussianMixture  # which is made of this file

    return GaussianMixture(*(tuple(a.tolist()) for a in (modes.centres, modes.covariances, modes.weights)))


def mixture_score(modes: Modes, x: Tensor) -> Tensor:
    """Return ``sum_k r_k(x) S_k^-1 (m_k - x)``, with the responsibilities r of the components."""
    centres, factors, log_weights = tensors(modes, x)
    responsibility = component_log_prob(x, centres, factors, log_weights).softmax(-1)
    white = whiten(x, centres, factors).unsqueeze(-1)
    pull = -torch.linalg.solve_triangular(factors.mT, white, upper=True).squeeze(-1)
    return (responsibility.unsqueeze(-1) * pull).sum(-2)


def isotropic(centres: np.ndarray, scale: float) -> Modes:
    """Return equally weighted modes with the covariance ``scale^2 I``."""
    count, d = centres.shape
    covariances = np.broadcast_to(scale**2 * np.eye(d), (count, d, d))
    return Modes(centres, covariances, np.full(count, 1 / count))


def zipf(count: int, exponent: float) -> np.ndarray:
    """Return weights (count,) in proportion to ``1, 2^-a, 3^-a, ...``, of sum 1."""
    weights = np.arange(1, count + 1) ** -float(exponent)
    return weights / weights.sum()


def mixture_facts(modes: Modes, *, entropy: Fact | None = None) -> Facts:
    """Return exact moments and modes, and the entropy: the one given, or to a stated error."""
    mean = modes.weights @ modes.centres
    offset = modes.centres - mean
    covariance = np.einsum("k,kij->ij", modes.weights, modes.covariances)
    covariance = covariance + np.einsum("k,ki,kj->ij", modes.weights, offset, offset)
    return Facts(
        mean=Fact(mean),
        covariance=Fact(covariance),
        entropy=entropy or mixture_entropy(modes),
        modes=Fact(modes),
        mode_of=Fact(partial(_likeliest, modes)),
        labels=Fact(modes.weights),
        support_distance=WHOLE_SPACE,
        project=WHOLE_SPACE,
        intrinsic_dimension=Fact(modes.centres.shape[1]),
        tail_index=Fact(math.inf),
        isoperimetric=balls(modes),
    )


def _likeliest(modes: Modes, x: Tensor) -> Tensor:
    x = check_points(x, modes.centres.shape[1])
    return component_log_prob(x, *tensors(modes, x)).argmax(-1)

"""What Gaussian mixtures share: density, score and facts from centres, covariances and weights."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.polynomial.hermite_e import hermegauss
from torch import Tensor

from gantheory.distributions.distribution import Density, Fact, Facts, Modes


@dataclass(frozen=True)
class GaussianModes(Density, ABC):
    """A mixture of Gaussians: its components give density, score and facts."""

    @abstractmethod
    def components(self) -> Modes:
        """Return the modes: centres, covariances, weights."""

    def log_prob(self, x: Tensor) -> Tensor:
        return mixture_log_prob(self.components(), x)

    def score(self, x: Tensor) -> Tensor:
        return mixture_score(self.components(), x)

    def facts(self) -> Facts:
        return mixture_facts(self.components())


def component_log_prob(x: Tensor, centres: Tensor, factors: Tensor, log_weights: Tensor) -> Tensor:
    """Return ``log w_k + log N(x; m_k, L_k L_k')`` as ``(..., n, K)``, for factors L ``(K, d, d)``."""
    d = x.shape[-1]
    white = whiten(x, centres, factors)
    log_det = factors.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return log_weights - 0.5 * white.square().sum(-1) - log_det - 0.5 * d * math.log(2 * math.pi)


def whiten(x: Tensor, centres: Tensor, factors: Tensor) -> Tensor:
    """Return ``L_k^-1 (x - m_k)`` as ``(..., n, K, d)``."""
    offset = (x.unsqueeze(-2) - centres).unsqueeze(-1)
    return torch.linalg.solve_triangular(factors, offset, upper=False).squeeze(-1)


def tensors(modes: Modes, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return centres, Cholesky factors and log-weights with the dtype and device of ``like``."""
    arrays = modes.centres, np.linalg.cholesky(modes.covariances), np.log(modes.weights)
    centres, factors, log_weights = (torch.tensor(a, dtype=like.dtype, device=like.device) for a in arrays)
    return centres, factors, log_weights


def mixture_log_prob(modes: Modes, x: Tensor) -> Tensor:
    """Return ``log sum_k w_k N(x; m_k, S_k)``."""
    return component_log_prob(x, *tensors(modes, x)).logsumexp(-1)


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


def mixture_facts(modes: Modes) -> Facts:
    """Return exact moments and modes, and the entropy to a stated error."""
    mean = modes.weights @ modes.centres
    offset = modes.centres - mean
    covariance = np.einsum("k,kij->ij", modes.weights, modes.covariances)
    covariance = covariance + np.einsum("k,ki,kj->ij", modes.weights, offset, offset)
    return Facts(Fact(mean), Fact(covariance), mixture_entropy(modes), Fact(modes))


def mixture_entropy(modes: Modes) -> Fact:
    """Return the entropy in nats, by Gauss-Hermite quadrature around every mode.

    Equation: ``H = -sum_k w_k E_{N(m_k, S_k)} log p``. The error is the difference of two rules, plus
    rounding. Above 3 dimensions the rules would be too large, and the fact is `None` with that reason
    (except for one component, whose entropy is exact).
    """
    arrays = modes.centres, modes.covariances, modes.weights
    d = modes.centres.shape[1]
    if len(modes) == 1:
        return Fact(float(0.5 * np.linalg.slogdet(2 * math.pi * math.e * modes.covariances[0])[1]))
    if d > 3:
        return Fact(None, reason="the entropy of a mixture above 3 dimensions has no quadrature here")
    return _entropy(*(a.tobytes() for a in arrays), len(modes), d)


@lru_cache(maxsize=64)
def _entropy(centres: bytes, covariances: bytes, weights: bytes, count: int, d: int) -> Fact:
    modes = Modes(
        np.frombuffer(centres).reshape(count, d),
        np.frombuffer(covariances).reshape(count, d, d),
        np.frombuffer(weights),
    )
    fine, coarse = (_entropy_by_rule(modes, order) for order in {1: (256, 192), 2: (64, 48), 3: (24, 18)}[d])
    return Fact(fine, error=abs(fine - coarse) + 1e-12)


def _entropy_by_rule(modes: Modes, order: int) -> float:
    nodes, weights = hermegauss(order)
    d = modes.centres.shape[1]
    grid = np.stack(np.meshgrid(*[nodes] * d, indexing="ij"), axis=-1).reshape(-1, d)
    mass = np.stack(np.meshgrid(*[weights / weights.sum()] * d, indexing="ij"), axis=-1).prod(-1).ravel()
    factors = np.linalg.cholesky(modes.covariances)
    total = 0.0
    for centre, factor, weight in zip(modes.centres, factors, modes.weights):
        x = torch.as_tensor(centre + grid @ factor.T)
        total -= float(weight * (mass @ mixture_log_prob(modes, x).numpy()))
    return total

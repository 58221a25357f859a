"""The log-density of a Gaussian mixture, from its components."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.facts import Modes


def component_log_prob(x: Tensor, centres: Tensor, factors: Tensor, log_weights: Tensor) -> Tensor:
    """Return ``log w_k + log N(x; m_k, L_k L_k')`` as ``(..., n, K)``, for factors L ``(K, d, d)``."""
    d = x.shape[-1]
    white = whiten(x, centres, factors)
    log_det = factors.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return log_weights - 0.5 * white.square().sum(-1) - log_det - 0.5 * d * math.log(2 * math.pi)


def whiten(x: Tensor, centres: Tensor, factors: Tensor) -> Tensor:
    """Return ``L_k^-1 (x - m_k)`` as ``(..., n, K, d)``."""
    identity = torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)
    inverses = torch.linalg.solve_triangular(factors, identity, upper=False)
    return torch.einsum("...kj,kij->...ki", x.unsqueeze(-2) - centres, inverses)  # faster than solving each


def tensors(modes: Modes, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return centres, Cholesky factors and log-weights with the dtype and device of ``like``."""
    arrays = modes.centres, np.linalg.cholesky(modes.covariances), np.log(modes.weights)
    centres, factors, log_weights = (torch.tensor(a, dtype=like.dtype, device=like.device) for a in arrays)
    return centres, factors, log_weights


def mixture_log_prob(modes: Modes, x: Tensor) -> Tensor:
    """Return ``log sum_k w_k N(x; m_k, S_k)``."""
    return component_log_prob(x, *tensors(modes, x)).logsumexp(-1)

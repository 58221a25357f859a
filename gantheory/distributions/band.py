"""The law of a uniform number in (0, length) plus a normal one: density, score and entropy."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from scipy import integrate
from torch import Tensor

from gantheory.distributions.facts import Fact


def _log_mass(y: Tensor, length: float, scale: float) -> Tensor:
    """Return ``log(Phi(b) - Phi(a))`` with b = y / scale, a = (y - length) / scale."""
    # on the side of the middle where both are small, or the difference would cancel
    outward = -(y - length / 2).abs()
    high, low = (outward + length / 2) / scale, (outward - length / 2) / scale
    top = torch.special.log_ndtr(high)
    return top + torch.log1p(-(torch.special.log_ndtr(low) - top).exp())


def log_prob(y: Tensor, length: float, scale: float) -> Tensor:
    """Return the log-density at numbers y (...)."""
    return _log_mass(y, length, scale) - math.log(length)


def score(y: Tensor, length: float, scale: float) -> Tensor:
    """Return the log-density's derivative at numbers y (...)."""
    mass = _log_mass(y, length, scale) + 0.5 * math.log(2 * math.pi)
    a, b = (y - length) / scale, y / scale
    return ((-b.square() / 2 - mass).exp() - (-a.square() / 2 - mass).exp()) / scale


@lru_cache(maxsize=64)
def entropy(length: float, scale: float) -> Fact:
    """Return the entropy, to the quadrature's error."""

    def surprise(y: float) -> float:
        log_p = float(log_prob(torch.tensor(y, dtype=torch.float64), length, scale))
        return -log_p * math.exp(log_p)

    # symmetric: from the middle out, with the bend at the end between
    pieces = np.unique([length / 2, *(max(length / 2, length + c * scale) for c in (-10, -3, 0, 3, 10, 20))])
    halves = [integrate.quad(surprise, a, b, epsabs=1e-12, limit=200) for a, b in pairwise(pieces)]
    return Fact(2 * sum(v for v, _ in halves), 2 * sum(e for _, e in halves))

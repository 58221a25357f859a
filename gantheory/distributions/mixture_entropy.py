"""The entropy of a Gaussian mixture, with an error that can be trusted."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm

from gantheory.distributions.facts import Fact, Modes
from gantheory.distributions.mixture_density import mixture_log_prob
from gantheory.distributions.quasi import POINTS, SHIFTS, averaged, shifted_sobol


ORDERS = {1: (256, 224, 192), 2: (64, 55, 48), 3: (24, 21, 18)}
"""Gauss-Hermite points along every axis, by dimension."""

MOST_WORK = 1e10
"""Numbers that an entropy may go through: a minute."""


def mixture_entropy(modes: Modes) -> Fact:
    """Return the entropy in nats: exact for one component, otherwise to a stated error.

    Equation: ``H = -sum_k w_k E_{N(m_k, S_k)} log p``. In up to 3 dimensions the expectations are
    Gauss-Hermite rules around every mode, with three times the largest difference of three rules for the
    error, where that is below 1e-4. Where it is not, as for components of very different widths, and
    above 3 dimensions they are means over a randomly shifted Sobol sequence, with five standard errors.
    """
    count, d = modes.centres.shape
    if count == 1:
        return Fact(float(0.5 * np.linalg.slogdet(2 * math.pi * math.e * modes.covariances[0])[1]))
    return _entropy(*(a.tobytes() for a in (modes.centres, modes.covariances, modes.weights)), count, d)


@lru_cache(maxsize=64)
def _entropy(centres: bytes, covariances: bytes, weights: bytes, count: int, d: int) -> Fact:
    modes = Modes(
        np.frombuffer(centres).reshape(count, d),
        np.frombuffer(covariances).reshape(count, d, d),
        np.frombuffer(weights),
    )
    work = count**2 * d  # numbers for every node
    if d in ORDERS and work * ORDERS[d][0] ** d <= MOST_WORK:
        values = [_mean_surprise(modes, *_hermite(order, d)) for order in ORDERS[d]]
        error = 3 * (max(values) - min(values)) + 1e-12
        if error <= 1e-4:
            return Fact(values[0], error)
    if work * SHIFTS * POINTS > MOST_WORK:
        return Fact(None, reason=f"the entropy of {count} components in {d} dimensions takes too long here")
    normal = (norm.ppf(np.clip(u, 1e-16, 1 - 1e-16)) for u in shifted_sobol(d))
    return averaged([_mean_surprise(modes, z) for z in normal])


def _mean_surprise(modes: Modes, z: np.ndarray, mass: np.ndarray | None = None) -> float:
    """Return ``-sum_k w_k sum_i mass_i log p(m_k + L_k z_i)`` for standard normal nodes z ``(n, d)``."""
    total = 0.0
    for centre, factor, weight in zip(modes.centres, np.linalg.cholesky(modes.covariances), modes.weights):
        log_p = mixture_log_prob(modes, torch.as_tensor(centre + z @ factor.T)).numpy()
        total -= float(weight * np.average(log_p, weights=mass))
    return total


def _hermite(order: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = hermegauss(order)
    grid = np.stack(np.meshgrid(*[nodes] * d, indexing="ij"), axis=-1).reshape(-1, d)
    return grid, np.stack(np.meshgrid(*[weights] * d, indexing="ij"), axis=-1).prod(-1).ravel()

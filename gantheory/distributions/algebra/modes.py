"""Components of products, images and mixtures of Gaussian mixtures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.linalg import block_diag

from gantheory.distributions.facts import Modes


MOST = 4096
"""Components that are written out; a product of more has none here."""


def few(parts: Sequence[Modes]) -> bool:
    """Return whether the product of the parts has at most `MOST` components."""
    return math.prod(map(len, parts)) <= MOST


def product_modes(parts: Sequence[Modes]) -> Modes:
    """Return the components of the independent product, the last part's fastest."""
    rows = list(product(*(range(len(part)) for part in parts)))
    return Modes(
        np.array([np.concatenate([p.centres[k] for p, k in zip(parts, row)]) for row in rows]),
        np.array([block_diag(*(p.covariances[k] for p, k in zip(parts, row))) for row in rows]),
        np.array([math.prod(p.weights[k] for p, k in zip(parts, row)) for row in rows]),
    )


def affine_modes(modes: Modes, matrix: np.ndarray, shift: np.ndarray) -> Modes:
    """Return the components of ``matrix x + shift``."""
    return Modes(modes.centres @ matrix.T + shift, matrix @ modes.covariances @ matrix.T, modes.weights)


def mixture_modes(parts: Sequence[Modes], weights: np.ndarray) -> Modes:
    """Return the components of a mixture, one part's after the other's."""
    return Modes(
        np.concatenate([part.centres for part in parts]),
        np.concatenate([part.covariances for part in parts]),
        np.concatenate([w * part.weights for w, part in zip(weights, parts)]),
    )

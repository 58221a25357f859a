"""Separate pieces of a law, and what a Lipschitz generator must waste between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.stats import chi

from gantheory.distributions.facts import Fact, Modes
from gantheory.theory import off_piece_mass


SHARE = 0.98889
"""The share of a mode's own samples that count as good: three standard deviations in the plane."""


@dataclass(frozen=True)
class Pieces:
    """Pairwise distances (K, K) and weights (K,) of pieces, and ``of`` what they are.

    Called with a Lipschitz constant, it is a lower bound on the share of samples off all pieces.
    """

    distances: np.ndarray
    weights: np.ndarray
    of: str

    def __call__(self, lipschitz: float) -> float:
        return off_piece_mass(self.distances, self.weights, lipschitz)


MOST = 500
"""Pieces up to which their distances are worth keeping."""


def bounded(distances: Callable[[], np.ndarray], weights: np.ndarray, of: str) -> Fact:
    """Return the bound for pieces whose distances (K, K) the function gives, where they have any and are not
    too many."""
    if len(weights) == 1:
        return Fact(None, reason="one piece has no gap")
    if len(weights) > MOST:
        return Fact(None, reason=f"more than {MOST} pieces")
    return Fact(Pieces(distances(), weights, of))


def balls(modes: Modes) -> Fact:
    """Return the bound for balls around the modes that hold `SHARE` of each, or more where it is not round."""
    held = f"balls that hold at least {SHARE} of each mode"
    return bounded(lambda: _ball_gaps(modes), modes.weights, held)


def _ball_gaps(modes: Modes) -> np.ndarray:
    d = modes.centres.shape[1]
    radii = chi.ppf(SHARE, d) * np.linalg.eigvalsh(modes.covariances)[:, -1] ** 0.5
    gaps = (squareform(pdist(modes.centres)) - radii[:, None] - radii).clip(min=0)
    np.fill_diagonal(gaps, 0)
    return gaps


def boxes(centres: np.ndarray, half: float) -> Fact:
    """Return the bound for equal, equally weighted cubes with sides 2 half around the centres."""

    def gaps() -> np.ndarray:
        beside = (np.abs(centres[:, None] - centres) - 2 * half).clip(min=0)
        return np.linalg.norm(beside, axis=-1)

    return bounded(gaps, np.full(len(centres), 1 / len(centres)), "the squares")

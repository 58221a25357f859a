"""Separate pieces of a law, and what a Lipschitz generator must waste between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

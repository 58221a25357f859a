"""What disconnected sets of curves share: pieces, drawn in proportion to their lengths."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.facts import Fact
from gantheory.distributions.manifolds.manifold import Manifold
from gantheory.distributions.pieces import bounded
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class DisjointCurves(Manifold, ABC):
    """Disjoint curves of known lengths: a leaf gives `lengths`, `feet`, the nearest point of each, and `gap`."""

    @property
    @abstractmethod
    def lengths(self) -> np.ndarray:
        """The pieces' lengths (K,)."""

    @abstractmethod
    def feet(self, x: Tensor) -> Tensor:
        """Return the nearest point of every piece, (..., n, K, dim)."""

    @abstractmethod
    def gap(self, first: int, second: int) -> float:
        """Return the distance between two pieces, 0 where they meet."""

    def gaps(self) -> np.ndarray:
        """Return the distances between the pieces (K, K), 0 on the diagonal."""
        return _gaps(self)

    def least_gap(self) -> float:
        """Return the least distance between two pieces, infinite for one."""
        return float(self.gaps()[np.triu_indices(len(self.lengths), 1)].min(initial=math.inf))

    def isoperimetric(self) -> Fact:
        """Return the bound for the pieces themselves."""
        return bounded(self.gaps, self.shares, "the curves")

    @property
    def shares(self) -> np.ndarray:
        """The pieces' shares of the whole length (K,)."""
        return self.lengths / self.lengths.sum()

    def volume(self) -> float:
        return float(self.lengths.sum())

    def pick(self, n: int, key: Key, *, start: int, device: torch.device) -> Tensor:
        """Draw numbers of pieces (..., n)."""
        u = key.child("piece").uniform(n, start=start, dtype=torch.float64, device=device)
        return torch.searchsorted(torch.as_tensor(self.shares.cumsum()[:-1], device=device), u, right=True)

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number of the nearest piece."""
        return self._distances(x, self.feet(check_points(x, self.dim))).argmin(-1)

    def project(self, x: Tensor) -> Tensor:
        feet = self.feet(check_points(x, self.dim))
        nearest = self._distances(x, feet).argmin(-1)[..., None, None]
        return feet.take_along_dim(nearest, -2).squeeze(-2)

    @staticmethod
    def _distances(x: Tensor, feet: Tensor) -> Tensor:
        return (x.unsqueeze(-2) - feet).norm(dim=-1)

    def covariance_of(self, centres: np.ndarray, within: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and covariance from those of the pieces, (K, d) and (K, d, d)."""
        mean = self.shares @ centres
        offset = centres - mean
        return mean, np.einsum("k,kij->ij", self.shares, within + offset[:, :, None] * offset[:, None])


@lru_cache(maxsize=64)
def _gaps(curves: DisjointCurves) -> np.ndarray:
    gaps = np.zeros((len(curves.lengths),) * 2)
    for first, second in combinations(range(len(gaps)), 2):
        gaps[first, second] = gaps[second, first] = curves.gap(first, second)
    gaps.setflags(write=False)
    return gaps

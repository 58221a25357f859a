"""A tree of Gaussian clusters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from torch import Tensor

from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes, isotropic, zipf
from gantheory.distributions.mixture_density import component_log_prob, tensors
from gantheory.distributions.points import check_points


@dataclass(frozen=True)
class HierarchicalMixture(GaussianModes):
    """Gaussians at the leaves of a tree: clusters of clusters, each level smaller by a ratio.

    Equation: a leaf is a path ``(k_1, ..., k_depth)``, 0 <= k_l < branching, with the centre
    ``sum_l ratio^(l - 1) e_{k_l}``, the covariance ``scale^2 I`` and a weight proportional to
    ``prod_l (k_l + 1)^-imbalance``. The e_k are the corners of a regular polygon in the plane and of a regular
    simplex elsewhere, at distance 1 from the origin. Modes are numbered in the order of their paths, so
    the modes of one cluster are consecutive.

    Raises `ValueError` below one level or two branches, above 65536 leaves, for more branches than a simplex
    has corners, and for a ratio outside (0, 1), a scale that is not positive or an imbalance below 0.

    Reference: Dasgupta (1999) for separated mixtures; the tree is this library's own.

    Example:
        >>> import torch
        >>> law = HierarchicalMixture(depth=2, branching=3)
        >>> points = torch.tensor(law.components().centres)
        >>> law.level_of(points, 1).tolist()
        [0, 0, 0, 1, 1, 1, 2, 2, 2]
    """

    depth: int = 2
    branching: int = 3
    dim: int = 2
    ratio: float = 0.25
    scale: float = 0.05
    imbalance: float = 0.0

    def check(self) -> None:
        if self.depth < 1 or self.branching < 2 or self.depth * math.log2(self.branching) > 16:
            raise ValueError(
                f"HierarchicalMixture needs a level, two branches and at most 65536 leaves, got {self}"
            )
        if self.dim < 1 or (self.dim != 2 and self.branching > self.dim + 1):
            raise ValueError(
                f"HierarchicalMixture: {self.dim} dimensions hold at most {self.dim + 1} branches, got {self.branching}"
            )
        if not (0 < self.ratio < 1 and 0 < self.scale < math.inf and 0 <= self.imbalance < math.inf):
            raise ValueError(
                "HierarchicalMixture needs a ratio in (0, 1), a positive, finite scale and an imbalance of "
                f"at least 0, got {self}"
            )

    def components(self) -> Modes:
        return _components(self)

    def level_of(self, x: Tensor, level: int) -> Tensor:
        """Return the number (..., n) of the likeliest cluster of a level at points (..., n, dim).

        Level 1 has ``branching`` clusters, level ``depth`` is the modes themselves, and cluster j of a level
        holds ``j // branching`` of the level above. Raises `ValueError` for a level that the tree lacks.
        """
        if not 1 <= level <= self.depth:
            raise ValueError(f"level must lie between 1 and {self.depth}, got {level}")
        joint = component_log_prob(check_points(x, self.dim), *tensors(self.components(), x))
        return joint.unflatten(-1, (self.branching**level, -1)).logsumexp(-1).argmax(-1)

    @classmethod
    def examples(cls) -> list[HierarchicalMixture]:
        return [cls(imbalance=1.0), cls(depth=3, branching=2, dim=1, ratio=0.4, scale=0.1)]


@lru_cache(maxsize=64)
def _components(law: HierarchicalMixture) -> Modes:
    corners = _corners(law.branching, law.dim)
    share = zipf(law.branching, law.imbalance)
    centres, weights = np.zeros((1, law.dim)), np.ones(1)
    for level in range(law.depth):
        centres = (centres[:, None] + law.ratio**level * corners).reshape(-1, law.dim)
        weights = np.outer(weights, share).ravel()
    return Modes(centres, isotropic(centres, law.scale).covariances, weights)


def _corners(count: int, d: int) -> np.ndarray:
    """Return the corners (count, d) of a regular polygon or simplex at distance 1 from the origin."""
    if d == 2:
        angle = 2 * np.pi * np.arange(count) / count
        return np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    # Helmert's orthonormal basis of the plane in which the unit vectors' simplex lies
    rows = np.tril(np.ones((count - 1, count)), 0)
    rows[np.arange(count - 1), np.arange(1, count)] = -np.arange(1, count)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    corners = np.zeros((count, d))
    corners[:, : count - 1] = rows.T
    return corners / np.linalg.norm(corners, axis=1, keepdims=True)

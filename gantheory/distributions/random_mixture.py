"""A Gaussian mixture drawn from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.spatial.distance import pdist

from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes, check_size, zipf
from gantheory.random import Key


@dataclass(frozen=True)
class RandomMixture(GaussianModes):
    """A mixture of Gaussians whose means and covariances are drawn from a seed, at stated dials.

    Equation: ``p(x) = sum_k w_k N(x; m_k, Q_k D^2 Q_k')``. The means are standard normal draws, centred and
    scaled so that the smallest distance of two of them is `separation`; D has standard deviations from
    ``anisotropy^(-1/2)`` to ``anisotropy^(1/2)`` in equal ratios, so that every component has determinant
    1; the Q_k are uniform rotations; and ``w_k`` is proportional to ``k^-imbalance`` (Zipf's law). Each dial
    leaves the draws of the others as they are.

    Raises `ValueError` below one mode or dimension, above 5000 modes, for a separation that is not positive,
    an anisotropy below 1 or an imbalance below 0.

    Reference: Dasgupta (1999), for the separation; Stewart (1980), for the rotations.

    Example:
        >>> from scipy.spatial.distance import pdist
        >>> mixture = RandomMixture(modes=5, dim=3, separation=6.0)
        >>> round(float(pdist(mixture.components().centres).min()), 6)
        6.0
    """

    modes: int = 10
    dim: int = 2
    separation: float = 4.0
    anisotropy: float = 1.0
    imbalance: float = 0.0
    seed: int = 0

    def check(self) -> None:
        if not 1 <= self.modes <= 5000 or self.dim < 1:
            raise ValueError(f"RandomMixture needs a mode, at most 5000, and a dimension, got {self}")
        check_size(self.modes, self.dim, "RandomMixture")
        if not (0 < self.separation < math.inf and 1 <= self.anisotropy < math.inf):
            raise ValueError(
                f"RandomMixture needs a positive, finite separation and a finite anisotropy of at least 1, got {self}"
            )
        if not 0 <= self.imbalance < math.inf:
            raise ValueError(f"RandomMixture: imbalance must be at least 0 and finite, got {self.imbalance}")

    def components(self) -> Modes:
        return _components(self)

    @classmethod
    def examples(cls) -> list[RandomMixture]:
        return [
            cls(modes=4, anisotropy=3.0, imbalance=1.0, seed=1),
            cls(modes=3, dim=5, separation=2.0, anisotropy=10.0),
        ]


@lru_cache(maxsize=64)
def _components(law: RandomMixture) -> Modes:
    count, d = law.modes, law.dim
    key = Key(law.seed).child("RandomMixture").to(torch.float64)
    centres = key.child("means").normal(count, d).numpy()
    centres = centres - centres.mean(0)
    if count > 1:
        centres = centres * (law.separation / pdist(centres).min())
    basis, triangle = np.linalg.qr(key.child("rotations").normal(count, d * d).numpy().reshape(count, d, d))
    # the signs make the factorisation unique, without which the rotations are not uniform
    basis = basis * np.sign(np.diagonal(triangle, axis1=1, axis2=2))[:, None, :]
    widths = law.anisotropy ** np.linspace(-0.5, 0.5, d) if d > 1 else np.ones(1)
    factors = basis * widths
    return Modes(centres, factors @ factors.swapaxes(1, 2), zipf(count, law.imbalance))

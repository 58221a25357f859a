"""Narrow spikes on a broad law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.facts import Modes
from gantheory.distributions.mixture import GaussianModes
from gantheory.random import Key


@dataclass(frozen=True)
class Spikes(GaussianModes):
    """A standard normal law, part of whose mass sits in narrow spikes.

    Equation: ``(1 - share) N(0, I) + share / count sum_k N(c_k, width^2 I)``, with centres c_k drawn from
    N(0, I) by the integer `seed`. `width` is a dial: it moves how steep the density gets and keeps centres
    and shares; however narrow, a spike is smooth, so what it moves is a constant and not the Hoelder exponent.

    Raises `ValueError` below one spike or dimension, for a share outside (0, 1) or a width that is not
    positive and finite.

    Reference: Marron, Wand (1992), whose "claw" it resembles.

    Example:
        >>> len(Spikes(count=4).facts().modes.value)  # the broad law is the first
        5
    """

    count: int = 4
    width: float = 0.05
    share: float = 0.2
    dim: int = 1
    seed: int = 0

    def check(self) -> None:
        if self.count < 1 or self.dim < 1:
            raise ValueError(f"Spikes needs a spike and a dimension, got {self}")
        if not 0 < self.share < 1 or not 0 < self.width < math.inf:
            raise ValueError(f"Spikes needs a share in (0, 1) and a positive, finite width, got {self}")

    def components(self) -> Modes:
        centres = np.concatenate((np.zeros((1, self.dim)), _centres(self.count, self.dim, self.seed)))
        variances = np.array([1.0] + [self.width**2] * self.count)
        weights = np.array([1 - self.share] + [self.share / self.count] * self.count)
        return Modes(centres, variances[:, None, None] * np.eye(self.dim), weights)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        spike = key.child("spike").integers(self.count, n, start=start, device=noise.device)
        inside = key.child("share").uniform(n, 1, start=start, device=noise.device) < self.share
        centres = torch.as_tensor(_centres(self.count, self.dim, self.seed)).to(noise)
        return torch.where(inside, centres[spike] + self.width * noise, noise)

    @classmethod
    def examples(cls) -> list[Spikes]:
        return [cls(), cls(count=2, width=0.2, share=0.5, dim=2)]


@lru_cache(maxsize=64)
def _centres(count: int, d: int, seed: int) -> np.ndarray:
    return Key(seed).child("spikes").normal(count, d, dtype=torch.float64).numpy()

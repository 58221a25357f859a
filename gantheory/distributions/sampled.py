"""Facts that are means over samples, where no rule gives them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from gantheory.distributions.distribution import Density, Distribution, MaybeDensity
from gantheory.distributions.facts import Fact
from gantheory.random import Key


POINTS = 1 << 16
"""Samples of a mean, whose error is five standard errors."""


def sampled_points(law: Distribution) -> Tensor:
    """Return the samples (POINTS, dim) in float64, the same at every call."""
    return law.sample(POINTS, Key(0).child("fact").to(torch.float64))


def sampled_mean(law: Distribution, function: Callable[[Tensor], Tensor]) -> Fact:
    """Return the mean of a function of points over samples in float64, with five standard errors."""
    values = function(sampled_points(law))
    if not torch.isfinite(values).all():
        return Fact(None, reason="rounding puts samples where the density is 0 or infinite")
    return Fact(float(values.mean()), 5 * float(values.std()) / POINTS**0.5)


@lru_cache(maxsize=64)
def sampled_entropy(law: MaybeDensity) -> Fact:
    """Return the entropy of a density as the mean of -log p over samples."""
    if not isinstance(law, Density):
        return Fact(None, reason=f"no density: {getattr(law, 'no_density', 'it is singular')}")
    return sampled_mean(law, lambda x: -law.log_prob(x))

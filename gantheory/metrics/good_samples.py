"""Which samples are good: near a mode or a shape, by the law of the distance of true samples."""

from __future__ import annotations

from typing import Any

import torch
from scipy.stats import chi
from torch import Tensor

from gantheory.distributions.facts import Facts
from gantheory.distributions.mixture_density import tensors, whiten
from gantheory.random import Key


CALIBRATION = 20_000
"""True samples whose distances give the threshold of a shape."""


def assigned_modes(x: Tensor, truth: Any, *, share: float, within: float | None, key: Key) -> Tensor:
    """Return the nearest mode or piece ``(..., n)`` of each sample, or -1 where the sample is not good.

    Of a Gaussian mixture the distance is Mahalanobis' from the nearest mode, and good is what lies within the
    ``share`` quantile of the chi distribution with d degrees of freedom; of another law with a shape, the
    distance from the shape, and the ``share`` quantile of true samples' own. ``within`` replaces either quantile.
    """
    if not 0 < share < 1 or (within is not None and not within > 0):
        raise ValueError(f"share must lie between 0 and 1 and within be positive, got {share} and {within}")
    facts = _facts_of(truth)
    if truth.dim != x.shape[-1]:
        raise ValueError(f"samples have {x.shape[-1]} dimensions, the truth {truth.dim}")
    if facts.modes.value is not None:
        centres, factors, _ = tensors(facts.modes.value, x)
        distance, piece = whiten(x, centres, factors).norm(dim=-1).min(dim=-1)
        limit = within or float(chi.ppf(share, x.shape[-1]))
    else:
        distance = facts.support_distance.value(x)
        piece = torch.zeros_like(distance, dtype=torch.int64)
        if facts.mode_of.value is not None:
            piece = facts.mode_of.value(x)
        limit = within or _own_quantile(facts, truth, share, key)
    # a NaN is far from every mode: the comparison is false
    return torch.where(distance <= limit, piece, -1)


def _facts_of(truth: Any) -> Facts:
    facts = truth.facts() if hasattr(truth, "facts") else None
    if facts is None or (facts.modes.value is None and facts.support_distance.value is None):
        reason = (
            "it has no facts()" if facts is None else f"{facts.modes.reason}; {facts.support_distance.reason}"
        )
        raise ValueError(
            f"the truth must know its modes, or the distance from its shape, but this {type(truth).__name__} does "
            f"not: {reason}"
        )
    return facts


def _own_quantile(facts: Facts, truth: Any, share: float, key: Key) -> float:
    if facts.noise.value == 0:
        raise ValueError(
            f"samples of this {type(truth).__name__} lie on its shape, so that their own distance is 0: say with "
            "within=... how far a good sample may lie from it"
        )
    own = truth.sample(CALIBRATION, key.child("threshold").to(torch.float64))
    return float(facts.support_distance.value(own).quantile(share))

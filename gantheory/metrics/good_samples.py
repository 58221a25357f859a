"""Which samples are good: near a mode, by the law of the distance of true samples."""

from __future__ import annotations

from typing import Any

import torch
from scipy.stats import chi
from torch import Tensor

from gantheory.distributions.mixture_density import tensors, whiten


SHARE = 0.98889
"""The share of a mode's own samples that count as good: three standard deviations in the plane."""


def assigned_modes(x: Tensor, truth: Any, share: float) -> Tensor:
    """Return the nearest mode ``(..., n)`` of each sample, or -1 where the sample is not good.

    A sample is good if its Mahalanobis distance from the nearest mode is at most the ``share`` quantile
    of the chi distribution with d degrees of freedom.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, got {share}")
    known = truth.facts().modes if hasattr(truth, "facts") else None
    if known is None or known.value is None:
        reason = "it has no facts()" if known is None else known.reason
        raise ValueError(f"the truth must know its modes, but this {type(truth).__name__} does not: {reason}")
    centres, factors, _ = tensors(known.value, x)
    if centres.shape[-1] != x.shape[-1]:
        raise ValueError(f"samples have {x.shape[-1]} dimensions, the truth {centres.shape[-1]}")
    distance, mode = whiten(x, centres, factors).norm(dim=-1).min(dim=-1)
    # a NaN is far from every mode: the comparison is false
    return torch.where(distance <= float(chi.ppf(share, x.shape[-1])), mode, -1)

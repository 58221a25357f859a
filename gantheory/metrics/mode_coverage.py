"""How many modes samples reach."""

from __future__ import annotations

from typing import Any

import torch

from gantheory.estimate import Estimate
from gantheory.metrics.good_samples import SHARE, assigned_modes
from gantheory.metrics.samples import metric_key, per_member, samples_of, shaped
from gantheory.random import Key


def mode_coverage(
    samples: Any, truth: Any, *, n: int = 10_000, share: float = SHARE, key: Key | None = None
) -> Estimate:
    """Return the number of the truth's modes to which each member sends at least one good sample.

    Equation: ``#{k : some sample is good and nearest to mode k}``, from 0 to the number of modes. A
    sample is good within the ``share`` quantile of the chi law of true samples. The standard error is
    that of drawing n samples again, ``sum_k q_k (1 - q_k)`` with ``q_k = (1 - c_k / n)^n`` for counts
    c_k; the floor, here a ceiling, is what n true samples reach on average.

    Raises `ValueError` where the truth does not know its modes.

    Reference: Srivastava et al. (2017).

    Example:
        >>> from gantheory import Key, Ring
        >>> mode_coverage(Ring(), Ring(), n=1000, key=Key(0)).value.item()
        8.0
    """
    key = metric_key(key, "mode_coverage", samples)
    x = samples_of(samples, n, key.child("samples"), name="samples")
    nearest = assigned_modes(x, truth, share)
    modes = truth.facts().modes.value
    count, n = len(modes), x.shape[-2]
    values, errors = [], []
    for row in per_member(nearest.unsqueeze(-1)):
        hits = torch.bincount(row.flatten() + 1, minlength=count + 1)[1:].double()
        missed = (1 - hits / n) ** n
        values.append((hits > 0).sum().item())
        errors.append((missed * (1 - missed)).masked_fill(hits == 0, 0).sum().sqrt().item())
    floor = (1 - (1 - modes.weights * share) ** n).sum()
    return Estimate(shaped(values, x), shaped(errors, x), n=n, floor=floor)

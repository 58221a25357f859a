"""How many modes samples reach."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gantheory.distributions.pieces import SHARE
from gantheory.estimate import Estimate
from gantheory.metrics.good_samples import assigned_modes
from gantheory.metrics.samples import metric_key, per_member, samples_of, shaped
from gantheory.random import Key


def mode_coverage(
    samples: Any,
    truth: Any,
    *,
    n: int = 10_000,
    share: float = SHARE,
    within: float | None = None,
    key: Key | None = None,
) -> Estimate:
    """Return the number of the truth's modes or pieces to which each member sends at least one good sample.

    Equation: ``#{k : some sample is good and nearest to mode k}``, from 0 to the number of modes; good as
    `quality_share` says. The standard error is that of drawing n samples again, ``sum_k q_k (1 - q_k)``
    with ``q_k = (1 - c_k / n)^n`` for counts c_k; the floor, here a ceiling, is what n true samples reach.

    Raises `ValueError` where the truth has no labels, or knows neither modes nor a shape, or has no noise and no
    ``within``.

    Reference: Srivastava et al. (2017).

    Example:
        >>> from gantheory import Checkerboard, Key, Ring
        >>> mode_coverage(Ring(), Ring(), n=1000, key=Key(0)).value.item()
        8.0
        >>> print(mode_coverage(Ring(radius=3), Checkerboard(gap=0.5), within=0.1, n=1000, key=Key(0)))
        6.000 +- 0.000, floor 8 (n=1000)
    """
    key = metric_key(key, "mode_coverage", samples)
    x = samples_of(samples, n, key.child("samples"), name="samples")
    nearest = assigned_modes(x, truth, share=share, within=within, key=key)
    labels = truth.facts().labels
    if labels.value is None:
        raise ValueError(
            f"the truth must have labels, but this {type(truth).__name__} has none: {labels.reason}"
        )
    count, n = len(labels.value), x.shape[-2]

    def hits(numbers: Tensor) -> Tensor:
        return torch.bincount(numbers.flatten() + 1, minlength=count + 1)[1:].double()

    values, errors = [], []
    for row in per_member(nearest.unsqueeze(-1)):
        missed = (1 - hits(row) / n) ** n
        values.append((missed < 1).sum().item())
        errors.append((missed * (1 - missed)).sum().sqrt().item())
    true = assigned_modes(truth.sample(n, key.child("floor")), truth, share=share, within=within, key=key)
    return Estimate(shaped(values, x), shaped(errors, x), n=n, floor=(hits(true) > 0).sum().item())

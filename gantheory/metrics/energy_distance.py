"""The energy distance between samples and the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory import ops
from gantheory.estimate import Estimate
from gantheory.metrics.samples import metric_key, per_member, shaped, two_samples
from gantheory.random import Key


def energy_distance(samples: Any, truth: Any, *, n: int = 10_000, key: Key | None = None) -> Estimate:
    """Return the energy distance between each member's samples and the truth's, as a U-statistic.

    Equation: ``2 E|x - y| - E|x - x'| - E|y - y'|``, zero only for equal laws, in the units of the
    samples; unbiased, so it may fall below zero. The standard error is that of the first-order
    projection; the floor is the value of fresh true samples against the same true ones.

    ``samples`` and ``truth`` are points ``(n, d)``, ``(population, n, d)`` (samples only), or anything
    with ``sample(n, key)``. A truth given as points has no fresh ones: its floor is NaN.

    Reference: Szekely, Rizzo (2013).

    Example:
        >>> from gantheory import Key, Ring
        >>> distance = energy_distance(Ring(), Ring(), n=1000, key=Key(0))
        >>> bool(abs(distance.value) < 6 * distance.stderr + 0.01)
        True
    """
    key = metric_key(key, "energy_distance", samples, truth)
    x, y, fresh = two_samples(samples, truth, n, key)
    own = mean_distances(y, y, same=True)
    values = [_distance(member, y, own) for member in per_member(x)]
    floor = np.nan if fresh is y else _distance(fresh, y, own)[0]
    return Estimate(
        shaped([v for v, _ in values], x),
        shaped([s for _, s in values], x),
        n=x.shape[-2],
        floor=floor,
    )


def mean_distances(x: Tensor, y: Tensor, *, same: bool = False) -> Tensor:
    """Return ``(n,)``, each row's mean distance to the other sample, or to its own other points."""
    return ops.kernel_sum(x, y, kernel="energy").double() / (len(y) - 1 if same else len(y))


def _distance(x: Tensor, y: Tensor, yy: Tensor) -> tuple[float, float]:
    xy, yx, xx = mean_distances(x, y), mean_distances(y, x), mean_distances(x, x, same=True)
    value = 2 * xy.mean() - xx.mean() - yy.mean()
    variance = 4 * torch.var(xy - xx) / len(x) + 4 * torch.var(yx - yy) / len(y)
    return value.item(), variance.sqrt().item()

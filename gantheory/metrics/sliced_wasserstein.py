"""The sliced Wasserstein distance between samples and the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory.estimate import Estimate
from gantheory.metrics.samples import metric_key, per_member, shaped, two_samples
from gantheory.random import Key


def sliced_wasserstein(
    samples: Any, truth: Any, *, n: int = 10_000, directions: int = 64, key: Key | None = None
) -> Estimate:
    """Return the sliced Wasserstein-2 distance between each member's samples and the truth's.

    Equation: ``(mean over directions u of W2^2(u.x, u.y))^(1/2)``, in the units of the samples, where the
    one-dimensional distance couples sorted samples. The standard error comes from the Kantorovich
    potentials, for the directions drawn; the floor is the value of fresh true samples against the same
    true ones.

    ``samples`` and ``truth`` are points ``(n, d)``, ``(population, n, d)`` (samples only), or anything
    with ``sample(n, key)``; both must have equally many points.

    Reference: Bonneel, Rabin, Peyre, Pfister (2015); del Barrio, Gordaliza, Loubes (2019).

    Example:
        >>> from gantheory import Key, Ring
        >>> bool(sliced_wasserstein(Ring(), Ring(radius=2.0), n=2000, key=Key(0)).value > 0.5)
        True
    """
    if directions < 1:
        raise ValueError(f"directions must be at least 1, got {directions}")
    key = metric_key(key, "sliced_wasserstein", samples, truth)
    x, y, fresh = two_samples(samples, truth, n, key)
    if x.shape[-2] != len(y):
        raise ValueError(f"samples and truth must be equally many, got {x.shape[-2]} and {len(y)}")
    slices = key.child("directions").normal(directions, x.shape[-1], dtype=torch.float64)
    slices = (slices / slices.norm(dim=-1, keepdim=True)).T.to(y.device)
    projected = torch.sort(y.double() @ slices, dim=0)
    values = [_distance(member, slices, projected) for member in per_member(x)]
    floor = np.nan if fresh is y else _distance(fresh, slices, projected)[0]
    return Estimate(
        shaped([v for v, _ in values], x), shaped([s for _, s in values], x), n=len(y), floor=floor
    )


def _distance(x: Tensor, slices: Tensor, truth: tuple[Tensor, Tensor]) -> tuple[float, float]:
    xs, x_order = torch.sort(x.double() @ slices, dim=0)
    ys, y_order = truth
    squared = (xs - ys).square().mean()
    variance = _potential_variance(xs, ys, x_order) + _potential_variance(ys, xs, y_order)
    distance = squared.sqrt().item()
    return distance, 0.0 if distance == 0 else variance**0.5 / (2 * distance)


def _potential_variance(a: Tensor, b: Tensor, order: Tensor) -> float:
    """Return the variance of the squared distance that the sample ``a`` brings.

    The potential's slope at ``a_(i)`` is ``2 (a_(i) - b_(i))``; it is summed along every direction, put
    back in the order of the points, and averaged over directions for each point.
    """
    slope = a - b
    steps = (slope[1:] + slope[:-1]) * (a[1:] - a[:-1])
    potential = torch.cat((torch.zeros_like(a[:1]), steps.cumsum(0)))
    per_point = torch.zeros_like(a).scatter_(0, order, potential).mean(-1)
    return (per_point.var() / len(a)).item()

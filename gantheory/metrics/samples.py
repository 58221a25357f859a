"""What metrics measure: samples, or anything that can be sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory.random import Key


def metric_key(key: Key | None, name: str, *things: Any) -> Key:
    """Return the given key, or the one below the key of the first thing that has one (else ``Key(0)``)."""
    if key is not None:
        return key
    owners = (thing.key for thing in things if hasattr(thing, "key"))
    return next(owners, Key(0)).child("metric", name)


def samples_of(thing: Any, n: int, key: Key, *, name: str) -> Tensor:
    """Return samples ``(population, n, d)`` or ``(n, d)``: the points given, or ``n`` drawn ones."""
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n}")
    points = thing.sample(n, key) if hasattr(thing, "sample") else thing
    if isinstance(points, np.ndarray):
        points = torch.as_tensor(points)
    if not isinstance(points, Tensor) or points.dim() not in (2, 3) or 0 in points.shape:
        shape = tuple(points.shape) if isinstance(points, Tensor) else type(points).__name__
        raise ValueError(f"{name} must be samples (n, d) or (population, n, d), or have .sample; got {shape}")
    if points.shape[-2] < 2:
        raise ValueError(f"{name} must be at least 2 points, got {points.shape[-2]}")
    return points if points.is_floating_point() else points.to(torch.get_default_dtype())


def two_samples(samples: Any, truth: Any, n: int, key: Key) -> tuple[Tensor, Tensor, Tensor]:
    """Return what a two-sample metric needs: samples, true samples ``(m, d)``, and other true samples.

    The third tensor is for the floor: as many as there are samples, independent of the second; it is half
    of the points where the truth is given as points.
    """
    x = samples_of(samples, n, key.child("samples"), name="samples")
    y = samples_of(truth, n, key.child("truth"), name="truth").to(x.dtype)
    if y.dim() != 2:
        raise ValueError(f"truth must be samples (n, d), got {tuple(y.shape)}")
    if y.shape[-1] != x.shape[-1]:
        raise ValueError(f"samples have {x.shape[-1]} dimensions, the truth {y.shape[-1]}")
    if hasattr(truth, "sample"):
        return x, y, truth.sample(x.shape[-2], key.child("floor")).to(x.dtype)
    return x, y, y


def per_member(x: Tensor) -> list[Tensor]:
    """Return the members' samples, one ``(n, d)`` each."""
    return list(x) if x.dim() == 3 else [x]


def shaped(values: list[float], x: Tensor) -> np.ndarray:
    """Return one number a member, or a scalar for samples without a population."""
    return np.array(values) if x.dim() == 3 else np.array(values[0])

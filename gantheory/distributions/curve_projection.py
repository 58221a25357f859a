"""The nearest point on parametrised curves."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


GRID = 1024
"""Points along every curve among which local minima of the distance are looked for."""

STARTS = 6
"""The nearest local minima that are refined: a far one cannot become the nearest."""

ROWS = 2048
"""Points worked on at once, for the memory's sake."""


def nearest_on_curves(place: Callable[[Tensor, Tensor], Tensor], curves: int, x: Tensor) -> Tensor:
    """Return the nearest points (..., n, d) of the curves ``place(number, s)``, 0 <= s <= 1, to points x.

    Minima of the distance on a grid of s are refined by ternary search, in float64, so that the distance is
    exact to rounding where the curves bend little within a GRID-th of their length.
    """
    flat = x.detach().reshape(-1, x.shape[-1]).double()
    rows = [_nearest(place, curves, part) for part in flat.split(ROWS)]
    return torch.cat(rows).to(x.dtype).reshape(x.shape) if rows else x.clone()


def _nearest(place: Callable[[Tensor, Tensor], Tensor], curves: int, x: Tensor) -> Tensor:
    s = torch.linspace(0, 1, GRID + 1, dtype=x.dtype, device=x.device)
    number = torch.arange(curves, device=x.device).repeat_interleave(len(s))
    every = torch.cdist(x, place(number, s.repeat(curves)), compute_mode="donot_use_mm_for_euclid_dist")
    every = every.unflatten(-1, (curves, -1))
    around = torch.nn.functional.pad(every, (1, 1), value=torch.inf)
    lowest = (every <= around[..., :-2]) & (every <= around[..., 2:])
    start = every.where(lowest, torch.inf).flatten(-2).topk(STARTS, dim=-1, largest=False).indices
    curve, at = start // len(s), s[start % len(s)]
    low, high = (at - 1 / GRID).clamp(min=0), (at + 1 / GRID).clamp(max=1)
    for _ in range(80):
        third = (high - low) / 3
        left, right = low + third, high - third
        closer = _distance(place, curve, left, x) < _distance(place, curve, right, x)
        low, high = torch.where(closer, low, left), torch.where(closer, right, high)
    # an end of the curve is met exactly
    middle = (low + high) / 2
    candidates = torch.stack((middle, low, high), dim=-1)
    points = place(curve.unsqueeze(-1), candidates).flatten(1, 2)
    best = (points - x.unsqueeze(1)).norm(dim=-1).argmin(-1)
    return points[torch.arange(len(x), device=x.device), best]


def _distance(place: Callable[[Tensor, Tensor], Tensor], curve: Tensor, s: Tensor, x: Tensor) -> Tensor:
    return (place(curve, s) - x.unsqueeze(1)).square().sum(-1)

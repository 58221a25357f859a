"""The nearest point of a set that one parameter sweeps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


_STEPS = 48  # halvings of a bracket: below rounding in float64


def nearest_parameter(
    distance: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    x: Tensor,
    start: float,
    stop: float,
    *,
    cells: int,
    candidates: int = 4,
) -> Tensor:
    """Return the t (n, 1) in [start, stop] that are nearest to points x (n, d).

    ``distance(x, t)``, of x (n, 1, d) and t (n or 1, k), gives the squared distance (n, k) and something of
    the sign of its derivative. The best local minima of a grid, so fine that no cell holds two, are each
    brought to a zero of the derivative, or to an end, by halving: a minimum of the square alone would be known to
    half the digits.
    """
    ticks = torch.linspace(start, stop, cells + 1, dtype=x.dtype, device=x.device)
    pieces = [
        _nearest(distance, part, ticks, candidates) for part in x.unsqueeze(-2).split(4_000_000 // cells)
    ]
    return torch.cat(pieces)


def _nearest(distance: Callable, x: Tensor, ticks: Tensor, candidates: int) -> Tensor:
    grid = distance(x, ticks[None])[0]
    beside = torch.nn.functional.pad(grid, (1, 1), value=torch.inf)
    lowest = grid.where((grid <= beside[:, :-2]) & (grid <= beside[:, 2:]), torch.inf)
    at = lowest.topk(candidates, dim=-1, largest=False).indices
    low, middle, high = ticks[(at - 1).clamp(min=0)], ticks[at], ticks[(at + 1).clamp(max=len(ticks) - 1)]
    for _ in range(_STEPS):
        rising = distance(x, middle)[1] > 0
        low, high = torch.where(rising, low, middle), torch.where(rising, middle, high)
        middle = (low + high) / 2
    return middle.gather(-1, distance(x, middle)[0].argmin(-1, keepdim=True))

"""The nearest member of a family of pictures, by optimisation over its parameters."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gantheory.random import Key


Draw = Callable[[Tensor], Tensor]

TABLE = 8192
"""Members among which the starts of the optimisation are looked for."""

STARTS, STEPS = 20, 50
"""The starts a picture gets, nearest first, until one fits it; and the steps from each."""

PIXELS = 1 << 19
"""Pixels worked on at once, for the memory's sake."""

NEAR = 1e-7
"""The step of the Jacobian's differences, in radians."""


def nearest_picture(draw: Draw, low: Tensor, high: Tensor, x: Tensor, *, endless: bool) -> Tensor:
    """Return the nearest pictures (..., n, d) ``draw(p)`` to points x, for parameters p between low and high.

    Levenberg and Marquardt's steps, with parameters held where they press against an end of their range, from the
    nearest of a table of members. The first parameter has no ends if it is `endless`. What is found is a
    local minimum, in practice the least.
    """
    flat = x.detach().reshape(-1, x.shape[-1]).double()
    u = Key(0).child("nearest picture").uniform(TABLE, len(low), dtype=torch.float64, device=x.device)
    table = low + (high - low) * u
    rows = max(1, PIXELS // x.shape[-1])
    known = torch.cat([draw(part) for part in table.split(rows)])
    free = torch.zeros_like(low)
    free[0] = torch.inf if endless else 0.0
    ends = low - free, high + free
    found = [_nearest(draw, ends, table, known, part) for part in flat.split(rows)]
    return torch.cat(found).to(x.dtype).reshape(x.shape) if len(flat) else x.clone()


def _nearest(draw: Draw, ends: tuple[Tensor, Tensor], table: Tensor, known: Tensor, x: Tensor) -> Tensor:
    starts = torch.cdist(x, known).topk(STARTS, dim=-1, largest=False).indices
    best = known[starts[:, 0]]
    for k in range(STARTS):
        loss = (best - x).square().sum(-1)
        left = (loss > 1e-20).nonzero().squeeze(-1)
        if not len(left):
            break
        found = draw(_descend(draw, ends, table[starts[left, k]], x[left]))
        nearer = (found - x[left]).square().sum(-1) < loss[left]
        best[left[nearer]] = found[nearer]
    return best


def _descend(draw: Draw, ends: tuple[Tensor, Tensor], p: Tensor, x: Tensor) -> Tensor:
    """Return the parameters after the steps, of which a row takes no more once it fits or cannot get nearer."""
    p = p.clone()
    damping = p.new_full((len(p),), 1e-3)
    residual = draw(p) - x
    alive = torch.arange(len(p), device=p.device)
    for _ in range(STEPS):
        trial, fit = _step(draw, ends, p[alive], x[alive], residual[alive], damping[alive])
        before, after = residual[alive].square().sum(-1), fit.square().sum(-1)
        better = after < before
        p[alive[better]], residual[alive[better]] = trial[better], fit[better]
        damping[alive] = torch.where(better, damping[alive] / 5, damping[alive] * 4).clamp(min=1e-12)
        done = (after < 1e-22) | (damping[alive] > 1e4) | (better & (before - after < 1e-13 * before))
        alive = alive[~done]
        if not len(alive):
            break
    return p


def _step(
    draw: Draw, ends: tuple[Tensor, Tensor], p: Tensor, x: Tensor, residual: Tensor, damping: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the next parameters and their residual, with parameters held that press against an end."""
    one = torch.eye(p.shape[-1], dtype=p.dtype, device=p.device)
    moved = draw(p.unsqueeze(-2) + NEAR * one)  # one call for all columns, whose error of NEAR costs no step
    jacobian = ((moved - (residual + x).unsqueeze(-2)) / NEAR).mT
    slope = (jacobian.mT @ residual.unsqueeze(-1)).squeeze(-1)
    held = ((p <= ends[0]) & (slope > 0)) | ((p >= ends[1]) & (slope < 0))
    slope, jacobian = slope.masked_fill(held, 0), jacobian.masked_fill(held.unsqueeze(-2), 0)
    trial = p - torch.linalg.solve(jacobian.mT @ jacobian + damping[:, None, None] * one, slope)
    trial = torch.clamp(trial, *ends)
    return trial, draw(trial) - x

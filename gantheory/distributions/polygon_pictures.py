"""Pictures of polygons with exact shares of pixels."""

from __future__ import annotations

import torch
from torch import Tensor


def pictures(corners: Tensor, size: int) -> Tensor:
    """Return the share of every pixel outside a polygon, (..., size^2), for corners (..., K, 2) in order.

    Pixel (i, j) is ``[i, i + 1] x [j, j + 1]``. The share inside is the sum over the edges of the signed area that
    an edge leaves on one side of it in the pixel, an integral of a clamped linear function: exact, and
    differentiable but where an edge passes through a pixel's corner along the grid.
    """
    ends = corners.roll(-1, dims=-2)
    tick = torch.arange(size, dtype=corners.dtype, device=corners.device)
    (a, b), (c, d) = corners.unbind(-1), ends.unbind(-1)
    # the part of the edge inside every row of pixels: (..., K, 1, size)
    row_start, row_end = (torch.clamp(v.unsqueeze(-1), tick, tick + 1).unsqueeze(-2) for v in (b, d))
    rise = d - b
    level = rise.abs() < 1e-12
    slope = ((c - a) / torch.where(level, 1.0, rise)).unsqueeze(-1).unsqueeze(-1)
    at = a.unsqueeze(-1).unsqueeze(-1)
    from_row = b.unsqueeze(-1).unsqueeze(-1)
    column = (tick + 1).unsqueeze(-1)
    t_start = column - at - slope * (row_start - from_row)
    t_end = column - at - slope * (row_end - from_row)
    gain = t_end - t_start
    flat = gain.abs() < 1e-7
    mean = torch.where(
        flat,
        ((t_start + t_end) / 2).clamp(0, 1),
        (_ramp(t_end) - _ramp(t_start)) / torch.where(flat, 1.0, gain),
    )
    area = (mean * (row_end - row_start)).masked_fill(level.unsqueeze(-1).unsqueeze(-1), 0).sum(-3)
    return (1 - area.flatten(-2).abs()).clamp(0, 1)


def _ramp(t: Tensor) -> Tensor:
    """Return the integral of ``clamp(t, 0, 1)``."""
    inner = t.clamp(0, 1)
    return inner.square() / 2 + (t - 1).clamp(min=0)

"""Unit vectors, with one chosen where there is none."""

from __future__ import annotations

import torch
from torch import Tensor


def unit(x: Tensor) -> Tensor:
    """Return ``x / |x|`` along the last axis, and the first axis' direction where x is 0."""
    length = x.norm(dim=-1, keepdim=True)
    first = torch.zeros_like(x)
    first[..., 0] = 1
    return torch.where(length > 0, x / length.where(length > 0, 1), first)


def circle(angle: Tensor) -> Tensor:
    """Return ``(cos, sin)`` of angles (...), as (..., 2)."""
    return torch.stack((angle.cos(), angle.sin()), dim=-1)

"""The check of points that densities share."""

from __future__ import annotations

from torch import Tensor

from gantheory.shapes import dims


def check_points(x: Tensor, dim: int) -> Tensor:
    """Return points (..., n, dim) of floating-point numbers as they are, or raise `ValueError`."""
    if not isinstance(x, Tensor):
        raise ValueError(f"x must be a tensor, got a {type(x).__name__}: convert it with torch.as_tensor(x)")
    dims(x, f"... n {dim}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floating-point numbers, but is {x.dtype}: convert it with .double()")
    return x

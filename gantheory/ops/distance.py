"""Distances between all pairs of two sets of points."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.pairs import KERNELS, check_points, differences, pull, safe_root, sizes


def pairwise_distance(x: Tensor, y: Tensor, *, squared: bool = False) -> Tensor:
    """Return the distance of every point of x to every point of y.

    ``D_ij = |x_i - y_j|``, or its square. Computed by differences, not by expanding the square: near
    points far from the origin keep their distance, and a point's distance to itself is exactly 0. The
    gradient at distance 0 is 0. Bits do not depend on the number of threads.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, float32 or float64, d >= 1, leading axes broadcast;
    result ``(..., n, m)``, in [0, inf). Squares must neither overflow nor underflow (distances between
    1e-19 and 1e19 in float32). Raises `ValueError` for shapes or dtypes that do not fit.

    Reference: the register layout (x broadcast, y transposed) follows Douze et al. (2024), faiss.

    Example:
        >>> x = torch.tensor([[512695.0]])
        >>> pairwise_distance(x, torch.tensor([[512804.0], [512695.0]]))
        tensor([[109.,   0.]])
    """
    x, y = check_points(x, y)
    if not native.runs(x):
        return pairwise_distance_reference(x, y, squared=squared)
    return _distance(x, y, KERNELS["squared" if squared else "energy"])


def pairwise_distance_reference(x: Tensor, y: Tensor, *, squared: bool = False) -> Tensor:
    """Return the same as `pairwise_distance` by plain torch, holding all n m d differences."""
    square = differences(x, y).square().sum(-1)
    return square if squared else safe_root(square)


def _kernel(x: Tensor, y: Tensor, kernel: int) -> Tensor:
    x, y = x.contiguous(), y.contiguous()
    out = x.new_empty(*x.shape[:-1], y.shape[-2])
    native.library.pairwise_values(
        x.dtype == torch.float64,
        x.data_ptr(),
        y.data_ptr(),
        sizes(x, y),
        kernel,
        out.data_ptr(),
        native.threads(),
    )
    return out


def _fake(x: Tensor, y: Tensor, kernel: int) -> Tensor:
    return x.new_empty(*x.shape[:-1], y.shape[-2])


def _pullback(gradients, inputs, indices, wanted):
    (x, y, kernel), (g,) = inputs, gradients
    gx = pull(x, y, g, kernel) if wanted[0] else None
    gy = pull(y, x, g.mT, kernel) if wanted[1] else None
    return gx, gy


_distance = define_op(
    "pairwise_distance(Tensor x, Tensor y, int kernel) -> Tensor", _kernel, _fake, _pullback
)

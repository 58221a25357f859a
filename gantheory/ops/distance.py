"""Distances between all pairs of two sets of points."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.kernels import CHEBYSHEV, KERNELS, MANHATTAN, safe_root
from gantheory.ops.pairs import call, check_points, check_precision, differences, pull
from gantheory.room import check_room


def pairwise_distance(
    x: Tensor,
    y: Tensor,
    *,
    p: float = 2,
    squared: bool = False,
    cosine: bool = False,
    precision: str = "full",
) -> Tensor:
    """Return the distance of every point of x to every point of y.

    ``D_ij = |x_i - y_j|_p``; with ``squared`` its square (p = 2 only); with ``cosine``
    ``1 - x_i . y_j / (|x_i| |y_j|)`` instead, where a zero point is at distance 1 from all. Computed by
    differences, not by expanding the square: near points far from the origin keep their distance, and a
    point's distance to itself is exactly 0 (cosine: to rounding). The gradient at distance 0 is 0. Bits do
    not depend on the number of threads. ``precision="tf32"`` lets squared distances (p = 2) of float32
    points be off by 2^-8 of themselves, usually far less; a point's distance to itself stays 0. It is for
    CUDA, from 16 dimensions on, where it spares two products of three; elsewhere, and in gradients, it
    changes nothing.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, float32 or float64, d >= 1, leading axes broadcast;
    result ``(..., n, m)``, in [0, inf). p is 1, 2 or infinity; for p = 2, squares must neither overflow
    nor underflow (distances between 1e-19 and 1e19 in float32). Raises `ValueError` for shapes, dtypes or
    options that do not fit.

    Reference: the register layout (x broadcast, y transposed) follows Douze et al. (2024), faiss.

    Example:
        >>> x = torch.tensor([[512695.0]])
        >>> pairwise_distance(x, torch.tensor([[512804.0], [512695.0]]))
        tensor([[109.,   0.]])
        >>> pairwise_distance(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2), p=1)
        tensor([[7.]])
    """
    kernel = _check_options(p, squared, cosine)
    x, y = check_points(x, y)
    fast = check_precision(precision, x)
    operation = _distance if native.runs(x) else _reference
    return _cosine(x, y, operation, fast) if cosine else operation(x, y, kernel, fast)


def pairwise_distance_reference(
    x: Tensor, y: Tensor, *, p: float = 2, squared: bool = False, cosine: bool = False
) -> Tensor:
    """Return the same as `pairwise_distance` by plain torch, holding all n m d differences."""
    kernel = _check_options(p, squared, cosine)
    return _cosine(x, y, _reference) if cosine else _reference(x, y, kernel)


def _check_options(p: float, squared: bool, cosine: bool) -> int:
    if p not in (1, 2, math.inf):
        raise ValueError(f"p must be 1, 2 or infinity, not {p!r}")
    if (p != 2 and (squared or cosine)) or (squared and cosine):
        raise ValueError("squared and cosine exclude each other and every p but 2")
    if p != 2:
        return MANHATTAN if p == 1 else CHEBYSHEV
    return KERNELS["squared" if squared else "energy"]


def _cosine(x: Tensor, y: Tensor, operation, fast: bool = False) -> Tensor:
    """1 - x.y of unit vectors is half the square of their difference, which does not cancel."""
    (x, has_x), (y, has_y) = _unit(x), _unit(y)
    missing = 1 - (has_x[..., :, None] + has_y[..., None, :]) / 2
    return operation(x, y, KERNELS["squared"], fast) / 2 + missing


def _unit(x: Tensor) -> tuple[Tensor, Tensor]:
    norm = safe_root(x.square().sum(-1, keepdim=True))
    return x / torch.where(norm == 0, 1, norm), (norm[..., 0] != 0).to(x.dtype)


def _reference(x: Tensor, y: Tensor, kernel: int, fast: bool = False) -> Tensor:
    difference = differences(x, y)
    if kernel == MANHATTAN:
        return difference.abs().sum(-1)
    if kernel == CHEBYSHEV:
        return difference.abs().amax(-1)
    square = difference.square().sum(-1)
    return square if kernel == KERNELS["squared"] else safe_root(square)


def _pull_by_dimension(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    """The gradient in x of |x - y|_p for p of 1 or infinity (shared by equals), a dimension at a time."""
    if kernel == CHEBYSHEV:
        largest = (
            _reference(x, y, kernel) if torch.compiler.is_compiling() else _distance(x, y, kernel, False)
        )
        sizes = [(x[..., :, None, k] - y[..., None, :, k]).abs() for k in range(x.shape[-1])]
        weights = weights / sum((s == largest).to(x.dtype) for s in sizes)
    pulled = []
    for k in range(x.shape[-1]):
        difference = x[..., :, None, k] - y[..., None, :, k]
        force = weights * difference.sign()
        if kernel == CHEBYSHEV:
            force = torch.where(difference.abs() == largest, force, 0)
        pulled.append(force.sum(-1))
    return torch.stack(pulled, dim=-1)


def _kernel(x: Tensor, y: Tensor, kernel: int, fast: bool) -> Tensor:
    x, y = x.contiguous(), y.contiguous()
    matrix = x.numel() // max(1, x.shape[-1]) * y.shape[-2] * x.element_size()
    if x.device.type == "cpu":
        check_room(
            matrix, "the matrix of distances", "take fewer points, or an operation that needs no matrix"
        )
    out = _fake(x, y, kernel, fast)
    native.library.pairwise_values(call(x, y, kernel, fast=fast), out.data_ptr())
    return out


def _fake(x: Tensor, y: Tensor, kernel: int, fast: bool) -> Tensor:
    return x.new_empty(*x.shape[:-1], y.shape[-2])


def _pullback(gradients, inputs, indices, wanted):
    (x, y, kernel, _), (g,) = inputs, gradients
    back = _pull_by_dimension if kernel in (MANHATTAN, CHEBYSHEV) else pull
    gx = back(x, y, g, kernel) if wanted[0] else None
    gy = back(y, x, g.mT, kernel) if wanted[1] else None
    return gx, gy


_distance = define_op(
    "pairwise_distance(Tensor x, Tensor y, int kernel, bool fast) -> Tensor", _kernel, _fake, _pullback
)

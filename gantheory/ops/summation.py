"""Sums of kernels over one of two sets of points, without the matrix between them."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.ops.kernels import Bandwidth, check_kernel, kernel_values
from gantheory.ops.pairs import (
    call,
    check_points,
    check_precision,
    pull_of_sum,
    squares,
    with_per_point,
)


def kernel_sum(
    x: Tensor,
    y: Tensor,
    *,
    kernel: str = "energy",
    bandwidth: Bandwidth = None,
    weights: Tensor | None = None,
    precision: str = "full",
) -> Tensor:
    """Return for every point of x the weighted sum of a kernel over the points of y.

    ``S_i = sum_j w_j k(x_i, y_j)``, with r = |x - y| and the bandwidth h

    - ``"energy"``: r (the distance itself, not its negative), ``"squared"``: r^2,
    - ``"gaussian"``: exp(-r^2 / (2 h^2)), ``"laplace"``: exp(-r / h),
    - ``"rational_quadratic"``: 1 / (1 + r^2 / (2 h^2)).

    Several bandwidths share one pass and give the result an axis. Memory O((n + m) d), also in the
    gradient; the second gradient holds n m d numbers. Long sums run in float64. The gradient at distance 0
    is 0. Bits do not depend on the number of threads. ``precision`` is that of `pairwise_distance`.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, weights ``(..., m)`` (ones by default), float32 or
    float64, leading axes broadcast; result ``(..., n)``, or ``(..., bandwidths, n)`` for a sequence of
    bandwidths. Raises `ValueError` for shapes or dtypes that do not fit, a kernel of another name, or a
    bandwidth that is missing, superfluous or not positive.

    Reference: Gretton, Borgwardt, Rasch, Schoelkopf, Smola (2012); Szekely and Rizzo (2013): the maximum
    mean discrepancy and the energy distance are made of such sums.

    Example:
        >>> x, y = torch.zeros(1, 2), torch.tensor([[3.0, 4.0], [0.0, 1.0]])
        >>> kernel_sum(x, y), kernel_sum(x, y, weights=torch.tensor([0.5, 0.5]))
        (tensor([6.]), tensor([3.]))
        >>> kernel_sum(x, y, kernel="rational_quadratic", bandwidth=(0.5**0.5, 5.0))
        tensor([[0.5385],
                [1.6471]])
    """
    number, bandwidths = check_kernel(kernel, bandwidth)
    x, y = check_points(x, y)
    weights = y.new_ones(y.shape[:-1]) if weights is None else weights
    x, y, w = with_per_point(x, y, weights, "weights")
    operation = weighted_sums if native.runs(x) else _sum_reference
    sums = operation(x, y, w[..., None, :], number, bandwidths, check_precision(precision, x))
    return sums if isinstance(bandwidth, (list, tuple)) else sums[..., 0, :]


def kernel_sum_reference(
    x: Tensor,
    y: Tensor,
    *,
    kernel: str = "energy",
    bandwidth: Bandwidth = None,
    weights: Tensor | None = None,
) -> Tensor:
    """Return the same as `kernel_sum` by plain torch, holding all n m d differences."""
    number, bandwidths = check_kernel(kernel, bandwidth)
    weights = y.new_ones(y.shape[-2]) if weights is None else weights
    sums = _sum_reference(x, y, weights[..., None, :], number, bandwidths)
    return sums if isinstance(bandwidth, (list, tuple)) else sums[..., 0, :]


def _sum_reference(
    x: Tensor, y: Tensor, weights: Tensor, kernel: int, bandwidths: list[float], fast: bool = False
) -> Tensor:
    square = squares(x, y)
    rows = weights.shape[-2]
    values = (
        kernel_values(square, kernel, h) * weights[..., min(s, rows - 1), None, :]
        for s, h in enumerate(bandwidths)
    )
    return torch.stack([v.sum(-1) for v in values], dim=-2)


def _kernel(
    x: Tensor, y: Tensor, weights: Tensor, kernel: int, bandwidths: list[float], fast: bool
) -> Tensor:
    x, y, weights = x.contiguous(), y.contiguous(), weights.contiguous()
    out = _fake(x, y, weights, kernel, bandwidths, fast)
    pairs = call(x, y, kernel, fast=fast)
    native.library.pairwise_sum(
        pairs, False, bandwidths, weights.data_ptr(), weights.shape[-2], out.data_ptr()
    )
    return out


def _fake(x: Tensor, y: Tensor, weights: Tensor, kernel: int, bandwidths: list[float], fast: bool) -> Tensor:
    return x.new_empty(*x.shape[:-2], len(bandwidths), x.shape[-2])


def _pullback(gradients, inputs, indices, wanted):
    (x, y, w, kernel, bandwidths, _), (g,) = inputs, gradients
    gx = pull_of_sum(x, y, g, w, kernel, bandwidths) if wanted[0] else None
    gy = pull_of_sum(y, x, w, g, kernel, bandwidths) if wanted[1] else None
    gw = None
    if wanted[2]:
        gw = gradient_sums(y, x, g, kernel, bandwidths, False)
        gw = gw.sum(-2, keepdim=True) if w.shape[-2] == 1 else gw
    return gx, gy, gw


# weighted_sums(x, y, weights, kernel, bandwidths, fast)_si = sum_j weights_sj k_s(x_i, y_j), with weights
# (..., scales or 1, m): (..., scales, n)
weighted_sums = define_op(
    "kernel_sum(Tensor x, Tensor y, Tensor weights, int kernel, float[] bandwidths, bool fast) -> Tensor",
    _kernel,
    _fake,
    _pullback,
)
gradient_sums = gradient_op(weighted_sums, _sum_reference)

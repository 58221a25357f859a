"""Means of a kernel over all pairs: what the maximum mean discrepancy is made of."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.kernels import Bandwidth, check_kernel, kernel_values, value_at_zero
from gantheory.ops.pairs import (
    call,
    check_points,
    check_precision,
    pull_of_sum,
    squares,
    with_per_point,
)
from gantheory.ops.summation import gradient_sums, weighted_sums


def kernel_mean(
    x: Tensor,
    y: Tensor | None = None,
    *,
    kernel: str = "energy",
    bandwidth: Bandwidth = None,
    weights: Tensor | None = None,
    other_weights: Tensor | None = None,
    unbiased: bool = False,
    precision: str = "full",
) -> Tensor:
    """Return the weighted mean of a kernel over all pairs of points of x and y, or of x with itself.

    ``sum_ij w_i v_j k(x_i, y_j) / sum_ij w_i v_j``. Without y, every pair of x is visited once: the
    V-statistic over all i and j, or with ``unbiased`` the U-statistic over i != j (NaN for one point).
    ``mean(x) + mean(y) - 2 mean(x, y)`` is the squared maximum mean discrepancy of a Gaussian, Laplace or
    rational quadratic kernel, and minus the energy distance for ``"energy"``; the kernels are those of
    `kernel_sum`, ``precision`` is that of `pairwise_distance`. Memory O((n + m) d), also in the gradient.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, weights ``(..., n)``, other_weights ``(..., m)`` (ones by
    default), float32 or float64, leading axes broadcast; result ``(...)``, or ``(..., bandwidths)``.
    Raises `ValueError` as `kernel_sum` does, and for ``unbiased`` or ``other_weights`` that do not fit y.

    Reference: Gretton, Borgwardt, Rasch, Schoelkopf, Smola (2012).

    Example:
        >>> x = torch.tensor([[0.0], [1.0], [3.0]])
        >>> kernel_mean(x, unbiased=True), kernel_mean(x, x[:1])
        (tensor(2.), tensor(1.3333))
    """
    number, bandwidths = check_kernel(kernel, bandwidth)
    if (y is None) == (other_weights is not None) and y is None:
        raise ValueError("other_weights belong to y, which is missing")
    if y is not None and unbiased:
        raise ValueError("unbiased leaves out the pairs of a point with itself: it fits no second set y")
    if y is None:
        mean = _own_mean(x, weights, number, bandwidths, unbiased, precision)
    else:
        mean = _mean(x, y, weights, other_weights, number, bandwidths, precision)
    return mean if isinstance(bandwidth, (list, tuple)) else mean[..., 0]


def kernel_mean_reference(
    x: Tensor,
    y: Tensor | None = None,
    *,
    kernel: str = "energy",
    bandwidth: Bandwidth = None,
    weights: Tensor | None = None,
    other_weights: Tensor | None = None,
    unbiased: bool = False,
) -> Tensor:
    """Return the same as `kernel_mean` by plain torch, holding all n m d differences."""
    number, bandwidths = check_kernel(kernel, bandwidth)
    w = x.new_ones(x.shape[-2]) if weights is None else weights
    v = w if y is None else y.new_ones(y.shape[-2]) if other_weights is None else other_weights
    products = w[..., :, None] * v[..., None, :]
    if unbiased:
        products = products * (1 - torch.eye(x.shape[-2], dtype=x.dtype, device=x.device))
    square = squares(x, x if y is None else y)
    means = [
        (kernel_values(square, number, h) * products).sum((-2, -1)) / products.sum((-2, -1))
        for h in bandwidths
    ]
    return torch.stack(means, -1) if isinstance(bandwidth, (list, tuple)) else means[0]


def _mean(x, y, weights, other_weights, kernel: int, bandwidths: list[float], precision: str) -> Tensor:
    x, y = check_points(x, y)
    fast = check_precision(precision, x)
    v = y.new_ones(y.shape[:-1]) if other_weights is None else other_weights
    x, y, v = with_per_point(x, y, v, "other_weights")
    w = x.new_ones(x.shape[:-1]) if weights is None else weights
    y, x, w = with_per_point(y, x, w, "weights")
    v = v.expand(*y.shape[:-1])
    if not native.runs(x):
        return _mean_reference(x, y, w, v, kernel, bandwidths)
    sums = weighted_sums(x, y, v[..., None, :], kernel, bandwidths, fast)
    return (sums * w[..., None, :]).sum(-1) / (w.sum(-1) * v.sum(-1))[..., None]


def _mean_reference(x, y, w, v, kernel: int, bandwidths: list[float]) -> Tensor:
    square, products = squares(x, y), w[..., :, None] * v[..., None, :]
    values = [(kernel_values(square, kernel, h) * products).sum((-2, -1)) for h in bandwidths]
    return torch.stack(values, -1) / products.sum((-2, -1))[..., None]


def _own_mean(x, weights, kernel: int, bandwidths: list[float], unbiased: bool, precision: str) -> Tensor:
    x, _ = check_points(x, x)
    fast = check_precision(precision, x)
    w = x.new_ones(x.shape[:-1]) if weights is None else weights
    x, _, w = with_per_point(x, x, w, "weights")
    half = (_own_sum if native.runs(x) else _own_sum_reference)(x, w, kernel, bandwidths, fast)
    diagonal = w.square().sum(-1, keepdim=True)
    total = w.sum(-1, keepdim=True).square()
    if unbiased:
        return 2 * half / (total - diagonal)
    return (2 * half + value_at_zero(kernel) * diagonal) / total


def _own_sum_reference(
    x: Tensor, w: Tensor, kernel: int, bandwidths: list[float], fast: bool = False
) -> Tensor:
    products = (w[..., :, None] * w[..., None, :]).triu(1)
    square = squares(x, x)
    return torch.stack([(kernel_values(square, kernel, h) * products).sum((-2, -1)) for h in bandwidths], -1)


def _kernel(x: Tensor, weights: Tensor, kernel: int, bandwidths: list[float], fast: bool) -> Tensor:
    x, w = x.contiguous(), weights.contiguous()
    rows = x.new_empty(*x.shape[:-2], len(bandwidths), x.shape[-2])
    pairs = call(x, x, kernel, fast=fast)
    native.library.pairwise_sum(pairs, True, bandwidths, w.data_ptr(), 1, rows.data_ptr())
    return (rows.double() * w[..., None, :]).sum(-1).to(x.dtype)


def _fake(x: Tensor, weights: Tensor, kernel: int, bandwidths: list[float], fast: bool) -> Tensor:
    return x.new_empty(*x.shape[:-2], len(bandwidths))


def _pullback(gradients, inputs, indices, wanted):
    (x, w, kernel, bandwidths, _), (g,) = inputs, gradients
    gx = gw = None
    if wanted[0]:
        left = g[..., :, None] * w[..., None, :]
        gx = pull_of_sum(x, x, left, w[..., None, :], kernel, bandwidths)
    if wanted[1]:
        sums = gradient_sums(x, x, w[..., None, :], kernel, bandwidths, False)
        gw = (g[..., :, None] * (sums - value_at_zero(kernel) * w[..., None, :])).sum(-2)
    return gx, gw


# sum_{i < j} w_i w_j k_s(x_i, x_j): (..., scales)
_own_sum = define_op(
    "kernel_own_sum(Tensor x, Tensor weights, int kernel, float[] bandwidths, bool fast) -> Tensor",
    _kernel,
    _fake,
    _pullback,
)

"""Sums of a kernel over one of two sets of points, without the matrix between them."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.ops.pairs import KERNELS, broadcast, check_points, differences, pull, safe_root, sizes


def kernel_sum(x: Tensor, y: Tensor, *, kernel: str = "energy", weights: Tensor | None = None) -> Tensor:
    """Return for every point of x the weighted sum of a kernel over the points of y.

    ``S_i = sum_j w_j k(x_i, y_j)``, with ``k = |x - y|`` for ``"energy"`` (the distance itself, not its
    negative) and ``|x - y|^2`` for ``"squared"``. Memory O((n + m) d), also in the gradient; the second
    gradient holds n m d numbers. Long sums run in float64. The gradient of a zero distance is 0. Bits do
    not depend on the number of threads.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, weights ``(..., m)`` (ones by default), float32 or
    float64, leading axes broadcast; result ``(..., n)``. Raises `ValueError` for shapes or dtypes that
    do not fit, or a kernel of another name.

    Reference: Szekely and Rizzo (2013), for the energy distance that such sums make up.

    Example:
        >>> x, y = torch.zeros(1, 2), torch.tensor([[3.0, 4.0], [0.0, 1.0]])
        >>> kernel_sum(x, y), kernel_sum(x, y, weights=torch.tensor([0.5, 0.5]))
        (tensor([6.]), tensor([3.]))
    """
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {', '.join(KERNELS)}, not {kernel!r}")
    x, y = check_points(x, y)
    x, y, w = _with_weights(x, y, weights)
    if not native.runs(x):
        return kernel_sum_reference(x, y, kernel=kernel, weights=w)
    return _sum(x, y, w, KERNELS[kernel])


def kernel_sum_reference(
    x: Tensor, y: Tensor, *, kernel: str = "energy", weights: Tensor | None = None
) -> Tensor:
    """Return the same as `kernel_sum` by plain torch, holding all n m d differences."""
    weights = y.new_ones(y.shape[-2]) if weights is None else weights
    return _sum_reference(x, y, weights, KERNELS[kernel])


def _sum_reference(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    square = differences(x, y).square().sum(-1)
    values = square if kernel == KERNELS["squared"] else safe_root(square)
    return (values * weights[..., None, :]).sum(-1)


def _with_weights(x: Tensor, y: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    m = y.shape[-2]
    if weights is None:
        return x, y, y.new_ones(y.shape[:-1])
    if weights.shape[-1:] != (m,) or weights.dtype != y.dtype or weights.device != y.device:
        raise ValueError(
            f"weights must be (..., {m}), one for every point of y, in {y.dtype} on {y.device}, but are "
            f"{tuple(weights.shape)} in {weights.dtype} on {weights.device}"
        )
    if weights.shape[:-1] == x.shape[:-2]:
        return x, y, weights
    lead = broadcast(x.shape[:-2], weights.shape[:-1], "weights")
    return x.expand(*lead, *x.shape[-2:]), y.expand(*lead, *y.shape[-2:]), weights.expand(*lead, m)


def _kernel(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    x, y, weights = x.contiguous(), y.contiguous(), weights.contiguous()
    out = x.new_empty(x.shape[:-1])
    native.library.pairwise_sum(
        x.dtype == torch.float64,
        x.data_ptr(),
        y.data_ptr(),
        weights.data_ptr(),
        sizes(x, y),
        kernel,
        out.data_ptr(),
        native.threads(),
    )
    return out


def _fake(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    return x.new_empty(x.shape[:-1])


def _pullback(gradients, inputs, indices, wanted):
    (x, y, w, kernel), (g,) = inputs, gradients
    gx = g[..., None] * pull(x, y, w[..., None, :], kernel) if wanted[0] else None
    gy = w[..., None] * pull(y, x, g[..., None, :], kernel) if wanted[1] else None
    gw = _weight_gradient(y, x, g, kernel) if wanted[2] else None
    return gx, gy, gw


_sum = define_op(
    "kernel_sum(Tensor x, Tensor y, Tensor weights, int kernel) -> Tensor", _kernel, _fake, _pullback
)
_weight_gradient = gradient_op(_sum, _sum_reference)

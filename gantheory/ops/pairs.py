"""What the pairwise operations share: checks, kernels by name, and the pull, gradient of them all."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.shapes import dims


KERNELS = {"energy": 0, "squared": 1}  # the numbers are those of csrc/pairwise/interface.h


def check_points(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Check two sets of points of one space and broadcast their leading axes."""
    for name, points in (("x", x), ("y", y)):
        if points.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"{name} must be float32 or float64, but is {points.dtype}: convert it with .to")
    n, d = dims(x, "... n d", name="x")
    m, e = dims(y, "... m d", name="y")
    if d != e or d == 0:
        raise ValueError(f"x and y must hold points of one space, d >= 1, but x has d = {d} and y d = {e}")
    if x.dtype != y.dtype or x.device != y.device:
        raise ValueError(
            f"x and y must agree in dtype and device, but x is {x.dtype} on {x.device} and y is "
            f"{y.dtype} on {y.device}: convert one with .to()"
        )
    if x.shape[:-2] == y.shape[:-2]:
        return x, y
    lead = broadcast(x.shape[:-2], y.shape[:-2], "y")
    return x.expand(*lead, n, d), y.expand(*lead, m, d)


def broadcast(wanted: torch.Size, shape: torch.Size, name: str) -> torch.Size:
    """Broadcast leading axes, with the argument's name in the error."""
    try:
        return torch.broadcast_shapes(wanted, shape)
    except RuntimeError:
        raise ValueError(
            f"the leading axes of {name}, {tuple(shape)}, do not broadcast with those of x, {tuple(wanted)}"
        ) from None


def differences(x: Tensor, y: Tensor) -> Tensor:
    """All x_i - y_j, (..., n, m, d)."""
    return x[..., :, None, :] - y[..., None, :, :]


def safe_root(square: Tensor) -> Tensor:
    """The square root, with gradient 0 at 0."""
    zero = square == 0
    return torch.where(zero, 0, torch.where(zero, 1, square).sqrt())


def sizes(x: Tensor, y: Tensor) -> tuple[int, int, int, int]:
    """(batch, n, m, d) of contiguous points with equal leading axes."""
    return x.shape[:-2].numel(), x.shape[-2], y.shape[-2], x.shape[-1]


def pull_reference(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    """The pull by plain torch; see `pull`."""
    difference = differences(x, y)
    square = difference.square().sum(-1)
    if kernel == KERNELS["squared"]:
        slope = torch.full_like(square, 2)
    else:
        zero = square == 0
        slope = torch.where(zero, 0, torch.where(zero, 1, square).rsqrt())
    return ((weights * slope)[..., None] * difference).sum(-2)


def _kernel(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    x, y, weights = x.contiguous(), y.contiguous(), weights.contiguous()
    out = torch.empty_like(x)
    native.library.pairwise_pull(
        x.dtype == torch.float64,
        x.data_ptr(),
        y.data_ptr(),
        weights.data_ptr(),
        weights.shape[-2],
        sizes(x, y),
        kernel,
        out.data_ptr(),
        native.threads(),
    )
    return out


def _fake(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _pullback(gradients, inputs, indices, wanted):
    x, y, weights, kernel = inputs
    _, pull_back = torch.func.vjp(lambda x, y, w: pull_reference(x, y, w, kernel), x, y, weights)
    return pull_back(gradients[0])


# pull(x, y, weights, kernel)_i = sum_j weights_ij dk(x_i, y_j)/dx_i, with weights (..., n or 1, m):
# the gradient of every sum of kernels, without a matrix of differences. Its own gradient has one.
pull = gradient_op(
    define_op("pull(Tensor x, Tensor y, Tensor weights, int kernel) -> Tensor", _kernel, _fake, _pullback),
    pull_reference,
)

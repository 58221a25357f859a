"""What the pairwise operations share: checks, the native call, and the pulls, gradients of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.ops.kernels import kernel_slopes, safe_root as safe_root  # handed on
from gantheory.shapes import dims


_CHUNK = 2**22  # numbers that plain torch holds at a time in gradients


def check_points(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Check two sets of points of one space and broadcast their leading axes."""
    for name, points in (("x", x), ("y", y)):
        if points.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"{name} must be float32 or float64, but is {points.dtype}: convert it with .to")
    n, d = dims(x, "... n d", name="x")
    m, e = dims(y, "... m d", name="y")
    if d != e or d == 0:
        raise ValueError(f"x and y must hold points of one space, d >= 1, but x has d = {d} and y d = {e}")
    if max(n, m) >= 2**31:
        raise ValueError(f"x and y must hold fewer than 2^31 points, but hold {n} and {m}")
    if x.dtype != y.dtype or x.device != y.device:
        raise ValueError(
            f"x and y must agree in dtype and device, but x is {x.dtype} on {x.device} and y is "
            f"{y.dtype} on {y.device}: convert one with .to()"
        )
    if x.shape[:-2] == y.shape[:-2]:
        return x, y
    lead = broadcast(x.shape[:-2], y.shape[:-2], "y")
    return x.expand(*lead, n, d), y.expand(*lead, m, d)


def check_precision(precision: str, x: Tensor) -> bool:
    """Return whether fewer digits will do for points x."""
    if precision not in ("full", "tf32"):
        raise ValueError(f"precision must be 'full' or 'tf32', not {precision!r}")
    if precision == "tf32" and x.dtype != torch.float32:
        raise ValueError(f"precision='tf32' goes with float32 points, but these are {x.dtype}: leave it out")
    return precision == "tf32"


def broadcast(wanted: torch.Size, shape: torch.Size, name: str) -> torch.Size:
    """Broadcast leading axes, with the argument's name in the error."""
    try:
        return torch.broadcast_shapes(wanted, shape)
    except RuntimeError:
        raise ValueError(
            f"the leading axes of {name}, {tuple(shape)}, do not broadcast with those of x, {tuple(wanted)}"
        ) from None


def with_per_point(x: Tensor, y: Tensor, values: Tensor, name: str) -> tuple[Tensor, Tensor, Tensor]:
    """Check numbers (..., m), one for every point of y, and give all three the same leading axes."""
    m = y.shape[-2]
    if values.shape[-1:] != (m,) or values.dtype != y.dtype or values.device != y.device:
        raise ValueError(
            f"{name} must be (..., {m}), one for every point of y, in {y.dtype} on {y.device}, but are "
            f"{tuple(values.shape)} in {values.dtype} on {values.device}"
        )
    if values.shape[:-1] == x.shape[:-2]:
        return x, y, values
    lead = broadcast(x.shape[:-2], values.shape[:-1], name)
    return x.expand(*lead, *x.shape[-2:]), y.expand(*lead, *y.shape[-2:]), values.expand(*lead, m)


def differences(x: Tensor, y: Tensor) -> Tensor:
    """All x_i - y_j, (..., n, m, d)."""
    return x[..., :, None, :] - y[..., None, :, :]


def squares(x: Tensor, y: Tensor) -> Tensor:
    """All |x_i - y_j|^2 by plain torch."""
    return differences(x, y).square().sum(-1)


def call(x: Tensor, y: Tensor, kernel: int, *, fast: bool = False):
    """The native form of contiguous points with equal leading axes; it does not keep them alive."""
    sizes = (x.shape[:-2].numel(), x.shape[-2], y.shape[-2], x.shape[-1])
    addresses = x.data_ptr(), y.data_ptr()
    return native.library.Pairs(native.table(x), *addresses, sizes, kernel, native.threads(), fast)


def row_chunks(x: Tensor, y: Tensor, copies: int) -> Iterator[slice]:
    """Slices of x's points, so that `copies` numbers a pair stay below some million."""
    a_row = x.shape[:-2].numel() * y.shape[-2] * copies
    step = max(1, _CHUNK // max(1, a_row))
    yield from (slice(i, i + step) for i in range(0, x.shape[-2], step))


def pull_reference(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    """The pull by plain torch; see `pull`."""
    difference = differences(x, y)
    slope = kernel_slopes(difference.square().sum(-1), kernel, 1.0)
    return ((weights * slope)[..., None] * difference).sum(-2)


def pull_of_sum_reference(
    x: Tensor, y: Tensor, left: Tensor, right: Tensor, kernel: int, bandwidths: list[float]
) -> Tensor:
    """The pull of a sum by plain torch; see `pull_of_sum`."""
    difference = differences(x, y)
    square = difference.square().sum(-1)
    force = torch.zeros_like(square)
    for s, h in enumerate(bandwidths):
        a = left[..., min(s, left.shape[-2] - 1), :, None]
        b = right[..., min(s, right.shape[-2] - 1), None, :]
        force = force + a * b * kernel_slopes(square, kernel, h)
    return (force[..., None] * difference).sum(-2)


def _pull_kernel(x: Tensor, y: Tensor, weights: Tensor, kernel: int) -> Tensor:
    x, y, weights = x.contiguous(), y.contiguous(), weights.contiguous()
    out = torch.empty_like(x)
    native.library.pairwise_pull(call(x, y, kernel), weights.data_ptr(), out.data_ptr())
    return out


def _pull_of_sum_kernel(
    x: Tensor, y: Tensor, left: Tensor, right: Tensor, kernel: int, bandwidths: list[float]
) -> Tensor:
    x, y, left, right = x.contiguous(), y.contiguous(), left.contiguous(), right.contiguous()
    out = torch.empty_like(x)
    native.library.pairwise_pull_of_sum(
        call(x, y, kernel),
        bandwidths,
        left.data_ptr(),
        left.shape[-2],
        right.data_ptr(),
        right.shape[-2],
        out.data_ptr(),
    )
    return out


def _fake(x: Tensor, *_) -> Tensor:
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _by_reference(reference: Callable, tensors: int) -> Callable:
    def pullback(gradients, inputs, indices, wanted):
        constants = inputs[tensors:]
        pull_back = torch.func.vjp(lambda *t: reference(*t, *constants), *inputs[:tensors])[1]
        return pull_back(gradients[0])

    return pullback


# pull(x, y, weights, kernel)_i = sum_j weights_ij dk(x_i, y_j)/dx_i, with weights (..., n, m): the
# gradient of a matrix of kernels. Its own gradient has one.
pull = gradient_op(
    define_op(
        "pull(Tensor x, Tensor y, Tensor weights, int kernel) -> Tensor",
        _pull_kernel,
        _fake,
        _by_reference(pull_reference, 3),
    ),
    pull_reference,
)

# pull_of_sum(x, y, left, right, kernel, bandwidths)_i = sum_sj left_si right_sj dk_s(x_i, y_j)/dx_i, with
# left (..., scales or 1, n) and right (..., scales or 1, m): the gradient of every sum of kernels, without
# a matrix. Its own gradient has one.
pull_of_sum = gradient_op(
    define_op(
        "pull_of_sum(Tensor x, Tensor y, Tensor left, Tensor right, int kernel, float[] bandwidths) -> Tensor",
        _pull_of_sum_kernel,
        _fake,
        _by_reference(pull_of_sum_reference, 4),
    ),
    pull_of_sum_reference,
)

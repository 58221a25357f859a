"""Log-sum-exp and softmax averages over pairs, without the matrix: attention with a cost for a score."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.pairs import broadcast, call, check_points, check_precision, with_per_point
from gantheory.ops.soft_gradients import soft_pull, soft_reference
from gantheory.shapes import dims


_COSTS = {"euclidean": 0, "sqeuclidean": 1, "manhattan": 5}  # the numbers are the kernels'


def log_sum_exp(
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float = 1.0,
    cost: str = "sqeuclidean",
    bias: Tensor | None = None,
    precision: str = "full",
) -> Tensor:
    """Return for every point of x the logarithm of a sum of exponentials over the points of y.

    ``L_i = log sum_j exp(b_j - C(x_i, y_j) / epsilon)`` with C the squared distance, ``"euclidean"`` or
    ``"manhattan"``; a bias of minus infinity leaves a point out. Memory O((n + m) d), also in
    the first gradient, beside two blocks of a million weights; further ones hold the weights of all pairs.
    ``precision`` is that of `pairwise_distance`: with ``"tf32"`` an exponent is off by up to 2^-8 of
    C / epsilon.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, bias ``(..., m)`` (zeros by default), float32 or float64,
    leading axes broadcast; result ``(..., n)``, minus infinity where nothing is left. Raises `ValueError`
    for shapes or dtypes that do not fit, another cost, or an epsilon that is not positive.

    Reference: Milakov and Gimelshein (2018), Online normalizer calculation for softmax.

    Example:
        >>> log_sum_exp(torch.zeros(1, 1), torch.tensor([[0.0], [1.0], [2.0]]), epsilon=2.0)
        tensor([0.5550])
    """
    x, y, bias, rate = _prepare(x, y, epsilon, cost, bias)
    none, fast = y.new_empty(*y.shape[:-1], 0), check_precision(precision, x)
    if not native.runs(x):
        return soft_reference(x, y, bias, none, rate, _COSTS[cost])[0]
    return _soft(x, y, bias, none, rate, _COSTS[cost], fast)[0]


def softmax_average(
    x: Tensor,
    y: Tensor,
    values: Tensor,
    *,
    epsilon: float = 1.0,
    cost: str = "sqeuclidean",
    bias: Tensor | None = None,
    precision: str = "full",
) -> Tensor:
    """Return for every point of x the average of values under the softmax weights of the points of y.

    ``A_i = sum_j p_ij v_j`` with ``p_ij`` proportional to ``exp(b_j - C(x_i, y_j) / epsilon)`` and of sum
    1 over j; costs, bias, memory and precision are those of `log_sum_exp`. With values y and a dual potential as bias
    it is the barycentric map of an entropic transport plan.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, values ``(..., m, e)``, bias ``(..., m)``, float32 or
    float64, leading axes broadcast; result ``(..., n, e)``, NaN where no point is left. Raises
    `ValueError` as `log_sum_exp` does.

    Reference: Nadaraya (1964), Watson (1964); Vaswani et al. (2017).

    Example:
        >>> y = torch.tensor([[0.0], [1.0]])
        >>> softmax_average(torch.tensor([[0.5], [9.0]]), y, y)
        tensor([[0.5000],
                [1.0000]])
    """
    x, y, bias, rate = _prepare(x, y, epsilon, cost, bias)
    m, _ = dims(values, "... m e", name="values")
    if m != y.shape[-2] or values.dtype != y.dtype or values.device != y.device:
        raise ValueError(
            f"values must be (..., {y.shape[-2]}, e) in {y.dtype} on {y.device}, but are "
            f"{tuple(values.shape)} in {values.dtype} on {values.device}"
        )
    lead = broadcast(x.shape[:-2], values.shape[:-2], "values")
    x, y, values = (t.expand(*lead, *t.shape[-2:]) for t in (x, y, values))
    bias, fast = bias.expand(*lead, m), check_precision(precision, x)
    if not native.runs(x):
        return soft_reference(x, y, bias, values, rate, _COSTS[cost])[1]
    return _soft(x, y, bias, values, rate, _COSTS[cost], fast)[1]


def log_sum_exp_reference(
    x: Tensor, y: Tensor, *, epsilon: float = 1.0, cost: str = "sqeuclidean", bias: Tensor | None = None
) -> Tensor:
    """Return the same as `log_sum_exp` by plain torch, holding all n m d differences."""
    x, y, bias, rate = _prepare(x, y, epsilon, cost, bias)
    return soft_reference(x, y, bias, y, rate, _COSTS[cost])[0]


def softmax_average_reference(
    x: Tensor,
    y: Tensor,
    values: Tensor,
    *,
    epsilon: float = 1.0,
    cost: str = "sqeuclidean",
    bias: Tensor | None = None,
) -> Tensor:
    """Return the same as `softmax_average` by plain torch, holding all n m d differences."""
    x, y, bias, rate = _prepare(x, y, epsilon, cost, bias)
    return soft_reference(x, y, bias, values, rate, _COSTS[cost])[1]


def _prepare(x, y, epsilon: float, cost: str, bias: Tensor | None) -> tuple[Tensor, Tensor, Tensor, float]:
    if cost not in _COSTS:
        raise ValueError(f"cost must be one of {', '.join(_COSTS)}, not {cost!r}")
    if not 0 < epsilon < float("inf"):
        raise ValueError(f"epsilon must be positive and finite, got {epsilon}")
    x, y = check_points(x, y)
    bias = torch.zeros_like(y[..., 0]) if bias is None else bias
    x, y, bias = with_per_point(x, y, bias, "bias")
    return x, y, bias, 1 / epsilon


def _kernel(x: Tensor, y: Tensor, bias: Tensor, values: Tensor, rate: float, kernel: int, fast: bool):
    x, y, bias, values = x.contiguous(), y.contiguous(), bias.contiguous(), values.contiguous()
    logsum, average = _fake(x, y, bias, values, rate, kernel, fast)
    native.library.pairwise_soft(
        call(x, y, kernel, fast=fast),
        rate,
        bias.data_ptr(),
        values.data_ptr(),
        values.shape[-1],
        logsum.data_ptr(),
        average.data_ptr(),
    )
    return logsum, average


def _fake(x: Tensor, y: Tensor, bias: Tensor, values: Tensor, rate: float, kernel: int, fast: bool):
    return x.new_empty(x.shape[:-1]), x.new_empty(*x.shape[:-1], values.shape[-1])


def _pullback(gradients, inputs, indices, wanted):
    found = soft_pull(*inputs[:4], *gradients, *inputs[4:6], list(wanted))
    return tuple(f if w else None for f, w in zip(found, wanted))


_soft = define_op(
    "soft_reductions(Tensor x, Tensor y, Tensor bias, Tensor values, float rate, int kernel, bool fast) -> "
    "(Tensor, Tensor)",
    _kernel,
    _fake,
    _pullback,
)

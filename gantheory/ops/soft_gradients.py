"""Gradients of log-sum-exp and softmax averages, holding a block of rows of the weights at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.ops.distance import pairwise_distance_reference
from gantheory.ops.kernels import KERNELS, MANHATTAN
from gantheory.ops.pairs import call, pull, row_chunks


def soft_reference(x, y, bias, values, rate: float, kernel: int) -> tuple[Tensor, Tensor]:
    """Both reductions by plain torch, holding all n m d differences."""
    p = 1 if kernel == MANHATTAN else 2
    cost = pairwise_distance_reference(x, y, p=p, squared=kernel == KERNELS["squared"])
    logits = bias[..., None, :] - rate * cost
    return logits.logsumexp(-1), logits.softmax(-1) @ values


def soft_pull_reference(
    x, y, bias, values, g, h, rate: float, kernel: int, wanted: list[bool]
) -> tuple[Tensor, ...]:
    """All gradients by plain torch; see `soft_pull`."""
    found = [[], torch.zeros_like(y), torch.zeros_like(bias), torch.zeros_like(values)]
    for rows in row_chunks(x, y, x.shape[-1] + 4):
        pull_back = torch.func.vjp(
            lambda x, y, b, v: soft_reference(x, y, b, v, rate, kernel), x[..., rows, :], y, bias, values
        )
        gx, *others = pull_back[1]((g[..., rows], h[..., rows, :]))
        found[0].append(gx)
        found[1:] = [a + b for a, b in zip(found[1:], others)]
    return torch.cat(found[0], -2) if found[0] else torch.zeros_like(x), *found[1:]


def _kernel(x, y, bias, values, g, h, rate: float, kernel: int, wanted: list[bool]) -> tuple[Tensor, ...]:
    """With the logits z_ij = b_j - rate C(x_i, y_j) and P = softmax(z), the sums are
    ``sum_ij P_ij ((g_i + h_i . (v_j - A_i)) dz_ij + h_i . dv_j)``.

    Two blocks of memory serve all rows in turn: new ones every time would leave the heap in pieces.
    """
    x, y = x.contiguous(), y.contiguous()
    in_x, in_y, in_bias, in_values = found = tuple(t.new_zeros(t.shape) for t in (x, y, bias, values))
    none = (bias == -torch.inf).all(-1, keepdim=True)  # left over: a constant result
    bias, g, h = torch.where(none, 0, bias), torch.where(none, 0, g), torch.where(none[..., None], 0, h)
    memory: tuple[Tensor, ...] = ()
    for rows in row_chunks(x, y, 4):
        part, h_part = x[..., rows, :].contiguous(), h[..., rows, :]
        shape = torch.Size((*part.shape[:-1], y.shape[-2]))
        memory = memory or (x.new_empty(shape.numel()), x.new_empty(shape.numel()))
        z, weights = (block[: shape.numel()].view(shape) for block in memory)
        native.library.pairwise_values(call(part, y, kernel), z.data_ptr())
        torch.softmax(z.mul_(-rate).add_(bias[..., None, :]), -1, out=weights)
        if wanted[3]:
            in_values += weights.mT @ h_part
        if any(wanted[:3]):
            lift = g[..., rows] - (h_part * (weights @ values)).sum(-1)
            torch.matmul(h_part, values.mT, out=z).add_(lift[..., None]).mul_(weights)
            if wanted[2]:
                in_bias += z.sum(-2)
            if wanted[0] or wanted[1]:
                by_cost = _by_signs if kernel == MANHATTAN else _by_pulls
                by_cost(part, y, z.mul_(-rate), weights, kernel, in_x[..., rows, :], in_y, wanted)
    return found


def _by_pulls(x, y, force, spare, kernel: int, in_x, in_y, wanted: list[bool]) -> None:
    """Add the gradients of sum_ij force_ij C(x_i, y_j), where C has a pull."""
    if wanted[0]:
        in_x += pull(x, y, force, kernel)
    if wanted[1]:
        in_y += pull(y, x, spare.view(force.mT.shape).copy_(force.mT), kernel)


def _by_signs(x, y, force, spare, kernel: int, in_x, in_y, wanted: list[bool]) -> None:
    """The same for the sum of absolute differences, a dimension at a time."""
    for k in range(x.shape[-1]):
        torch.sub(x[..., :, None, k], y[..., None, :, k], out=spare).sign_().mul_(force)
        in_x[..., k] += spare.sum(-1)
        in_y[..., k] -= spare.sum(-2)


def _fake(x, y, bias, values, *_) -> tuple[Tensor, ...]:
    return tuple(t.new_empty(t.shape) for t in (x, y, bias, values))


def _pullback(gradients, inputs, indices, wanted):
    tensors, constants = inputs[:6], inputs[6:]
    return torch.func.vjp(lambda *t: soft_pull_reference(*t, *constants), *tensors)[1](gradients)


# soft_pull(x, y, bias, values, g, h, rate, kernel, wanted): the gradients of sum_i g_i L_i + h_i . A_i in
# the first four, L the log-sum-exp and A the average; those not wanted may be zeros. Its own gradients
# hold what plain torch does.
soft_pull = gradient_op(
    define_op(
        "soft_pull(Tensor x, Tensor y, Tensor bias, Tensor values, Tensor g, Tensor h, float rate, int kernel, "
        "bool[] wanted) -> (Tensor, Tensor, Tensor, Tensor)",
        _kernel,
        _fake,
        _pullback,
    ),
    soft_pull_reference,
)

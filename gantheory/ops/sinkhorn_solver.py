"""Operations under the public functions of transport: potentials, their value, its gradients.

The potentials carry no gradient. The value does, by the envelope theorem: with the potentials held, the
dual's derivative is the plan's. The gradients are an operation of their own, whose gradient is made by
plain torch (implicit differentiation, dense).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op, gradient_op
from gantheory.ops.sinkhorn_multiscale import descend
from gantheory.ops.sinkhorn_native import Transport
from gantheory.ops.sinkhorn_reference import (
    MATRIX,
    average_reference,
    plan_density,
    slopes_reference,
    solve_reference,
)


def _check(a: Tensor, b: Tensor) -> None:
    """Check what only the numbers can tell: here, where they are real even under vmap."""
    for name, weights in (("a", a), ("b", b)):
        if bool((weights < 0).any()):
            raise ValueError(f"{name} must hold weights >= 0, but the smallest is {float(weights.min())}")
        if not bool((weights.sum(-1) > 0).all()):
            raise ValueError(f"{name} must hold a weight > 0, and no NaN, in every problem")


def _solve_kernel(
    x: Tensor,
    y: Tensor,
    a: Tensor,
    b: Tensor,
    f: Tensor,
    g: Tensor,
    floor: Tensor,
    epsilon: float,
    rho: float,
    kind: int,
    tolerance: float,
    max_iterations: int,
    warm: bool,
    symmetric: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    _check(a, b)
    if not native.has_kernels(x):
        return solve_reference(
            x, y, a, b, f, g, floor, epsilon, rho, kind, tolerance, max_iterations, warm, symmetric
        )
    problem = Transport(x, y, a, b, epsilon, rho, kind, symmetric)
    found = descend(problem, f, g, tolerance, max_iterations, warm)
    low = found[2][..., 0] < floor
    if not bool(low.any()):
        return found
    again = problem.solve(f, g, tolerance=tolerance, max_iterations=max_iterations, warm=True)
    f, g, report = (torch.where(low[..., None], new, old) for new, old in zip(again, found, strict=True))
    return f, g, report


def _solve_fake(x, y, a, b, f, g, floor, epsilon, rho, kind, tolerance, max_iterations, warm, symmetric):
    report = a.new_empty((*a.shape[:-1], 5), dtype=torch.float64)
    return torch.empty_like(a), torch.empty_like(b), report


def _no_gradient(gradients, inputs, indices, wanted):
    return (None,) * 7


solve = define_op(
    "sinkhorn_solve(Tensor x, Tensor y, Tensor a, Tensor b, Tensor f, Tensor g, Tensor floor, float epsilon, "
    "float rho, int kind, float tolerance, int max_iterations, bool warm, bool symmetric) -> (Tensor, Tensor, Tensor)",
    _solve_kernel,
    _solve_fake,
    _no_gradient,
)


def _slopes_kernel(
    x: Tensor, y: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float, kind: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    left, right = (torch.exp(-potential / rho) for potential in (f, g))  # of the marginals over a and b
    if math.isinf(rho):
        in_a, in_b = f.clone(), g.clone()
    else:
        in_a, in_b = (
            -rho * torch.expm1(-p / rho) - epsilon * (share - weights.sum(-1, keepdim=True))
            for p, share, weights in ((f, left, b), (g, right, a))
        )
    if kind == MATRIX:
        plan = a[..., :, None] * b[..., None, :] * plan_density(x, f, g, epsilon)
        return plan, torch.zeros_like(y), in_a, in_b
    if not native.has_kernels(x):
        in_x, in_y, in_a, in_b = slopes_reference(x, y, a, b, f, g, epsilon, rho, kind)
        return in_x.detach(), in_y.detach(), in_a.detach(), in_b.detach()
    forth = Transport(x, y, a, b, epsilon, rho, kind)
    in_x = (a * left)[..., None] * forth.average(g, slope=True)
    in_y = (b * right)[..., None] * forth.reversed().average(f, slope=True)
    return in_x, in_y, in_a, in_b


def _slopes_fake(x, y, a, b, f, g, epsilon, rho, kind):
    return tuple(torch.empty_like(v, memory_format=torch.contiguous_format) for v in (x, y, a, b))


def _slopes_pullback(gradients, inputs, indices, wanted):
    x, y, a, b, f, g, *constants = inputs

    def forward(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        return slopes_reference(x, y, a, b, f, g, *constants)

    pull_back = torch.func.vjp(forward, x, y, a, b)[1]
    return (*pull_back(tuple(gradients)), None, None)


slopes = gradient_op(
    define_op(
        "sinkhorn_slopes(Tensor x, Tensor y, Tensor a, Tensor b, Tensor f, Tensor g, float epsilon, float rho, "
        "int kind) -> (Tensor, Tensor, Tensor, Tensor)",
        _slopes_kernel,
        _slopes_fake,
        _slopes_pullback,
    ),
    slopes_reference,
)


def _value_kernel(
    x: Tensor,
    y: Tensor,
    a: Tensor,
    b: Tensor,
    f: Tensor,
    g: Tensor,
    value: Tensor,
    epsilon: float,
    rho: float,
    kind: int,
) -> Tensor:
    return value.clone()


def _value_fake(x, y, a, b, f, g, value, epsilon, rho, kind):
    return torch.empty_like(value)


def _value_pullback(gradients, inputs, indices, wanted):
    x, y, a, b, f, g, _, epsilon, rho, kind = inputs
    in_x, in_y, in_a, in_b = slopes(x, y, a, b, f, g, epsilon, rho, kind)
    scale = gradients[0][..., None]
    return scale[..., None] * in_x, scale[..., None] * in_y, scale * in_a, scale * in_b, None, None, None


# The value, handed through with its gradients in x (or the cost matrix), y, a and b.
attach_value = define_op(
    "sinkhorn_value(Tensor x, Tensor y, Tensor a, Tensor b, Tensor f, Tensor g, Tensor value, float epsilon, "
    "float rho, int kind) -> Tensor",
    _value_kernel,
    _value_fake,
    _value_pullback,
)


def _average_kernel(
    x: Tensor, y: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float, kind: int
) -> Tensor:
    if not native.has_kernels(x):
        return average_reference(x, y, a, b, f, g, epsilon, rho, kind)
    return Transport(x, y, a, b, epsilon, rho, kind).average(g, slope=False)


def _average_fake(x, y, a, b, f, g, epsilon, rho, kind):
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _average_pullback(gradients, inputs, indices, wanted):
    x, y, a, b, f, g, *constants = inputs

    def forward(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return average_reference(x, y, a, b, f, g, *constants)

    pull_back = torch.func.vjp(forward, x, y, a, b)[1]
    return (*pull_back(gradients[0]), None, None)


average = define_op(
    "sinkhorn_average(Tensor x, Tensor y, Tensor a, Tensor b, Tensor f, Tensor g, float epsilon, float rho, "
    "int kind) -> Tensor",
    _average_kernel,
    _average_fake,
    _average_pullback,
)

"""Entropic optimal transport by plain torch in the log domain: the oracle, and the path to second gradients.

Notation: f, g potentials, C the cost, P_ij = a_i b_j exp((f_i + g_j - C_ij) / epsilon) the plan, rho the
strength of the marginal penalties (infinite: balanced, both weights sum to 1).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gantheory.ops.kernels import safe_root
from gantheory.ops.pairs import differences


COSTS = {"sqeuclidean": 0, "euclidean": 1, "manhattan": 2}  # the numbers of csrc/sinkhorn/interface.h
MATRIX = 3


def cost_matrix(x: Tensor, y: Tensor, kind: int) -> Tensor:
    """Return C (..., n, m); for a matrix it is x itself."""
    if kind == MATRIX:
        return x
    difference = differences(x, y)
    if kind == COSTS["manhattan"]:
        return difference.abs().sum(-1)
    square = difference.square().sum(-1)
    return square if kind == COSTS["sqeuclidean"] else safe_root(square)


def softmin(cost: Tensor, g: Tensor, b: Tensor, epsilon: float) -> Tensor:
    """Return -epsilon log sum_j b_j exp((g_j - C_ij) / epsilon), also differentiable where b_j is 0."""
    t = (g[..., None, :] - cost) / epsilon
    there = (b > 0)[..., None, :].expand(t.shape)
    top = torch.where(there, t, -torch.inf).amax(-1, keepdim=True).detach()
    total = (b[..., None, :] * (t - top).clamp_max(80).exp()).sum(-1)
    return -epsilon * (total.log() + top[..., 0])


def solve_reference(
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
    """Return f, g and a report (..., 5): value, marginal error, iterations, converged, mass of the plan.

    Plain alternation (averaged, where x is y), with epsilon halved down to its value at first; the
    members of a batch go on until all have converged. A batch with a value below its ``floor`` is solved
    again from f and g.
    """
    given = f, g
    cost = cost_matrix(x, y, kind)
    f, g = (f.clone(), g.clone()) if warm else (torch.zeros_like(a), torch.zeros_like(b))
    finite = cost.isfinite()
    top = float(torch.where(finite, cost, 0).abs().max()) if cost.numel() else 0.0
    levels = [] if warm else [top * 0.5**k for k in range(60) if top * 0.5**k > epsilon]
    for level in levels:
        f, g, _ = _sweep(cost, a, b, f, g, level, rho, symmetric)
    error, iterations = a.new_full(a.shape[:-1], torch.inf), 0
    while iterations < max_iterations and bool((error > tolerance).any()):
        f, g, error = _sweep(cost, a, b, f, g, epsilon, rho, symmetric)
        iterations += 1
    if not symmetric:
        f = softmin(cost, g, b, epsilon) / (1 + epsilon / rho)
        if math.isinf(rho):
            shift = ((b * g).sum(-1) - (a * f).sum(-1)) / 2
            f, g = f + shift[..., None], g - shift[..., None]
    error, mass = _marginal_error(cost, a, b, f, g, epsilon, rho)
    value = dual_value(cost, a, b, f, g, epsilon, rho)
    if not warm and bool((value < floor).any()):
        return solve_reference(
            x, y, a, b, *given, floor, epsilon, rho, kind, tolerance, max_iterations, True, symmetric
        )
    rows = [value, error, torch.full_like(error, iterations), error <= tolerance, mass]
    return f, g, torch.stack([row.double() for row in rows], dim=-1)


def _sweep(cost, a, b, f, g, epsilon, rho, symmetric):
    damping = 1 / (1 + epsilon / rho)
    if symmetric:
        f = (f + damping * softmin(cost, g, b, epsilon)) / 2
        return f, f, _marginal_error(cost, a, b, f, f, epsilon, rho)[0]
    f = damping * softmin(cost, g, b, epsilon)
    error, _ = _marginal_error(cost, a, b, f, g, epsilon, rho)
    return f, damping * softmin(cost.mT, f, a, epsilon), error


def _marginal_error(cost, a, b, f, g, epsilon, rho) -> tuple[Tensor, Tensor]:
    """Return the column marginal's L1 error (its distance to b exp(-g / rho)), and the plan's mass."""
    columns = ((g - softmin(cost.mT, f, a, epsilon)) / epsilon).exp()
    error = (b * (columns - (-g / rho).exp()).abs()).sum(-1)
    return error, (b * columns).sum(-1)


def dual_value(
    cost: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float
) -> Tensor:
    """Return the dual objective, whose maximum is <P, C> + epsilon KL(P | a b) + penalties."""
    mass = (a[..., :, None] * b[..., None, :] * plan_density(cost, f, g, epsilon)).sum((-2, -1))
    if math.isinf(rho):
        linear = (a * f).sum(-1) + (b * g).sum(-1)
    else:
        linear = -rho * ((a * torch.expm1(-f / rho)).sum(-1) + (b * torch.expm1(-g / rho)).sum(-1))
    return linear - epsilon * (mass - a.sum(-1) * b.sum(-1))


def plan_density(cost: Tensor, f: Tensor, g: Tensor, epsilon: float) -> Tensor:
    """Return P_ij / (a_i b_j)."""
    return ((f[..., :, None] + g[..., None, :] - cost) / epsilon).exp()


def moved_potentials(
    cost: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float
) -> tuple[Tensor, Tensor]:
    """Return f and g, the optimal ones here, as functions of C, a and b: one Newton step of theirs.

    The step is 0 where they are optimal, and its derivative is the implicit function theorem's: of the
    equations r = 0 of both marginals with Jacobian J, d(f, g) = -J^-1 dr. Holds (n + m)^2 numbers.
    """
    stretch = 1 + epsilon / rho
    residual = torch.cat(
        (stretch * f - softmin(cost, g, b, epsilon), stretch * g - softmin(cost.mT, f, a, epsilon)), dim=-1
    )
    with torch.no_grad():
        jacobian = _jacobian(cost, a, b, f, g, epsilon, rho)
    step = torch.linalg.solve(jacobian, residual[..., None])[..., 0]
    n = a.shape[-1]
    return f - step[..., :n], g - step[..., n:]


def _jacobian(cost, a, b, f, g, epsilon, rho):
    def identity(v: Tensor) -> Tensor:
        return (1 + epsilon / rho) * torch.diag_embed(torch.ones_like(v))

    upper = torch.cat((identity(f), _normalised(cost, g, b, epsilon)), dim=-1)
    lower = torch.cat((_normalised(cost.mT, f, a, epsilon), identity(g)), dim=-1)
    jacobian = torch.cat((upper, lower), dim=-2)
    if math.isinf(rho):  # (f + c, g - c) is as good: ask for c = 0
        free = torch.cat((torch.ones_like(f), -torch.ones_like(g)), dim=-1)
        jacobian = jacobian + free[..., :, None] * free[..., None, :] / free.shape[-1]
    return jacobian


def _normalised(cost: Tensor, g: Tensor, b: Tensor, epsilon: float) -> Tensor:
    f = softmin(cost, g, b, epsilon)
    return b[..., None, :] * plan_density(cost, f, g, epsilon)


def slopes_reference(
    x: Tensor, y: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float, kind: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of the optimal value in x (or the cost matrix), y, a and b, differentiably.

    The value is the dual at one Newton step from (f, g): right up to its third derivatives.
    """

    def value(x: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
        cost = cost_matrix(x, y, kind)
        moved = moved_potentials(cost, a, b, f, g, epsilon, rho)
        return dual_value(cost, a, b, *moved, epsilon, rho).sum()

    return torch.func.grad(value, argnums=(0, 1, 2, 3))(x, y, a, b)


def average_reference(
    x: Tensor, y: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, epsilon: float, rho: float, kind: int
) -> Tensor:
    """Return sum_j P_ij y_j / sum_j P_ij, differentiably."""
    cost = cost_matrix(x, y, kind)
    _, moved = moved_potentials(cost, a, b, f, g, epsilon, rho)
    t = (moved[..., None, :] - cost) / epsilon
    weights = b[..., None, :] * (t - t.amax(-1, keepdim=True).detach()).exp()
    return weights @ y / weights.sum(-1, keepdim=True)

"""Entropic optimal transport between weighted points: Sinkhorn's algorithm, its divergence, its map."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gantheory.ops.sinkhorn_problem import SinkhornResult, pose


@dataclass(frozen=True, eq=False)
class SinkhornDivergence:
    """A debiased value (...), and of its three problems the worst ``marginal_error`` and ``converged``."""

    value: Tensor
    converged: Tensor
    marginal_error: Tensor
    iterations: Tensor


def sinkhorn(
    x: Tensor | None,
    y: Tensor | None,
    *,
    epsilon: float,
    a: Tensor | None = None,
    b: Tensor | None = None,
    cost: str | Tensor = "sqeuclidean",
    reach: float | None = None,
    tolerance: float = 1e-3,
    max_iterations: int = 10_000,
    warm_start: tuple[Tensor, Tensor] | None = None,
) -> SinkhornResult:
    """Return the entropic transport of the points x with weights a to the points y with weights b.

    ``value = min over plans P of sum_ij P_ij C_ij + epsilon KL(P | a b)``, at the optimum
    ``sum_i a_i f_i + sum_j b_j g_j`` with ``P_ij = a_i b_j exp((f_i + g_j - C_ij) / epsilon)``; entropy is
    relative to the product measure a b. The cost is ``|x - y|^2`` (``"sqeuclidean"``), ``|x - y|``
    (``"euclidean"``), the sum of ``|x_k - y_k|`` (``"manhattan"``), or a matrix, with x and y None.
    geomloss's ``blur`` is ``epsilon = 2 blur^2`` here, and the value twice its own.

    Weights are uniform by default and scaled to sum 1; points of weight 0 change nothing. With ``reach``
    the plan's marginals are free for a price: ``rho (KL(P 1 | a) + KL(P' 1 | b))``, ``rho = reach^2`` (for
    the squared distance; reach itself for the others and a matrix), and masses count as given. It stops at
    a marginal error (L1) of ``tolerance``; ``warm_start = (f, g)`` begins at known potentials.

    Gradients of the value in x, y, a, b and the matrix come by the envelope theorem; the second ones by
    implicit differentiation, which holds (n + m)^2 numbers. The first pass holds O((n + m) d) and at most
    24 MB more. Bits do not depend on the number of threads. A NaN among the points makes the value NaN.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, a ``(..., n)``, b ``(..., m)``, cost ``(..., n, m)``,
    float32 or float64, leading axes broadcast. Raises `ValueError` for what does not fit, for negative
    weights and for clouds without points or weight.

    Reference: Cuturi (2013); Peyre and Cuturi (2019); Thibault et al. (2021) for the over-relaxation.

    Example:
        >>> x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [3.0]])
        >>> found = sinkhorn(x, y, epsilon=0.01)
        >>> round(found.value.item(), 2), bool(found.converged)
        (4.01, True)
    """
    problem = pose(x, y, epsilon, a, b, cost, reach, tolerance, max_iterations)
    return problem.solve(None if warm_start is None else problem.check_start(warm_start))


def sinkhorn_divergence(
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    a: Tensor | None = None,
    b: Tensor | None = None,
    cost: str = "sqeuclidean",
    reach: float | None = None,
    tolerance: float = 1e-3,
    max_iterations: int = 10_000,
) -> SinkhornDivergence:
    """Return the debiased entropic transport cost, 0 between equal measures.

    ``S = V(x, y) - V(x, x) / 2 - V(y, y) / 2`` with ``V`` the value of `sinkhorn` (with ``reach``, plus
    ``epsilon (mass a - mass b)^2 / 2``). The terms of a cloud with itself are solved by averaged updates and stop
    by themselves. S is not negative beyond rounding: where an early stop made it so, its three terms are
    taken at one set of potentials, where they cannot. Arguments, shapes and errors as for `sinkhorn`.

    Reference: Feydy et al. (2019); Sejourne et al. (2019) for unequal masses.

    Example:
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> round(sinkhorn_divergence(x, x + 2, epsilon=0.1).value.item(), 3)
        4.0
    """
    if not isinstance(cost, str):
        raise ValueError("cost must be a name: a divergence needs the costs within each cloud too")
    p = pose(x, y, epsilon, a, b, cost, reach, tolerance, max_iterations)
    first = replace(p, y=p.x, b=p.a).solve(symmetric=True)
    second = replace(p, x=p.y, a=p.b).solve(symmetric=True)
    cross = p.solve(others=(first, second))
    value = cross.value - (first.value + second.value) / 2
    if not math.isinf(p.rho):
        value = value + epsilon / 2 * (p.a.sum(-1) - p.b.sum(-1)).square()
    terms = (cross, first, second)
    iterations = torch.stack([term.iterations for term in terms]).sum(0)
    error = torch.stack([term.marginal_error for term in terms]).amax(0)
    converged = cross.converged & first.converged & second.converged
    return SinkhornDivergence(value, converged, error, iterations)


def transport_map(
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    a: Tensor | None = None,
    b: Tensor | None = None,
    cost: str = "sqeuclidean",
    reach: float | None = None,
    tolerance: float = 1e-3,
    max_iterations: int = 10_000,
) -> Tensor:
    """Return where the plan sends every point of x on the average.

    ``T_i = sum_j P_ij y_j / sum_j P_ij``, the barycentric projection of the plan of `sinkhorn`, whose
    arguments, shapes and errors these are; result ``(..., n, d)``. Differentiable in x, y, a and b by
    implicit differentiation, which holds (n + m)^2 numbers. Where `sinkhorn` does not converge, T is NaN.

    Reference: Seguy et al. (2018); Pooladian and Niles-Weed (2021).

    Example:
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> transport_map(x, x + 2, epsilon=0.01)
        tensor([[2.],
                [3.]])
    """
    if not isinstance(cost, str):
        raise ValueError("cost must be a name: a map needs points")
    p = pose(x, y, epsilon, a, b, cost, reach, tolerance, max_iterations)
    found = p.solve()
    mapped = p.average(found)
    return torch.where(found.converged[..., None, None], mapped, torch.nan)

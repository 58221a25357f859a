"""A transport problem as the public functions pose it: checked, broadcast, and solved."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.ops import native, sinkhorn_solver
from gantheory.ops.pairs import broadcast, check_points
from gantheory.ops.sinkhorn_reference import COSTS, MATRIX, average_reference, solve_reference
from gantheory.shapes import dims


@dataclass(frozen=True, eq=False)
class SinkhornResult:
    """What `sinkhorn` found, for every problem of a batch; whether it converged is said, not hidden.

    ``value`` (...) is differentiable; the potentials ``f`` (..., n) and ``g`` (..., m), ``converged``
    (...), ``marginal_error`` (..., the L1 distance of the plan's marginals to the weights, computed anew
    at these potentials, over all pairs but those that add no thousandth of the tolerance) and
    ``iterations`` (...) carry no gradient.
    """

    f: Tensor
    g: Tensor
    value: Tensor
    converged: Tensor
    marginal_error: Tensor
    iterations: Tensor


@dataclass(frozen=True, eq=False)
class Problem:
    """Tensors of equal leading axes (a cost matrix is x, with y of dimension 0), and constants."""

    x: Tensor
    y: Tensor
    a: Tensor
    b: Tensor
    epsilon: float
    rho: float
    kind: int
    tolerance: float
    max_iterations: int

    def _constants(self) -> tuple[float, float, int]:
        return self.epsilon, self.rho, self.kind

    def check_start(self, start: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Check and broadcast potentials."""
        named = zip(("f", "g"), start, (self.a, self.b), strict=True)
        f, g = (_fitting(f"warm_start's {name}", p, wanted).detach() for name, p, wanted in named)
        return f, g

    def solve(
        self,
        start: tuple[Tensor, Tensor] | None = None,
        *,
        symmetric: bool = False,
        others: tuple[SinkhornResult, SinkhornResult] | None = None,
    ) -> SinkhornResult:
        """Solve the problem.

        ``others`` are the results of both clouds with themselves: the half sum of their values is a floor
        of this one, kept by starting again from their potentials where the first answer lies below it.
        """
        tensors = (self.x, self.y, self.a, self.b)
        x, y, a, b = (t.detach() for t in tensors)
        floor = a.new_full(a.shape[:-1], -torch.inf)
        f, g = start or (torch.zeros_like(a), torch.zeros_like(b))
        if others is not None:
            f, g = others[0].f, others[1].f
            floor = (others[0].value + others[1].value).detach() / 2
        run = sinkhorn_solver.solve if native.runs(a) else solve_reference
        f, g, report = run(
            *(x, y, a, b, f, g, floor),
            *self._constants(),
            self.tolerance,
            self.max_iterations,
            start is not None,
            symmetric,
        )
        f, g, report = f.detach(), g.detach(), report.detach()
        value, error, iterations, converged = report[..., :4].unbind(-1)
        value = sinkhorn_solver.attach_value(*tensors, f, g, value.to(a.dtype), *self._constants())
        return SinkhornResult(f, g, value, converged > 0, error.to(a.dtype), iterations.long())

    def average(self, found: SinkhornResult) -> Tensor:
        """Return the barycentric projection of the plan."""
        run = sinkhorn_solver.average if native.runs(self.a) else average_reference
        return run(self.x, self.y, self.a, self.b, found.f, found.g, *self._constants())


def pose(
    x: Tensor | None,
    y: Tensor | None,
    epsilon: float,
    a: Tensor | None,
    b: Tensor | None,
    cost: str | Tensor,
    reach: float | None,
    tolerance: float,
    max_iterations: int,
) -> Problem:
    """Check everything that shapes and constants can tell, and return the problem."""
    for name, number in (("epsilon", epsilon), ("reach", 1.0 if reach is None else reach)):
        if not 0 < number < math.inf:
            raise ValueError(f"{name} must be positive and finite, but is {number}")
    if not tolerance > 0 or max_iterations < 1:
        raise ValueError(
            f"tolerance must be positive and max_iterations at least 1, but are {tolerance} and {max_iterations}"
        )
    x, y, kind = _points(x, y, cost)
    n, m = x.shape[-2], y.shape[-2]
    if n == 0 or m == 0:
        raise ValueError(f"x and y must hold at least one point each, but hold {n} and {m}")
    a = x.new_ones(n) / n if a is None else _fitting("a", a, x[..., 0])
    b = x.new_ones(m) / m if b is None else _fitting("b", b, y[..., 0] if kind != MATRIX else x[..., 0, :])
    rho = math.inf if reach is None else reach**2 if kind == COSTS["sqeuclidean"] else reach
    if reach is None:
        # by the size of the sum: weights below 0 stay so, and are found where numbers can be looked at
        a, b = (w / w.sum(-1, keepdim=True).abs() for w in (a, b))
    lead = broadcast(broadcast(x.shape[:-2], a.shape[:-1], "a"), b.shape[:-1], "b")
    x, y = x.expand(*lead, *x.shape[-2:]), y.expand(*lead, *y.shape[-2:])
    a, b = a.expand(*lead, n), b.expand(*lead, m)
    return Problem(x, y, a, b, float(epsilon), float(rho), kind, float(tolerance), int(max_iterations))


def _points(x: Tensor | None, y: Tensor | None, cost: str | Tensor) -> tuple[Tensor, Tensor, int]:
    if isinstance(cost, str):
        if cost not in COSTS:
            raise ValueError(f"cost must be one of {', '.join(COSTS)}, or a matrix, not {cost!r}")
        if x is None or y is None:
            raise ValueError(f"x and y must be points for cost={cost!r}; None goes with a matrix")
        return *check_points(x, y), COSTS[cost]
    if x is not None or y is not None:
        raise ValueError("x and y must be None where cost is a matrix: the costs are all there is to know")
    if cost.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"cost must be float32 or float64, but is {cost.dtype}: convert it with .to")
    _, m = dims(cost, "... n m", name="cost")
    return cost, cost.new_zeros(*cost.shape[:-2], m, 0), MATRIX


def _fitting(name: str, values: Tensor, wanted: Tensor) -> Tensor:
    """Check numbers against a tensor that they shall fit, up to leading axes."""
    fits = values.shape[-1:] == wanted.shape[-1:]
    if not fits or values.dtype != wanted.dtype or values.device != wanted.device:
        raise ValueError(
            f"{name} must be (..., {wanted.shape[-1]}), one for every point, in {wanted.dtype} on "
            f"{wanted.device}, but is {tuple(values.shape)} in {values.dtype} on {values.device}"
        )
    return values

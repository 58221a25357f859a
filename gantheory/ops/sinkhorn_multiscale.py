"""Large problems in few dimensions, from coarse to fine.

Points are put in the order of a space-filling curve: neighbours in the order are then neighbours in space,
so that whole tiles of the plan hold nothing and are skipped, and groups of four consecutive points make
a coarse problem whose potentials start the fine one.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.sinkhorn_native import Transport
from gantheory.ops.sinkhorn_reference import MATRIX


GROUP = 4
LARGE = 4_000_000  # pairs from which on a coarse problem pays
SORTED = 1_000_000  # from which on an order pays, where tiles are skipped: on the CPU
DIMENSIONS = 3  # in more, a curve keeps too few neighbours together
COARSE_TOLERANCE = 0.01


def descend(
    problem: Transport, f: Tensor, g: Tensor, tolerance: float, max_iterations: int, warm: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Solve a batch of problems; return f, g and the report (..., 5)."""
    pairs = problem.a.shape[-1] * problem.b.shape[-1]
    # CUDA's kernels skip nothing and take all problems of a batch at once: an order alone would cost them both
    least = LARGE if problem.a.device.type in native.on_cuda else SORTED
    flat = problem.kind == MATRIX or problem.x.shape[-1] > DIMENSIONS or pairs < least
    if flat:
        return problem.solve(f, g, tolerance=tolerance, max_iterations=max_iterations, warm=warm)
    lead = problem.a.shape[:-1]
    members = [
        _sorted(member, f1, g1, tolerance, max_iterations, warm)
        for member, f1, g1 in zip(
            _members(problem), f.reshape(-1, f.shape[-1]), g.reshape(-1, g.shape[-1]), strict=True
        )
    ]
    f, g, report = (torch.stack(part).reshape(*lead, -1) for part in zip(*members, strict=True))
    return f, g, report


def _members(problem: Transport) -> list[Transport]:
    parts = zip(
        problem.x.reshape(-1, *problem.x.shape[-2:]),
        problem.y.reshape(-1, *problem.y.shape[-2:]),
        problem.a.reshape(-1, problem.a.shape[-1]),
        problem.b.reshape(-1, problem.b.shape[-1]),
        strict=True,
    )
    return [replace(problem, x=x, y=y, a=a, b=b) for x, y, a, b in parts]


def _sorted(problem: Transport, f, g, tolerance, max_iterations, warm) -> tuple[Tensor, Tensor, Tensor]:
    rows = curve(problem.x)
    columns = rows if problem.symmetric else curve(problem.y)
    ordered = replace(
        problem, x=problem.x[rows], y=problem.y[columns], a=problem.a[rows], b=problem.b[columns]
    )
    start = (f[rows], g[columns])
    if not warm and not problem.symmetric:
        start = _from_coarse(ordered, max_iterations)
        warm = start is not None
        start = start or (f, g)
    f1, g1, report = ordered.solve(*start, tolerance=tolerance, max_iterations=max_iterations, warm=warm)
    f2, g2 = torch.empty_like(f1), torch.empty_like(g1)
    f2[rows], g2[columns] = f1, g1
    return f2, g2, report


def _from_coarse(problem: Transport, max_iterations: int) -> tuple[Tensor, Tensor] | None:
    """Return potentials of the problem's coarser copy, extended to all its points by a softmin."""
    if problem.a.shape[-1] * problem.b.shape[-1] < LARGE:
        return None
    (x, a), (y, b) = _grouped(problem.x, problem.a), _grouped(problem.y, problem.b)
    coarse = replace(problem, x=x, y=y, a=a, b=b)
    start = _from_coarse(coarse, max_iterations)
    f, g, _ = coarse.solve(
        *(start or (a, b)), tolerance=COARSE_TOLERANCE, max_iterations=max_iterations, warm=start is not None
    )
    damping = 1 / (1 + problem.epsilon / problem.rho)
    return (
        damping * replace(problem, y=y, b=b).softmin(g),
        damping * replace(problem.reversed(), y=x, b=a).softmin(f),
    )


def _grouped(points: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return the barycentres and masses of every GROUP consecutive points."""
    missing = -len(points) % GROUP
    weights = torch.cat((weights, weights.new_zeros(missing))).reshape(-1, GROUP)
    points = torch.cat((points, points[-1:].expand(missing, -1))).reshape(-1, GROUP, points.shape[-1])
    mass = weights.sum(-1)
    shares = torch.where(mass[:, None] > 0, weights / mass[:, None], 1 / GROUP)
    return (shares[..., None] * points).sum(-2), mass


def curve(points: Tensor) -> Tensor:
    """Return the order of points (n, d) along a Z-order curve through the box around them."""
    d = points.shape[-1]
    bits = 60 // d
    low, high = points.amin(0), points.amax(0)
    side = torch.where(high > low, high - low, 1)
    cells = ((points - low) / side * (2**bits - 1)).nan_to_num().long()
    code = cells.new_zeros(len(points))
    for bit in range(bits):
        for k in range(d):
            code |= ((cells[:, k] >> bit) & 1) << (bit * d + k)
    return code.argsort(stable=True)

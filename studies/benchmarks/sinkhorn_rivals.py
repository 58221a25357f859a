"""What kernels_sinkhorn.py measures against: clouds, the peers' solvers at their best."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def clouds(n: int, d: int, *, lead: tuple[int, ...] = ()) -> tuple[Tensor, Tensor]:
    """Return samples of N(0, I) and N(0.5, I)."""
    generator = torch.Generator().manual_seed(n + d)
    x, y = (torch.randn(*lead, n, d, generator=generator) for _ in range(2))
    return x, y + 0.5


def marginal_error(x: Tensor, y: Tensor, f: Tensor, g: Tensor, epsilon: float) -> float:
    """Return the L1 error of the marginals of the plan of f and g, rows first made exact."""
    x, y, f, g = (v.double() for v in (x, y, f, g))
    columns = torch.zeros_like(g)
    for part, potential in zip(x.split(500), f.split(500)):
        cost = (part.square().sum(-1)[:, None] + y.square().sum(-1) - 2 * part @ y.T).clamp_min_(0)
        t = cost.neg_().add_(g).add_(potential[:, None]).div_(epsilon)
        columns += torch.softmax(t, -1).sum(0) / len(x)
    return (columns - 1 / len(y)).abs().sum().item()


def ott_solver(epsilon: float, *, slices: int | None = None, limit: int = 20_000) -> Callable:
    """Return the solver (x, y) -> f, g to marginal error 1e-3; ``slices``: rows at a time, without the matrix."""
    from jax._src.interpreters import batching as private  # type: ignore[import-not-found]
    from jax.interpreters import batching  # type: ignore[import-not-found]
    from ott.geometry import pointcloud  # type: ignore[import-not-found]
    from ott.problems.linear import linear_problem  # type: ignore[import-not-found]
    from ott.solvers.linear import sinkhorn as ott  # type: ignore[import-not-found]

    if not hasattr(batching, "is_vmappable"):  # ott-jax 0.6 wants it for slices; jax 0.10 has hidden it
        batching.is_vmappable = private.is_vmappable
    solver = ott.Sinkhorn(threshold=1e-3, max_iterations=limit)

    def solve(x, y):
        found = solver(
            linear_problem.LinearProblem(pointcloud.PointCloud(x, y, epsilon=epsilon, batch_size=slices))
        )
        return found.f, found.g

    return solve


def ott_run(solve: Callable, x: Tensor, y: Tensor, *, batched: bool = False) -> Callable:
    """Return the solver's run on x and y, compiled before."""
    import jax  # type: ignore[import-not-found]
    import jax.numpy as jnp  # type: ignore[import-not-found]

    theirs = jnp.asarray(x.numpy()), jnp.asarray(y.numpy())
    compiled = jax.jit(jax.vmap(solve) if batched else solve).lower(*theirs).compile()
    return lambda: tuple(torch.tensor(np.asarray(v)) for v in compiled(*theirs))


def pot_run(x: Tensor, y: Tensor, epsilon: float) -> Callable:
    """Return POT's log-domain solver on x and y, in torch."""
    import ot  # type: ignore[import-not-found]

    even = torch.full((len(x),), 1 / len(x))
    options = {"numItermax": 20_000, "stopThr": 1e-3, "warn": False, "log": True}

    def run():
        _, log = ot.bregman.sinkhorn_log(even, even, ot.dist(x, y), epsilon, **options)
        return epsilon * log["log_u"], epsilon * log["log_v"]

    return run

"""Transport on CUDA, executed on the host: what the tests of the operations cannot show.

Where ``store`` is 0, small problems take the path of large ones: passes over the grid in place of one block.
"""

from __future__ import annotations

import math

import pytest
import torch

from gantheory.ops import sinkhorn_multiscale, sinkhorn_native
from gantheory.ops.sinkhorn_native import Transport
from gantheory.ops.sinkhorn_reference import MATRIX, cost_matrix, plan_density
from tests.cuda_host.build import build
from tests.cuda_host.device import ORDERS, host_kernels
from tests.ops.oracles import points


PATHS = pytest.mark.parametrize("store", [24 << 20, 0], ids=["small", "large"])
SIZES = (1, 31, 32, 33, 127, 128, 129)


@pytest.fixture(scope="module")
def library() -> str:
    return str(build())


def uniform(n: int, like: torch.Tensor) -> torch.Tensor:
    return like.new_full((*like.shape[:-2], n), 1 / n)


def problem(
    n: int, m: int, d: int, *, epsilon=0.5, kind=0, rho=math.inf, lead=(), dtype=torch.float32
) -> Transport:
    """Two clouds of different shape; for kind MATRIX their squared distances."""
    x, y = points(n, d, seed=n, dtype=dtype, lead=lead), points(m, d, seed=m + 1, dtype=dtype, lead=lead)
    y = 0.7 * y + 0.5
    a, b = uniform(n, x), uniform(m, y)
    if kind == MATRIX:
        x, y = cost_matrix(x, y, 0), y[..., :0]
    return Transport(x, y, a, b, epsilon, rho, kind)


def solve(transport: Transport, *, tolerance: float = 1e-3, max_iterations: int = 2000):
    zeros = torch.zeros_like(transport.a), torch.zeros_like(transport.b)
    return transport.solve(*zeros, tolerance=tolerance, max_iterations=max_iterations, warm=False)


def recomputed_error(p: Transport, f: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    a, b, f, g = (v.double() for v in (p.a, p.b, f, g))
    cost = p.x.double() if p.kind == MATRIX else cost_matrix(p.x.double(), p.y.double(), p.kind)
    plan = a[..., :, None] * b[..., None, :] * plan_density(cost, f, g, p.epsilon)
    return (plan.sum(-2) - b).abs().sum(-1) + (plan.sum(-1) - a).abs().sum(-1)


CASES = {
    "low": lambda: problem(150, 270, 2),
    "low euclidean": lambda: problem(40, 30, 3, kind=1),
    "tiled manhattan": lambda: problem(70, 67, 9, kind=2, epsilon=3.0),
    "products": lambda: problem(70, 140, 17, epsilon=30.0),
    "products in double": lambda: problem(70, 67, 17, epsilon=8.0, dtype=torch.float64),
    "matrix": lambda: problem(70, 67, 2, kind=MATRIX),
    "unbalanced batch": lambda: problem(20, 35, 2, rho=1.0, lead=(3,)),
}


@PATHS
@pytest.mark.parametrize("case", CASES)
def test_bits_do_not_depend_on_the_order_of_threads(library, monkeypatch, case, store):
    monkeypatch.setattr(sinkhorn_native, "STORE", store)
    p, results = CASES[case](), []
    for order in ORDERS:
        with host_kernels(library, order):
            f, g, report = solve(p, tolerance=1e-2)
            found = [f, g, report, p.softmin(g)]
            if p.kind != MATRIX:
                found += [p.average(g, slope=True), p.average(g, slope=False)]
        results.append(found)
    assert all(v.isfinite().all() for v in results[0])
    assert (results[0][2][..., 3] == 1).all()
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


@PATHS
@pytest.mark.parametrize("n", SIZES)
def test_sizes_around_those_of_warps_and_tiles(library, monkeypatch, n, store):
    monkeypatch.setattr(sinkhorn_native, "STORE", store)
    m = SIZES[-1 - SIZES.index(n)]
    for d, epsilon in ((2, 0.5), (10, 5.0)):
        p = problem(n, m, d, epsilon=epsilon)
        with host_kernels(library):
            f, g, report = solve(p, tolerance=1e-4)
        assert report[3] == 1
        assert abs(recomputed_error(p, f, g) - report[1]) < 2e-5
        value = solve(problem(n, m, d, epsilon=epsilon, dtype=torch.float64), tolerance=1e-9)[2][0]
        torch.testing.assert_close(report[0], value, rtol=2e-4, atol=0)


@pytest.mark.parametrize("case", CASES)
def test_both_paths_find_the_same(library, monkeypatch, case):
    results = []
    for store in (24 << 20, 0):
        monkeypatch.setattr(sinkhorn_native, "STORE", store)
        with host_kernels(library):
            results.append(solve(CASES[case](), tolerance=1e-5))
    small, large = results
    assert small[2][..., 3].all() and large[2][..., 3].all()
    torch.testing.assert_close(small[2][..., 0], large[2][..., 0], rtol=1e-5, atol=0)
    torch.testing.assert_close(small[0], large[0], rtol=0, atol=1e-3)


@PATHS
def test_each_problem_of_a_batch_stops_by_itself(library, monkeypatch, store):
    monkeypatch.setattr(sinkhorn_native, "STORE", store)
    easy, hard = points(40, 2, seed=1), points(40, 2, seed=2)
    x, y = torch.stack((easy, hard)), torch.stack((easy + 0.01 * hard, 3 * easy.roll(1, -1)))
    together = Transport(x, y, uniform(40, x), uniform(40, y), 0.3, math.inf, 0)
    with host_kernels(library):
        batch = solve(together)
        alone = [solve(Transport(x[k], y[k], together.a[k], together.b[k], 0.3, math.inf, 0)) for k in (0, 1)]
    iterations = batch[2][:, 2]
    assert iterations[0] < iterations[1] and batch[2][:, 3].all()
    for k in (0, 1):
        assert all(torch.equal(part[k], own) for part, own in zip(batch, alone[k], strict=True))


@PATHS
@pytest.mark.parametrize("most", [1, 2, 5])
def test_an_early_stop_above_the_last_level_is_told_at_the_last(library, monkeypatch, store, most):
    monkeypatch.setattr(sinkhorn_native, "STORE", store)
    p = problem(40, 50, 2, epsilon=0.02, dtype=torch.float64)
    with host_kernels(library):
        f, g, report = solve(p, max_iterations=most)
    assert report[3] == 0 and report[1] > 1e-3
    assert most <= report[2] <= most + 1
    torch.testing.assert_close(recomputed_error(p, f, g), report[1], rtol=1e-9, atol=0)


@PATHS
def test_potentials_from_anywhere_are_a_start(library, monkeypatch, store):
    """Sums that leave the range of numbers at once are mended."""
    monkeypatch.setattr(sinkhorn_native, "STORE", store)
    p = problem(40, 50, 2, epsilon=0.05)
    f, g = 1000 * points(40, 1, seed=5)[:, 0], 1000 * points(50, 1, seed=6)[:, 0]
    with host_kernels(library):
        warm = p.solve(f, g, tolerance=1e-3, max_iterations=5000, warm=True)
        cold = solve(p)
    assert warm[2][3] == 1
    torch.testing.assert_close(warm[2][0], cold[2][0], rtol=1e-3, atol=0)


@pytest.mark.parametrize("n, calls", [(10, 1), (40, 1), (80, 3)], ids=["small", "middling", "large"])
def test_a_batch_is_one_call_until_a_coarse_problem_pays(library, monkeypatch, n, calls):
    """The CPU would order middling problems too, one by one, to skip what is far."""
    monkeypatch.setattr(sinkhorn_multiscale, "SORTED", 1000)
    monkeypatch.setattr(sinkhorn_multiscale, "LARGE", 5000)
    solved = []
    solve_one = Transport.solve
    monkeypatch.setattr(
        Transport, "solve", lambda p, *a, **o: (solved.append(tuple(p.a.shape)), solve_one(p, *a, **o))[1]
    )
    p = problem(n, n, 2, lead=(3,))
    zeros = torch.zeros_like(p.a), torch.zeros_like(p.b)
    with host_kernels(library):
        report = sinkhorn_multiscale.descend(p, *zeros, 1e-3, 2000, False)[2]
    full = [shape for shape in solved if shape[-1] == n]
    assert report[..., 3].all() and len(full) == calls
    solved.clear()
    sinkhorn_multiscale.descend(p, *zeros, 1e-3, 2000, False)
    assert len([shape for shape in solved if shape[-1] == n]) == (1 if n == 10 else 3)

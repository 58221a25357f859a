"""Entropic transport: values, potentials and certificates against float64, linear programs and closed forms."""

import math

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given, settings, strategies as st

from gantheory.ops import native, sinkhorn, sinkhorn_divergence, transport_map
from gantheory.ops.sinkhorn_reference import COSTS, cost_matrix, dual_value, softmin
from tests.ops.oracles import points


COST = pytest.mark.parametrize("cost", sorted(COSTS))
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
EXACT = {"tolerance": 1e-11, "max_iterations": 20_000}


def truth(x, y, epsilon, a, b, cost="sqeuclidean", rho=math.inf, sweeps=20_000):
    """Potentials in float64 by plain alternation until they stand still."""
    matrix = cost if isinstance(cost, torch.Tensor) else cost_matrix(x.double(), y.double(), COSTS[cost])
    a, b, g = a.double(), b.double(), torch.zeros_like(b, dtype=torch.float64)
    for level in [*(epsilon * 2.0**k for k in range(8, 0, -1)), *[epsilon] * sweeps]:
        damping = 1 / (1 + level / rho)
        f = damping * softmin(matrix, g, b, level)
        new = damping * softmin(matrix.mT, f, a, level)
        done, g = level == epsilon and (new - g).abs().max() < 1e-13, new
        if done:
            break
    if math.isinf(rho):
        shift = ((b * g).sum() - (a * f).sum()) / 2
        f, g = f + shift, g - shift
    return f, g, dual_value(matrix, a, b, f, g, epsilon, rho), matrix


def recomputed_error(matrix, a, b, f, g, epsilon):
    a, b, f, g = (v.double() for v in (a, b, f, g))
    plan = a[:, None] * b * ((f[:, None] + g - matrix) / epsilon).exp()
    return (plan.sum(0) - b).abs().sum() + (plan.sum(1) - a).abs().sum()


def uniform(n, dtype=torch.float32):
    return torch.full((n,), 1 / n, dtype=dtype)


@DTYPES
@COST
@pytest.mark.parametrize("n, m, d", [(1, 7, 1), (17, 1, 3), (63, 65, 2), (129, 64, 17), (40, 127, 9)])
def test_potentials_and_value_against_float64(cost, n, m, d, dtype):
    x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=m + 1, dtype=dtype) + 0.5
    a, b = (points(k, 1, seed=k, dtype=dtype)[:, 0].abs() + 0.1 for k in (n, m))
    a, b, epsilon = a / a.sum(), b / b.sum(), 0.3 * d
    f, g, value, matrix = truth(x, y, epsilon, a, b, cost)
    tight = 1e-13 if dtype == torch.float64 else 1e-6
    found = sinkhorn(x, y, epsilon=epsilon, a=a, b=b, cost=cost, tolerance=tight)
    assert bool(found.converged)
    scale = 1e-10 if dtype == torch.float64 else 1e-4 * epsilon + 4 * 2**-23 * matrix.max().item()
    for ours, exact in ((found.f, f), (found.g, g)):
        torch.testing.assert_close(ours.double(), exact, rtol=0, atol=scale)
    torch.testing.assert_close(found.value.double(), value, rtol=1e-5, atol=0)
    error = recomputed_error(matrix, a, b, found.f, found.g, epsilon)
    assert abs(error - found.marginal_error) <= (1e-12 if dtype == torch.float64 else 2e-5)


@pytest.mark.parametrize("reach", [0.3, 1.0, 10.0])
@COST
def test_unbalanced_fixed_point(cost, reach):
    x, y = points(30, 2, seed=1, dtype=torch.float64), points(40, 2, seed=2, dtype=torch.float64)
    a, b = (points(k, 1, seed=k, dtype=torch.float64)[:, 0].abs() for k in (30, 40))
    found = sinkhorn(x, y, epsilon=0.2, a=a, b=b, cost=cost, reach=reach, **EXACT)
    rho = reach**2 if cost == "sqeuclidean" else reach
    f, g, value, matrix = truth(x, y, 0.2, a, b, cost, rho)
    torch.testing.assert_close(found.f, f)
    torch.testing.assert_close(found.g, g)
    torch.testing.assert_close(found.value, value)
    plan = a[:, None] * b * ((f[:, None] + g - matrix) / 0.2).exp()

    def kl(p, q):
        return (torch.xlogy(p, p / q) - p + q).sum()

    primal = (plan * matrix).sum() + 0.2 * kl(plan, a[:, None] * b)
    primal = primal + rho * (kl(plan.sum(1), a) + kl(plan.sum(0), b))
    torch.testing.assert_close(found.value, primal)


def test_a_far_reach_is_balance():
    x, y = points(20, 2, seed=1, dtype=torch.float64), points(30, 2, seed=2, dtype=torch.float64)
    balanced = sinkhorn(x, y, epsilon=0.2, **EXACT).value
    torch.testing.assert_close(
        sinkhorn(x, y, epsilon=0.2, reach=1e4, **EXACT).value, balanced, rtol=1e-6, atol=0
    )


def test_small_epsilon_against_a_linear_program():
    x, y = points(12, 2, seed=1, dtype=torch.float64), points(12, 2, seed=2, dtype=torch.float64)
    matrix = cost_matrix(x, y, 0)
    rows, columns = scipy.optimize.linear_sum_assignment(matrix.numpy())
    exact = matrix.numpy()[rows, columns].mean()
    found = sinkhorn(x, y, epsilon=1e-3, tolerance=1e-4, max_iterations=50_000)
    assert bool(found.converged)
    assert exact - 1e-3 <= found.value.item() <= exact + 1e-3 * math.log(12)
    mapped = transport_map(x, y, epsilon=1e-3, tolerance=1e-4, max_iterations=50_000)
    torch.testing.assert_close(mapped, y[torch.tensor(columns)], rtol=0, atol=5e-2)


def test_gaussians_against_the_closed_form():
    """Janati et al. (2020), theorem 1, for N(0, 1) and N(m, s^2) on quantile grids."""
    n, epsilon, mean, scale = 2000, 0.5, 1.0, 0.6
    grid = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    x = math.sqrt(2) * torch.erfinv(2 * grid - 1)[:, None]
    found = sinkhorn(x, mean + scale * x, epsilon=epsilon, tolerance=1e-8)
    # their epsilon 2 sigma^2 is ours; entropies relative to the product measure
    d = math.sqrt(4 * scale**2 + epsilon**2 / 4)
    closed = mean**2 + 1 + scale**2 - d + epsilon / 2 * (1 - math.log(epsilon) + math.log(d + epsilon / 2))
    assert abs(found.value.item() - closed) < 5e-3


def test_matrix_is_points():
    x, y = points(50, 3, seed=1, dtype=torch.float64), points(70, 3, seed=2, dtype=torch.float64)
    from_points = sinkhorn(x, y, epsilon=0.1, **EXACT)
    from_matrix = sinkhorn(None, None, cost=cost_matrix(x, y, 0), epsilon=0.1, **EXACT)
    torch.testing.assert_close(from_matrix.value, from_points.value)
    torch.testing.assert_close(from_matrix.f, from_points.f)


def test_forbidden_pairs_of_a_matrix():
    matrix = torch.tensor([[0.0, torch.inf], [torch.inf, 1.0]])
    found = sinkhorn(None, None, cost=matrix, epsilon=0.1)
    assert bool(found.converged)
    assert abs(found.value.item() - 0.5 - 0.1 * math.log(2)) < 1e-5


@given(
    n=st.integers(1, 40), m=st.integers(1, 40), d=st.integers(1, 4), seed=st.integers(0, 99),
    cost=st.sampled_from(sorted(COSTS)),
)  # fmt: skip
@settings(deadline=None, max_examples=25)
def test_laws(n, m, d, seed, cost):
    """Exchange, permutation and shift of the clouds."""
    x, y = points(n, d, seed=seed, dtype=torch.float64), points(m, d, seed=seed + 1, dtype=torch.float64)
    options = {"epsilon": 0.5, "cost": cost, "tolerance": 1e-9}
    found = sinkhorn(x, y, **options)
    back = sinkhorn(y, x, **options)
    torch.testing.assert_close(found.value, back.value, rtol=1e-6, atol=1e-7)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(m))
    moved = sinkhorn(x + 100.0, y[order] + 100.0, **options)
    torch.testing.assert_close(found.value, moved.value, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(found.g[order], moved.g, rtol=1e-5, atol=1e-6)
    assert sinkhorn_divergence(x, y, **options).value.item() >= -1e-12


def test_scaling_the_cost_scales_the_value():
    x, y = points(60, 2, seed=1), points(50, 2, seed=2)
    small, large = sinkhorn(x, y, epsilon=0.1), sinkhorn(8 * x, 8 * y, epsilon=6.4)
    torch.testing.assert_close(64 * small.value, large.value, rtol=1e-5, atol=0)


def test_clouds_far_from_the_origin():
    x, y = points(200, 2, seed=1), points(150, 2, seed=2)
    shifted = [1e4 + torch.round(p * 64) / 64 for p in (x, y)]
    near = [p - 1e4 for p in shifted]
    a, b = sinkhorn(*near, epsilon=0.05), sinkhorn(*shifted, epsilon=0.05)
    assert bool(b.converged)
    torch.testing.assert_close(a.value, b.value, rtol=1e-5, atol=0)
    torch.testing.assert_close(sinkhorn(x, x + 1e3, epsilon=0.05).value, torch.tensor(2e6), rtol=1e-4, atol=0)


@DTYPES
@pytest.mark.parametrize("d", [2, 12])
def test_points_without_weight_change_nothing(d, dtype):
    x, y = points(30, d, seed=1, dtype=dtype), points(20, d, seed=2, dtype=dtype)
    plain = sinkhorn(x, y, epsilon=0.1 * d, tolerance=1e-5)
    outlier = torch.full((5, d), 1e3, dtype=dtype)
    a, b = (torch.cat((uniform(k, dtype), torch.zeros(5, dtype=dtype))) for k in (30, 20))
    masked = sinkhorn(
        torch.cat((x, outlier)), torch.cat((y, -outlier)), epsilon=0.1 * d, a=a, b=b, tolerance=1e-5
    )
    torch.testing.assert_close(masked.value, plain.value, rtol=1e-5, atol=0)
    assert masked.f.isfinite().all() and masked.g.isfinite().all()


def test_divergence_vanishes_between_equals_and_is_never_negative():
    for n, d, epsilon in ((1, 1, 0.1), (2, 3, 1e-3), (100, 2, 0.01), (300, 2, 1.0), (64, 16, 0.5)):
        x = points(n, d, seed=n)
        for y in (x, x.clone(), x + 1e-4 * points(n, d, seed=n + 1), x[: max(1, n // 2)]):
            found = sinkhorn_divergence(x, y, epsilon=epsilon)
            scale = 1 + x.square().sum(-1).max().item()
            assert found.value.item() >= -1e-6 * scale, (n, d, epsilon)
            if y is x:
                assert abs(found.value.item()) <= 1e-6 * scale


def test_single_and_identical_points():
    one = torch.tensor([[3.0, 4.0]])
    found = sinkhorn(one, torch.zeros(1, 2), epsilon=0.1)
    assert abs(found.value.item() - 25) < 1e-4 and bool(found.converged)
    same = sinkhorn(torch.ones(5, 2), torch.ones(7, 2), epsilon=0.1)
    assert abs(same.value.item()) < 1e-6 and bool(same.converged)


def test_divergence_of_a_shift_is_its_square():
    x = points(200, 2, seed=1)
    found = sinkhorn_divergence(x, x + torch.tensor([3.0, 4.0]), epsilon=0.1, tolerance=1e-4)
    assert abs(found.value.item() - 25) < 1e-3 and bool(found.converged)


def test_stopping_early_is_said():
    x, y = points(100, 2, seed=1), points(100, 2, seed=2) + 3
    found = sinkhorn(x, y, epsilon=1e-3, max_iterations=1)
    assert not bool(found.converged) and found.marginal_error > 1e-3
    matrix = cost_matrix(x.double(), y.double(), 0)
    error = recomputed_error(matrix, uniform(100), uniform(100), found.f, found.g, 1e-3)
    assert abs(error - found.marginal_error) < 1e-2
    assert not bool(sinkhorn_divergence(x, y, epsilon=1e-3, max_iterations=1).converged)
    assert transport_map(x, y, epsilon=1e-3, max_iterations=1).isnan().all()


def test_not_a_number_is_said():
    x = points(20, 2, seed=1)
    x[3, 1] = torch.nan
    found = sinkhorn(x, points(30, 2, seed=2), epsilon=0.1)
    assert found.value.isnan() and not bool(found.converged)


def test_warm_start_from_the_solution_needs_one_check():
    x, y = points(300, 2, seed=1), points(300, 2, seed=2)
    cold = sinkhorn(x, y, epsilon=0.05)
    warm = sinkhorn(x, y, epsilon=0.05, warm_start=(cold.f, cold.g))
    assert warm.iterations <= 3 and bool(warm.converged)
    torch.testing.assert_close(warm.value, cold.value, rtol=1e-4, atol=0)


@pytest.mark.skipif(native.library is None, reason=native.reason())
def test_batches_are_bits_of_their_members():
    x, y = points(40, 2, seed=1, lead=(3, 1)), points(50, 2, seed=2, lead=(2,))
    together = sinkhorn(x, y, epsilon=0.1)
    for i in range(3):
        for j in range(2):
            alone = sinkhorn(x[i, 0], y[j], epsilon=0.1)
            assert torch.equal(together.f[i, j], alone.f) and torch.equal(together.value[i, j], alone.value)
            assert together.iterations[i, j] == alone.iterations


@pytest.mark.skipif(native.library is None, reason=native.reason())
@DTYPES
def test_bits_do_not_depend_on_threads(two_threads, dtype):
    """In one sweep, sorted and in groups, and in batches."""
    cases = [(points(n, 2, seed=1, dtype=dtype, lead=lead), points(n, 2, seed=2, dtype=dtype, lead=lead))
             for n, lead in ((1100, ()), (130, (5,)), (2100, ()))]  # fmt: skip

    def everything():
        return [
            v for x, y in cases for found in [sinkhorn(x, y, epsilon=0.1)] for v in (found.f, found.value)
        ]

    two = everything()
    torch.set_num_threads(1)
    assert all(torch.equal(a, b) for a, b in zip(two, everything()))


@pytest.mark.parametrize("d, epsilon", [(1, 0.01), (2, 0.02), (3, 0.1)])
def test_large_problems_from_coarse_to_fine(d, epsilon):
    """Tiles left out and coarse starts change nothing: the certificate is over all pairs."""
    n, m = 2100, 2300
    x, y = points(n, d, seed=1), points(m, d, seed=2) * 0.7 + 1
    found = sinkhorn(x, y, epsilon=epsilon)
    assert bool(found.converged)
    matrix = cost_matrix(x.double(), y.double(), 0)
    error = recomputed_error(matrix, uniform(n), uniform(m), found.f, found.g, epsilon)
    assert error < 1.1e-3
    exact = sinkhorn(None, None, cost=matrix, epsilon=epsilon, tolerance=1e-5)
    torch.testing.assert_close(found.value.double(), exact.value, rtol=2e-4, atol=0)


def test_wrong_arguments_are_named():
    x = torch.zeros(3, 2)
    for options, message in (
        ({"epsilon": 0.0}, "epsilon must be positive"),
        ({"epsilon": 1.0, "reach": -1.0}, "reach must be positive"),
        ({"epsilon": 1.0, "cost": "cosine"}, "cost must be one of"),
        ({"epsilon": 1.0, "cost": torch.zeros(3, 3)}, "x and y must be None"),
        ({"epsilon": 1.0, "a": torch.ones(4)}, r"a must be \(..., 3\)"),
        ({"epsilon": 1.0, "b": -torch.ones(3)}, "b must hold weights"),
        ({"epsilon": 1.0, "reach": 1.0, "a": torch.zeros(3)}, "a must hold a weight > 0"),
        ({"epsilon": 1.0, "tolerance": 0.0}, "tolerance must be positive"),
        ({"epsilon": 1.0, "warm_start": (torch.ones(4), torch.ones(3))}, "warm_start's f must be"),
    ):
        with pytest.raises(ValueError, match=message):
            sinkhorn(x, x, **options)
    with pytest.raises(ValueError, match="at least one point"):
        sinkhorn(x, torch.zeros(0, 2), epsilon=1.0)
    with pytest.raises(ValueError, match="cost must be a name"):
        sinkhorn_divergence(x, x, epsilon=1.0, cost=torch.zeros(3, 3))

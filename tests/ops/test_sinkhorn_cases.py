"""Cases of the peers' own suites: linear programs, known maps, Gaussians, ragged batches, stops and starts."""

import math

import numpy as np
import pytest
import scipy.optimize
import torch

from gantheory.ops import native, sinkhorn, sinkhorn_divergence, transport_map
from gantheory.ops.sinkhorn_native import Transport
from gantheory.ops.sinkhorn_reference import COSTS, cost_matrix
from tests.lock import turns_meanwhile
from tests.ops.oracles import points


EXACT = {"tolerance": 1e-12, "max_iterations": 50_000}


def doubles(n: int, d: int, *, seed: int) -> torch.Tensor:
    return points(n, d, seed=seed, dtype=torch.float64)


def weights(n: int, *, seed: int, dtype=torch.float64) -> torch.Tensor:
    w = points(n, 1, seed=seed, dtype=dtype)[:, 0].abs() + 0.1
    return w / w.sum()


def bell(mean: float, scale: float, mass: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Points and weights that integrate against mass N(mean, scale^2) to 1e-12."""
    z = torch.linspace(-7.5, 7.5, 301, dtype=torch.float64)
    density = torch.exp(-z.square() / 2)
    return (mean + scale * z)[:, None], mass * density / density.sum()


@pytest.mark.parametrize("cost", sorted(COSTS))
def test_random_weights_against_a_linear_program(cost):
    n, m = 9, 11
    x, y, a, b = doubles(n, 2, seed=1), doubles(m, 2, seed=2), weights(n, seed=3), weights(m, seed=4)
    matrix = cost_matrix(x, y, COSTS[cost])
    sums = np.concatenate((np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))))
    exact = scipy.optimize.linprog(matrix.ravel().numpy(), A_eq=sums, b_eq=torch.cat((a, b)).numpy()).fun
    epsilon = 2e-3
    found = sinkhorn(x, y, a=a, b=b, cost=cost, epsilon=epsilon, tolerance=1e-6, max_iterations=200_000)
    assert bool(found.converged)
    # between the program's value and that of its plan, whose entropy is at most log of the points
    assert exact - 1e-5 <= found.value.item() <= exact + epsilon * 2 * math.log(m)


@pytest.mark.parametrize("cost", sorted(COSTS))
def test_all_weight_on_one_point_has_one_plan(cost):
    x, y, b = doubles(1, 3, seed=1), doubles(40, 3, seed=2), weights(40, seed=3)
    found = sinkhorn(x, y, b=b, cost=cost, epsilon=0.1, **EXACT)
    torch.testing.assert_close(found.value, (cost_matrix(x, y, COSTS[cost]) * b).sum())
    torch.testing.assert_close(transport_map(x, y, b=b, cost=cost, epsilon=0.1, **EXACT), (b @ y)[None])


@pytest.mark.parametrize("d", [1, 2, 10])
def test_gradients_of_convex_functions_are_the_maps(d):
    """Brenier's theorem, for log cosh x + |x|^2 / 4 a coordinate."""
    x = 2 * doubles(60, d, seed=d)
    y = torch.tanh(x) + x / 2
    epsilon = 1e-3
    options = {"epsilon": epsilon, "tolerance": 1e-4, "max_iterations": 100_000}
    found = sinkhorn(x, y, **options)
    assert bool(found.converged)
    exact = (x - y).square().sum(-1).mean().item()
    assert exact - 1e-3 <= found.value.item() <= exact + epsilon * math.log(60) + 1e-3
    torch.testing.assert_close(transport_map(x, y, **options), y, rtol=0, atol=5e-2)


def balanced_gaussians(epsilon: float, mean: float, scale: float) -> float:
    """Janati et al. (2020), theorem 1, for N(0, 1) and N(mean, scale^2); their 2 sigma^2 is epsilon."""
    root = math.sqrt(4 * scale**2 + epsilon**2 / 4)
    spread = 1 + scale**2 - root
    return mean**2 + spread + epsilon / 2 * (1 - math.log(epsilon) + math.log(root + epsilon / 2))


def unbalanced_gaussians(epsilon, rho, first, second) -> float:
    """The dual's value for masses (mean, scale, mass): its potentials are quadratic, their integrals known."""
    stretch = 1 / (1 + epsilon / rho)

    def log_integral(curve, slope, offset, bell):
        """log of the integral of exp(curve x^2 + slope x + offset) against mass N(mean, scale^2)."""
        mean, scale, mass = bell
        precision = 1 / scale**2 - 2 * curve
        lean = slope + mean / scale**2
        top = offset + lean**2 / (2 * precision) - mean**2 / (2 * scale**2)
        return math.log(mass) + top - 0.5 * math.log(precision * scale**2)

    def answer(potential, bell):
        """The softmin of a quadratic: fitted through three of its values, which it takes exactly."""
        q, l, c = potential
        values = [
            -epsilon * stretch * log_integral((q - 1) / epsilon, (l + 2 * z) / epsilon, (c - z * z) / epsilon, bell)
            for z in (-1.0, 0.0, 1.0)
        ]  # fmt: skip
        return (values[0] + values[2]) / 2 - values[1], (values[2] - values[0]) / 2, values[1]

    f = g = (0.0, 0.0, 0.0)
    for _ in range(5000):
        f = answer(g, second)
        g = answer(f, first)

    def penalty(potential, bell):
        return rho * (bell[2] - math.exp(log_integral(*(-v / rho for v in potential), bell)))

    mass = math.exp(log_integral(*(-v / rho for v in g), second))  # of the plan: its second marginal's
    return penalty(f, first) + penalty(g, second) - epsilon * (mass - first[2] * second[2])


@pytest.mark.parametrize("epsilon", [0.05, 0.5, 5.0])
def test_gaussians_balanced(epsilon):
    (x, a), (y, b) = bell(0.0, 1.0), bell(1.0, 0.6)
    found = sinkhorn(x, y, a=a, b=b, epsilon=epsilon, **EXACT)
    assert bool(found.converged)
    assert abs(found.value.item() - balanced_gaussians(epsilon, 1.0, 0.6)) < 1e-6
    mapped = transport_map(x, y, a=a, b=b, epsilon=epsilon, **EXACT)[:, 0]
    slope = (math.sqrt(4 * 0.6**2 + epsilon**2 / 4) - epsilon / 2) / 2  # of the entropic map, linear
    near = x[:, 0].abs() < 4
    torch.testing.assert_close(mapped[near], (1 + slope * x[:, 0])[near], rtol=0, atol=1e-5)


@pytest.mark.parametrize("epsilon", [0.1, 1.0])
@pytest.mark.parametrize("reach", [0.7, 3.0])
def test_gaussians_unbalanced(epsilon, reach):
    first, second = (0.0, 1.0, 1.3), (1.0, 0.6, 0.8)
    (x, a), (y, b) = bell(*first), bell(*second)
    found = sinkhorn(x, y, a=a, b=b, epsilon=epsilon, reach=reach, **EXACT)
    assert bool(found.converged)
    assert abs(found.value.item() - unbalanced_gaussians(epsilon, reach**2, first, second)) < 1e-6
    back = sinkhorn(y, x, a=b, b=a, epsilon=epsilon, reach=reach, **EXACT)
    torch.testing.assert_close(back.value, found.value)


@pytest.mark.parametrize("cost", sorted(COSTS))
def test_primal_is_dual_and_marginals_are_weights(cost):
    x, y, a, b = doubles(30, 2, seed=1), doubles(40, 2, seed=2), weights(30, seed=3), weights(40, seed=4)
    found = sinkhorn(x, y, a=a, b=b, cost=cost, epsilon=0.05, **EXACT)
    matrix = cost_matrix(x, y, COSTS[cost])
    density = ((found.f[:, None] + found.g - matrix) / 0.05).exp()
    plan = a[:, None] * b * density
    torch.testing.assert_close(plan.sum(1), a)
    torch.testing.assert_close(plan.sum(0), b)
    torch.testing.assert_close(found.value, (plan * matrix).sum() + 0.05 * (plan * density.log()).sum())
    torch.testing.assert_close((a * found.f).sum(), (b * found.g).sum())


def test_default_weights_are_even_and_scaled_to_one():
    x, y = points(30, 2, seed=1), points(40, 2, seed=2)
    plain = sinkhorn(x, y, epsilon=0.1)
    for mass in (1.0, 7.0):
        even = sinkhorn(x, y, a=torch.full((30,), mass), b=torch.full((40,), mass), epsilon=0.1)
        torch.testing.assert_close(even.value, plain.value, rtol=1e-6, atol=0)


@pytest.mark.parametrize("reach", [None, 1.0])
def test_divergence_is_its_three_terms(reach):
    x, y, a, b = doubles(30, 2, seed=1), doubles(40, 2, seed=2), weights(30, seed=3), weights(40, seed=4)
    options = {"epsilon": 0.3, "reach": reach, **EXACT}
    whole = sinkhorn_divergence(x, y, a=a, b=2 * b if reach else b, **options).value
    b = 2 * b if reach else b
    cross = sinkhorn(x, y, a=a, b=b, **options).value
    selves = sinkhorn(x, x, a=a, b=a, **options).value + sinkhorn(y, y, a=b, b=b, **options).value
    unequal = 0.15 * (a.sum() - b.sum()) ** 2 if reach else 0
    torch.testing.assert_close(whole, cross - selves / 2 + unequal)


@pytest.mark.parametrize("d", [2, 12])
def test_segments_of_different_size_are_their_loop(d):
    """Ragged problems as one batch, filled up by points without weight."""
    sizes = [(5, 40), (33, 17), (64, 64), (1, 9)]
    x, y = points(64, d, seed=1, lead=(4,)), points(64, d, seed=2, lead=(4,))
    a, b = torch.zeros(4, 64), torch.zeros(4, 64)
    for k, (n, m) in enumerate(sizes):
        a[k, :n], b[k, :m] = 1 / n, 1 / m
    together = sinkhorn(x, y, a=a, b=b, epsilon=0.1 * d, tolerance=1e-5)
    for k, (n, m) in enumerate(sizes):
        alone = sinkhorn(x[k, :n], y[k, :m], epsilon=0.1 * d, tolerance=1e-5)
        torch.testing.assert_close(together.value[k], alone.value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "cost, d, epsilon",
    [("sqeuclidean", 1, 1e-3), ("sqeuclidean", 3, 0.05), ("euclidean", 2, 0.01), ("manhattan", 2, 0.05)],
)
def test_pairs_passed_over_add_no_thousandth_of_the_tolerance(cost, d, epsilon):
    """In large sorted problems far tiles are never looked at: the error reported is still that of all pairs."""
    x, y = doubles(2200, d, seed=1), doubles(2300, d, seed=2) * 0.7 + 1
    a, b = weights(2200, seed=3) ** 3, weights(2300, seed=4)
    a[::5] = 0
    a = a / a.sum()
    found = sinkhorn(x, y, a=a, b=b, cost=cost, epsilon=epsilon, tolerance=1e-4)
    assert bool(found.converged)
    matrix = cost_matrix(x, y, COSTS[cost])
    plan = a[:, None] * b * ((found.f[:, None] + found.g - matrix) / epsilon).exp()
    error = (plan.sum(0) - b).abs().sum() + (plan.sum(1) - a).abs().sum()
    assert abs(error - found.marginal_error) <= 1e-7
    dense = sinkhorn(None, None, cost=matrix, a=a, b=b, epsilon=epsilon, tolerance=1e-4)
    torch.testing.assert_close(found.value, dense.value, rtol=1e-4, atol=1e-4 * epsilon)


@pytest.mark.parametrize("epsilon", [1e-4, 1e-5])
def test_tiny_epsilon_is_an_assignment_without_nan(epsilon):
    x = doubles(20, 2, seed=1)
    y = x[torch.from_numpy(np.random.default_rng(0).permutation(20))] + 0.01
    found = sinkhorn(x, y, epsilon=epsilon, tolerance=1e-3, max_iterations=200_000)
    assert bool(found.converged)
    assert abs(found.value.item() - 2e-4 - epsilon * math.log(20)) < 1e-6


def test_iterations_are_at_most_those_allowed_and_do_not_fail_to_say_so():
    x, y = points(60, 2, seed=1), points(60, 2, seed=2) + 1
    enough = sinkhorn(x, y, epsilon=0.01)
    assert bool(enough.converged)
    for most in (1, 2, 7, int(enough.iterations)):
        found = sinkhorn(x, y, epsilon=0.01, max_iterations=most)
        assert found.iterations <= most + 1  # the certificate is a sweep too
        assert bool(found.converged) == bool(found.marginal_error <= 1e-3)
    again = sinkhorn(x, y, epsilon=0.01, warm_start=(enough.f, enough.g))
    assert again.iterations == 2 and bool(again.converged)


def test_tensors_of_two_devices_are_refused():
    x = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="b must be"):
        sinkhorn(x, x, b=torch.ones(3, device="meta"), epsilon=1.0)


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("kernel", ["solve", "softmin", "average"])
def test_kernels_leave_the_interpreter_free(kernel):
    """Another Python thread goes on while a kernel runs for some tenths of a second."""
    n = 6000
    x, y, a, g = points(n, 12, seed=1), points(n, 12, seed=2), torch.full((n,), 1 / n), torch.zeros(n)
    problem = Transport(x, y, a, a, 1.0, math.inf, 0)
    work = {
        "solve": lambda: problem.solve(g, g, tolerance=1e-30, max_iterations=8, warm=True),
        "softmin": lambda: [problem.softmin(g) for _ in range(8)],
        "average": lambda: [problem.average(g, slope=True) for _ in range(4)],
    }[kernel]
    gaps = turns_meanwhile(work, pause=1e-3)
    assert len(gaps) >= 5 and max(gaps) < 0.5 * sum(gaps)

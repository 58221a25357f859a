"""Gradients of transport: against finite differences, under every transform, and second ones."""

import pytest
import torch

from gantheory.ops import native, sinkhorn, sinkhorn_divergence, transport_map
from tests.ops.oracles import points


EXACT = {"epsilon": 0.4, "tolerance": 1e-13, "max_iterations": 5000}
COST = pytest.mark.parametrize("cost", ["sqeuclidean", "euclidean", "manhattan"])
REACH = pytest.mark.parametrize("reach", [None, 0.8])


def doubles(n: int, d: int, *, seed: int) -> torch.Tensor:
    return points(n, d, seed=seed, dtype=torch.float64).requires_grad_()


def weights(n: int, *, seed: int) -> torch.Tensor:
    w = points(n, 1, seed=seed, dtype=torch.float64)[:, 0].abs() + 0.2
    return (w / w.sum()).requires_grad_()


def check(operation, *inputs, second=True):
    with torch.random.fork_rng():
        assert torch.autograd.gradcheck(operation, inputs, atol=1e-6)
        if second:
            assert torch.autograd.gradgradcheck(operation, inputs, atol=1e-6)


@COST
@REACH
def test_gradients_of_the_value(cost, reach):
    x, y, a, b = doubles(3, 2, seed=1), doubles(4, 2, seed=2), weights(3, seed=3), weights(4, seed=4)

    def value(x, y, a, b):
        return sinkhorn(x, y, a=a, b=b, cost=cost, reach=reach, **EXACT).value

    check(value, x, y, a, b)


@REACH
def test_gradients_in_a_cost_matrix(reach):
    cost, a = doubles(3, 4, seed=1), weights(3, seed=2)
    check(lambda c, a: sinkhorn(None, None, cost=c, a=a, reach=reach, **EXACT).value, cost, a)


@REACH
def test_gradients_of_the_divergence(reach):
    x, y = doubles(3, 2, seed=1), doubles(4, 2, seed=2)
    check(lambda x, y: sinkhorn_divergence(x, y, reach=reach, **EXACT).value, x, y)


def test_gradients_of_the_map():
    x, y, b = doubles(3, 2, seed=1), doubles(4, 2, seed=2), weights(4, seed=3)
    check(lambda x, y, b: transport_map(x, y, b=b, **EXACT), x, y, b, second=False)


def test_gradient_at_weight_zero_is_finite():
    x, y = doubles(3, 2, seed=1), doubles(4, 2, seed=2)
    a = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
    value = sinkhorn(x, y, a=a, **EXACT).value
    first = torch.autograd.grad(value, (x, y, a), create_graph=True)
    second = torch.autograd.grad(sum(g.square().sum() for g in first), (x, y, a))
    assert all(g.isfinite().all() for g in (*first, *second))
    assert (first[0][2] == 0).all()


def test_gradient_of_identical_clouds_vanishes():
    x = points(30, 2, seed=1).requires_grad_()
    (g,) = torch.autograd.grad(
        sinkhorn_divergence(x, x.detach().clone(), epsilon=0.1, tolerance=1e-6).value, x
    )
    assert g.abs().max() < 1e-5


@pytest.mark.parametrize("d", [2, 12])
@pytest.mark.parametrize("cost", ["sqeuclidean", "euclidean", "manhattan"])
def test_float32_gradients_against_float64(cost, d):
    x, y = points(90, d, seed=1) + 50, points(70, d, seed=2) + 50
    found = []
    for dtype in (torch.float32, torch.float64):
        p, q = x.to(dtype).requires_grad_(), y.to(dtype).requires_grad_()
        tolerance = 1e-5 if dtype == torch.float32 else 1e-10
        value = sinkhorn(p, q, epsilon=0.5 * d, cost=cost, tolerance=tolerance).value
        found.append([g.double() for g in torch.autograd.grad(value, (p, q))])
    for single, double in zip(*found):
        torch.testing.assert_close(single, double, rtol=1e-3, atol=1e-4 * double.abs().max().item())


def test_transforms_agree_with_a_loop():
    x, y = points(5, 2, seed=1, dtype=torch.float64, lead=(3,)), points(6, 2, seed=2, dtype=torch.float64)

    def loss(x, y):
        return sinkhorn_divergence(x, y, **EXACT).value

    def looped(f):
        return torch.stack([f(member, y) for member in x])

    torch.testing.assert_close(torch.func.vmap(loss, in_dims=(0, None))(x, y), looped(loss))
    slope = torch.func.grad(loss)
    torch.testing.assert_close(torch.func.vmap(slope, in_dims=(0, None))(x, y), looped(slope))
    bend = torch.func.grad(lambda x, y: slope(x, y).square().sum())
    torch.testing.assert_close(torch.func.vmap(bend, in_dims=(0, None))(x, y), looped(bend))
    mapped = torch.func.vmap(lambda x, y: transport_map(x, y, **EXACT), in_dims=(0, None))(x, y)
    torch.testing.assert_close(mapped, looped(lambda x, y: transport_map(x, y, **EXACT)))


@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_compiles_in_one_graph():
    x, y = points(5, 2, seed=1).requires_grad_(), points(9, 2, seed=2).requires_grad_()

    def value(x, y):
        return sinkhorn(x, y, epsilon=0.3, tolerance=1e-6).value

    compiled = torch.compile(value, backend="aot_eager", fullgraph=True)
    assert torch.equal(compiled(x, y), value(x, y))
    wanted = torch.autograd.grad(value(x, y), (x, y))
    torch.testing.assert_close(torch.autograd.grad(compiled(x, y), (x, y)), wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_raw_operations_pass_opcheck(dtype):
    x, y = points(5, 2, seed=1, dtype=dtype, lead=(3,)), points(9, 2, seed=2, dtype=dtype, lead=(3,))
    a, b = x.new_full((3, 5), 0.2), y.new_full((3, 9), 1 / 9)
    f, g, value = torch.zeros_like(a), torch.zeros_like(b), x.new_zeros(3)
    raw, constants = torch.ops.gantheory, (0.5, torch.inf, 0)
    with torch.random.fork_rng():
        for op, arguments in (
            (raw.sinkhorn_solve, (x, y, a, b, f, g, value, *constants, 1e-3, 100, False, False)),
            (raw.sinkhorn_value, (x, y, a, b, f, g, value, *constants)),
            (raw.sinkhorn_slopes, (x, y, a, b, f, g, *constants)),
            (raw.sinkhorn_average, (x, y, a, b, f, g, *constants)),
        ):
            torch.library.opcheck(op, arguments)

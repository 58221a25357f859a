"""First and second gradients, and everything that transforms a function."""

import pytest
import torch

from gantheory.ops import kernel_sum, native, nearest, pairwise_distance
from gantheory.ops.distance import pairwise_distance_reference
from gantheory.ops.neighbour import nearest_reference
from gantheory.ops.summation import kernel_sum_reference
from tests.ops.oracles import points


PAIRS = [
    (pairwise_distance, pairwise_distance_reference),
    (
        lambda x, y: pairwise_distance(x, y, squared=True),
        lambda x, y: pairwise_distance_reference(x, y, squared=True),
    ),
    (kernel_sum, kernel_sum_reference),
    (
        lambda x, y: kernel_sum(x, y, kernel="squared"),
        lambda x, y: kernel_sum_reference(x, y, kernel="squared"),
    ),
    (lambda x, y: nearest(x, y)[1], lambda x, y: nearest_reference(x, y)[1]),
]
CASES = pytest.mark.parametrize("operation, reference", PAIRS, ids=["D", "D2", "sum", "sum2", "nearest"])


def doubles(*shape: int, seed: int) -> torch.Tensor:
    return points(*shape[-2:], seed=seed, dtype=torch.float64, lead=shape[:-2]).requires_grad_()


def check_gradients(operation, *inputs):
    with torch.random.fork_rng():  # gradgradcheck draws directions
        assert torch.autograd.gradcheck(operation, inputs)
        assert torch.autograd.gradgradcheck(operation, inputs)


@CASES
def test_gradients_are_those_of_finite_differences(operation, reference):
    x, y = doubles(2, 3, 2, seed=1), doubles(5, 2, seed=2)
    check_gradients(operation, x, y)


def test_gradients_in_the_weights():
    x, y, w = doubles(3, 2, seed=1), doubles(4, 2, seed=2), doubles(1, 4, seed=3)

    def weighted(x, y, w):
        return kernel_sum(x, y, weights=w[0])

    check_gradients(weighted, x, y, w)


@CASES
def test_gradients_at_distance_zero_vanish(operation, reference):
    x, y = torch.ones(2, 3, requires_grad=True), torch.ones(1, 3, requires_grad=True)
    gradients = torch.autograd.grad(operation(x, y).sum(), (x, y), create_graph=True)
    assert all((g == 0).all() for g in gradients)
    if any(g.requires_grad for g in gradients):
        second = torch.autograd.grad(sum(g.square().sum() for g in gradients), (x, y), allow_unused=True)
        assert all(s is None or s.isfinite().all() for s in second)


@CASES
def test_transforms_agree_with_the_reference(operation, reference):
    x, y = points(3, 2, seed=1, dtype=torch.float64, lead=(4,)), points(6, 2, seed=2, dtype=torch.float64)

    def loss(f):
        return lambda x, y: f(x, y).sin().sum()

    for transform in (
        lambda f: torch.func.vmap(f, in_dims=(0, None))(x, y),
        lambda f: torch.func.vmap(f, in_dims=(1, None), out_dims=0)(x.movedim(0, 1), y),
        lambda f: torch.func.vmap(f, in_dims=(None, 0))(y, x),
        lambda f: torch.func.grad(loss(f), argnums=1)(x, y),
        lambda f: torch.func.vmap(torch.func.grad(loss(f)), in_dims=(0, None))(x, y),
        lambda f: torch.func.vmap(torch.func.vmap(f, in_dims=(0, None)), in_dims=(None, 0))(x, y[None]),
        lambda f: torch.func.grad(lambda x: torch.func.grad(loss(f))(x, y).square().sum())(x),
        lambda f: torch.func.vmap(torch.func.jacrev(torch.func.grad(loss(f))), in_dims=(0, None))(x, y),
    ):
        torch.testing.assert_close(transform(operation), transform(reference))


def test_index_of_nearest_under_vmap():
    x, y = points(3, 2, seed=1, lead=(4,)), points(6, 2, seed=2)
    index, _ = torch.func.vmap(nearest, in_dims=(0, None))(x, y)
    assert index.dtype == torch.int64 and torch.equal(index, nearest(x, y)[0])


@CASES
@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_compiles_in_one_graph(operation, reference):
    x, y = points(5, 2, seed=1).requires_grad_(), points(9, 2, seed=2).requires_grad_()
    compiled = torch.compile(operation, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x, y), operation(x, y), rtol=0, atol=0)
    wanted = torch.autograd.grad(operation(x, y).sin().sum(), (x, y))
    torch.testing.assert_close(torch.autograd.grad(compiled(x, y).sin().sum(), (x, y)), wanted)


@CASES
@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_transforms_compile(operation, reference):
    x, y = points(3, 2, seed=1, dtype=torch.float64, lead=(4,)), points(4, 2, seed=2, dtype=torch.float64)

    def first(f):
        return torch.func.vmap(torch.func.grad(lambda x: f(x, y).sin().sum()))

    def second(f):
        return torch.func.grad(lambda x: first(f)(x).square().sum())

    for transform in (first, second):
        compiled = torch.compile(transform(operation), backend="aot_eager", fullgraph=True)
        torch.testing.assert_close(compiled(x), transform(reference)(x))


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_raw_operations_pass_opcheck(dtype):
    x, y = points(5, 2, seed=1, dtype=dtype, lead=(3,)), points(9, 2, seed=2, dtype=dtype, lead=(3,))
    with torch.random.fork_rng():  # opcheck draws gradients
        check_operations(x, y)


def check_operations(x, y):
    raw = torch.ops.gantheory
    for op, arguments in (
        (raw.pairwise_distance, (x, y, 0)),
        (raw.kernel_sum, (x, y, x.new_ones(3, 9), 1)),
        (raw.nearest, (x, y)),
        (raw.pull, (x, y, x.new_ones(3, 1, 9), 0)),
    ):
        torch.library.opcheck(op, arguments)

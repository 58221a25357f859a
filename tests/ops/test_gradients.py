"""First and second gradients, and everything that transforms a function."""

import pytest
import torch

from gantheory.ops import (
    kernel_mean,
    kernel_sum,
    knn,
    log_sum_exp,
    native,
    nearest,
    pairwise_distance,
    softmax_average,
)
from gantheory.ops.averaging import kernel_mean_reference
from gantheory.ops.distance import pairwise_distance_reference
from gantheory.ops.neighbour import knn_reference, nearest_reference
from gantheory.ops.soft_reductions import log_sum_exp_reference, softmax_average_reference
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
NAMES = ["D", "D2", "sum", "sum2", "nearest"]


def add(name: str, operation, reference, **options):
    NAMES.append(name)
    PAIRS.append((lambda x, y: operation(x, y, **options), lambda x, y: reference(x, y, **options)))


add("D1", pairwise_distance, pairwise_distance_reference, p=1)
add("Dinf", pairwise_distance, pairwise_distance_reference, p=float("inf"))
add("cosine", pairwise_distance, pairwise_distance_reference, cosine=True)
for kernel in ("gaussian", "laplace", "rational_quadratic"):
    add(kernel, kernel_sum, kernel_sum_reference, kernel=kernel, bandwidth=(0.7, 2.0))
add("mean", kernel_mean, kernel_mean_reference, kernel="gaussian", bandwidth=1.5)
add("knn", lambda x, y: knn(x, y, 3)[1], lambda x, y: knn_reference(x, y, 3)[1])
for name in ("sqeuclidean", "euclidean", "manhattan"):
    add(f"soft {name}", log_sum_exp, log_sum_exp_reference, epsilon=0.5, cost=name)
add("average", lambda x, y: softmax_average(x, y, y), lambda x, y: softmax_average_reference(x, y, y))


def both(mean):
    """Of one set: y is shifted, so that the second set matters too."""
    return lambda x, y: mean(x, kernel="gaussian", bandwidth=1.5) + mean(y + 1, unbiased=True)


add("own mean", both(kernel_mean), both(kernel_mean_reference))
ELSEWHERE = ("knn", "average", "own mean")  # more than a point, or more than the distance
CASES = pytest.mark.parametrize("operation, reference", PAIRS, ids=NAMES)


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


@pytest.mark.parametrize("cost", ["sqeuclidean", "euclidean", "manhattan"])
def test_gradients_in_bias_and_values(cost):
    x, y, v = doubles(2, 3, 2, seed=1), doubles(4, 2, seed=2), doubles(4, 3, seed=3)
    bias = doubles(1, 4, seed=4)

    def soft(x, y, v, bias):
        options = {"bias": bias[0], "epsilon": 0.7, "cost": cost}
        return log_sum_exp(x, y, **options), softmax_average(x, y, v, **options)

    check_gradients(soft, x, y, v, bias)


@pytest.mark.parametrize("operation", [o for (o, _), n in zip(PAIRS, NAMES) if n not in ELSEWHERE])
def test_gradients_at_distance_zero_vanish(operation):
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
    torch._dynamo.reset()  # its limit of recompilations is one for all cases
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
        torch._dynamo.reset()
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
    row, column = x.new_ones(3, 1, 5), x.new_ones(3, 1, 9)
    for op, arguments in (
        (raw.pairwise_distance, (x, y, 0, False)),
        (raw.kernel_sum, (x, y, column, 2, [0.5, 2.0], False)),
        (raw.kernel_own_sum, (x, row[:, 0], 2, [0.5, 2.0], False)),
        (raw.knn, (x, y, 3, False, False)),
        (raw.radius_count, (x, y, column[:, 0], False, False)),
        (raw.soft_reductions, (x, y, column[:, 0], y, 0.5, 1, False)),
        (raw.soft_pull, (x, y, column[:, 0], y, row[:, 0], x, 0.5, 1, [True] * 4)),
        (raw.minimum_spanning_tree, (x,)),
        (raw.pull, (x, y, x.new_ones(3, 5, 9), 0)),
        (raw.pull_of_sum, (x, y, row, column, 2, [0.5, 2.0])),
    ):
        torch.library.opcheck(op, arguments)

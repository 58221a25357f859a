"""Log-sum-exp and softmax averages: against scipy in float64, and their laws."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from gantheory.ops import log_sum_exp, native, softmax_average
from gantheory.ops.soft_reductions import log_sum_exp_reference, softmax_average_reference
from tests.ops.oracles import SIZES, Errors, points, wide


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
COSTS = pytest.mark.parametrize("cost", ["sqeuclidean", "euclidean", "manhattan"])


def costs(x, y, cost: str) -> np.ndarray:
    difference = wide(x)[:, None, :] - wide(y)[None, :, :]
    if cost == "manhattan":
        return np.abs(difference).sum(-1)
    square = (difference**2).sum(-1)
    return square if cost == "sqeuclidean" else np.sqrt(square)


@DTYPES
@COSTS
@pytest.mark.parametrize("d", [1, 2, 9, 40])
def test_all_sizes(d, cost, dtype):
    sums, averages = Errors(), Errors()
    for n, m in [*zip(SIZES, SIZES[4:] + SIZES[:4]), (3, 9000)]:
        x, y, v = (points(k, c, seed=k + c, dtype=dtype) for k, c in ((n, d), (m, d), (m, 3)))
        bias, epsilon = points(m, 1, seed=5, dtype=dtype)[:, 0], 0.3 * d
        logits = wide(bias) - costs(x, y, cost) / epsilon
        truth = logsumexp(logits.astype(np.float64), axis=-1)
        options = {"epsilon": epsilon, "cost": cost, "bias": bias}
        scale = np.maximum(np.abs(truth), 1)
        sums.add(log_sum_exp(x, y, **options), log_sum_exp_reference(x, y, **options), truth, scale)
        weights = np.exp(logits - truth[:, None])
        ours, plain = (f(x, y, v, **options) for f in (softmax_average, softmax_average_reference))
        averages.add(ours, plain, weights @ wide(v), 1 + 0 * (weights @ wide(v)))
    sums.check()
    averages.check()


@DTYPES
def test_wide_ranges_neither_overflow_nor_vanish(dtype):
    x, y = 30 * points(20, 2, seed=1, dtype=dtype), 30 * points(500, 2, seed=2, dtype=dtype)
    for order in (slice(None), torch.argsort((y - x[0]).square().sum(-1), descending=True)):
        value = log_sum_exp(x, y[order], epsilon=1e-2)
        truth = logsumexp((-costs(x, y[order], "sqeuclidean") / 1e-2).astype(np.float64), axis=-1)
        np.testing.assert_allclose(value, truth, rtol=2e-6)
        hard = y[order][costs(x, y[order], "sqeuclidean").argmin(-1)]
        torch.testing.assert_close(softmax_average(x, y[order], y[order], epsilon=1e-4), hard)


def test_points_left_out_and_none_left():
    x, y, v = points(4, 2, seed=1), points(90, 2, seed=2), points(90, 3, seed=3)
    bias = torch.zeros(90)
    bias[30:] = -torch.inf
    torch.testing.assert_close(log_sum_exp(x, y, bias=bias), log_sum_exp(x, y[:30]))
    torch.testing.assert_close(softmax_average(x, y, v, bias=bias), softmax_average(x, y[:30], v[:30]))
    bias[:] = -torch.inf
    assert (log_sum_exp(x, y, bias=bias) == -torch.inf).all()
    assert softmax_average(x, y, v, bias=bias).isnan().all()
    assert (log_sum_exp(x, y[:0]) == -torch.inf).all() and log_sum_exp(x[:0], y).shape == (0,)


@COSTS
def test_gradients_of_several_blocks_of_rows(cost):
    x, y, v = (
        points(k, c, seed=k, dtype=torch.float64, lead=(2,)) for k, c in ((900, 2), (700, 2), (700, 3))
    )
    tensors = [t.requires_grad_() for t in (x, y, v, points(700, 1, seed=5, dtype=torch.float64)[:, 0])]

    def gradients(soft_sum, average):
        options = {"epsilon": 0.7, "cost": cost, "bias": tensors[3]}
        loss = soft_sum(x, y, **options).sin().sum() + average(x, y, v, **options).sin().sum()
        return torch.autograd.grad(loss, tensors)

    found, wanted = (
        gradients(log_sum_exp, softmax_average),
        gradients(log_sum_exp_reference, softmax_average_reference),
    )
    for f, w in zip(found, wanted, strict=True):
        torch.testing.assert_close(f, w, rtol=1e-10, atol=1e-10)


def test_gradients_where_no_point_is_left_are_zero():
    x, y = points(4, 2, seed=1).requires_grad_(), points(9, 2, seed=2).requires_grad_()
    bias = torch.full((2, 9), -torch.inf)
    bias[1] = 0
    bias.requires_grad_()
    sums = log_sum_exp(x, y, bias=bias)
    in_y, in_bias = torch.autograd.grad(sums[0].sum(), (y, bias), retain_graph=True)
    assert (in_y == 0).all() and (in_bias == 0).all()
    found = torch.autograd.grad(sums[1].sum(), (x, y))
    wanted = torch.autograd.grad(log_sum_exp(x, y).sum(), (x, y))
    torch.testing.assert_close(found, wanted)


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("create_graph", [False, True])
def test_memory_of_the_first_gradient_is_not_that_of_the_matrix(create_graph):
    """8,000 x 8,000 float64 weights would need 512 MB; a new process grows by less than 200 MB."""
    program = f"""if True:
        import resource, torch
        from gantheory.ops import log_sum_exp, native, softmax_average
        def work(x):
            y = x.detach().clone().requires_grad_()
            loss = log_sum_exp(x, y).sum() + softmax_average(x, y, y).square().sum()
            torch.autograd.grad(loss, (x, y), create_graph={create_graph})
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        x = torch.linspace(0, 1, 16_000, dtype=torch.float64).reshape(-1, 2).requires_grad_()
        work(x[:9])
        before = peak()
        work(x)
        assert peak() - before < 200_000, peak() - before
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_batches_broadcast_and_equal_a_loop():
    x, y, v = points(5, 3, seed=1, lead=(4, 1)), points(70, 3, seed=2, lead=(2,)), points(70, 2, seed=4)
    bias = points(70, 1, seed=3, lead=(2,))[..., 0]
    sums, averages = log_sum_exp(x, y, bias=bias), softmax_average(x, y, v, bias=bias)
    for a in range(4):
        for b in range(2):
            assert torch.equal(sums[a, b], log_sum_exp(x[a, 0], y[b], bias=bias[b]))
            assert torch.equal(averages[a, b], softmax_average(x[a, 0], y[b], v, bias=bias[b]))


def test_wrong_arguments_are_named():
    x = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="cost must be one of"):
        log_sum_exp(x, x, cost="cosine")
    with pytest.raises(ValueError, match="epsilon must be positive"):
        log_sum_exp(x, x, epsilon=0.0)
    with pytest.raises(ValueError, match=r"bias must be \(\.\.\., 3\)"):
        log_sum_exp(x, x, bias=torch.zeros(2))
    with pytest.raises(ValueError, match=r"values must be \(\.\.\., 3, e\)"):
        softmax_average(x, x, torch.zeros(2, 2))

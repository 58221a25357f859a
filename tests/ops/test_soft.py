"""Log-sum-exp and softmax averages: against scipy in float64, and their laws."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from gantheory.ops import log_sum_exp, softmax_average
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

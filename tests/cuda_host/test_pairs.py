"""What the tests of the pairwise operations do not show of the CUDA kernels: orders, splits, edges of tiles."""

import numpy as np
import pytest
import torch

from gantheory.ops import (
    kernel_mean,
    kernel_sum,
    knn,
    log_sum_exp,
    minimum_spanning_tree,
    native,
    pairwise_distance,
    radius_count,
    softmax_average,
)
from gantheory.ops.kernels import KERNELS
from gantheory.ops.pairs import pull, pull_of_sum
from tests.cuda_host.build import build
from tests.cuda_host.device import ORDERS, host_kernels
from tests.ops.oracles import distances, points


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())
EDGES = [0, 1, 31, 32, 33, 127, 128, 129]
GAUSSIAN = {"kernel": "gaussian", "bandwidth": (1.0, 4.0)}


@pytest.fixture(scope="module")
def library() -> str:
    return str(build())


def everything(x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every kernel of the family, on points x (n, d) and y (m, d)."""
    n, m = len(x), len(y)
    left, right = points(2, n, seed=8, dtype=x.dtype), points(1, m, seed=9, dtype=x.dtype)
    found = {
        "distance": pairwise_distance(x, y),
        "city block": pairwise_distance(x, y, p=1),
        "sum": kernel_sum(x, y, weights=right[0]),
        "sums": kernel_sum(x, y, **GAUSSIAN),
        "own sums": kernel_mean(y, unbiased=True, **GAUSSIAN),
        "pull": pull(x, y, left.mT[:, :1] * right, KERNELS["energy"]),
        "pull of sums": pull_of_sum(x, y, left, right, KERNELS["gaussian"], [1.0, 4.0]),
        "count": radius_count(x, y, 1.5 * x.shape[-1] ** 0.5),
        "soft": log_sum_exp(x, y, bias=right[0]),
        "narrow average": softmax_average(x, y, y[:, :3], epsilon=2.0),
        "wide average": softmax_average(x, y, y.repeat(1, 40)[:, :70], epsilon=2.0),
        "tree": minimum_spanning_tree(y[:150])[0],
    }
    if m > 0:
        found["index"], found["nearest"] = knn(x, y, min(m, 5))
    return found


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n, m, d", [(70, 140, 2), (66, 70, 17), (20, 66, 130), (3, 2100, 9)])
def test_bits_do_not_depend_on_the_order_of_threads(library, n, m, d, dtype):
    x, y = points(n, d, seed=1, dtype=dtype), points(m, d, seed=2, dtype=dtype)
    by_order = []
    for order in ORDERS:
        with host_kernels(library, order):
            by_order.append(everything(x, y))
    for name, value in by_order[0].items():
        assert not value.isnan().any(), name
        for other in by_order[1:]:
            assert torch.equal(other[name], value), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("d", [2, 8, 9, 33, 132])
def test_edges_of_tiles(library, d, dtype):
    tolerance = 2e-5 if dtype == torch.float32 else 1e-12
    edges = EDGES if d < 128 else [0, 33]  # tensor cores take long on the host
    for n, m in [(k, 70) for k in edges] + [(3, k) for k in edges]:
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=1000 + m, dtype=dtype)
        with host_kernels(library):
            found = everything(x, y)
        for name, value in everything(x, y).items():
            if value.is_floating_point():
                torch.testing.assert_close(
                    found[name],
                    value,
                    rtol=tolerance,
                    atol=tolerance,
                    equal_nan=True,
                    msg=lambda text, at=(name, n, m): f"{at}: {text}",
                )
            else:
                assert torch.equal(found[name], value), (name, n, m)


def test_few_rows_share_many_columns_among_blocks(library):
    """A long row is cut into chunks; equal points lie in different ones, and far digits are kept."""
    x, y = points(2, 3, seed=1), points(30_000, 3, seed=2)
    y[20_000] = y[29_999] = y[5]
    with host_kernels(library):
        index, sums, soft = knn(y[5:6], y, 3)[0], kernel_sum(x, y), log_sum_exp(x, y)
        ties = knn(torch.zeros(2, 3), torch.ones(9000, 3), 64)[0]
    assert index.tolist() == [[5, 20_000, 29_999]]
    assert (ties == torch.arange(64)).all()
    truth = distances(x, y)
    np.testing.assert_allclose(sums, truth.sum(-1), rtol=1e-7)
    np.testing.assert_allclose(soft, np.log(np.exp(-(truth**2)).sum(-1)).astype(float), rtol=1e-6)


def test_tensor_cores_lose_no_digits(library):
    """Near pairs, a far cloud and shifted rows: as exact as differences, and rows alone give the same bits."""
    x, y = 1e3 + points(30, 130, seed=1), 1e3 + points(40, 130, seed=2)
    y[:30] = x + 1e-3 * points(30, 130, seed=3)
    x[7, 3], y[39, 0] = torch.inf, torch.nan
    with host_kernels(library):
        table, part = pairwise_distance(x, y), pairwise_distance(x[5:9], y)
        own = pairwise_distance(y, y)
    assert torch.equal(table[5:9].nan_to_num(), part.nan_to_num())
    assert (own.diagonal()[:39] == 0).all() and own[39].isnan().all() and table[:, 39].isnan().all()
    assert table[7, :39].isinf().all()
    keep = torch.arange(30) != 7
    truth = distances(x[keep], y[:39])
    np.testing.assert_allclose(table[keep, :39], truth, rtol=4e-7)


def test_trees_have_the_edges_of_the_processors_own(library):
    """With many ties, on small integers, where every distance is exact."""
    x = torch.tensor(np.random.default_rng(0).integers(0, 4, size=(3, 90, 2)), dtype=torch.float32)
    with host_kernels(library):
        edges, lengths = minimum_spanning_tree(x)
    own = minimum_spanning_tree(x)
    assert torch.equal(lengths, own[1]) and torch.equal(edges, own[0])

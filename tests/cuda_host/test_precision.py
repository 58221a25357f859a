"""precision="tf32" on CUDA: one product in place of three, within the stated bound, on request alone."""

import numpy as np
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
    radius_count,
    softmax_average,
)
from tests.cuda_host.build import build
from tests.cuda_host.device import host_kernels
from tests.ops.oracles import distances, points, wide


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())
BOUND = 2.0**-8  # of a squared distance
FULL = 2.0**-20


@pytest.fixture(scope="module")
def library() -> str:
    return str(build())


def clusters(n: int, d: int, *, seed: int) -> torch.Tensor:
    """Tight groups of points far from one another and from the origin, with exact duplicates."""
    centres = 100 + 10 * points(4, d, seed=99)
    x = centres[torch.arange(n) % 4] + 1e-3 * points(n, d, seed=seed)
    x[n // 2] = x[n // 2 + 4]
    return x


CLOUDS = {
    "normal": lambda d: (points(70, d, seed=1), points(130, d, seed=2)),
    "clusters": lambda d: (clusters(70, d, seed=1), clusters(130, d, seed=2)),
    "one far point": lambda d: (
        points(70, d, seed=1),
        torch.cat((points(69, d, seed=2), points(1, d, seed=3) * 1e7)),
    ),
}


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("d", [16, 33, 130])
def test_squared_distances_are_within_their_bound(library, cloud, d):
    x, y = CLOUDS[cloud](d)
    with host_kernels(library):
        full, fast = (pairwise_distance(x, y, squared=True, precision=p) for p in ("full", "tf32"))
        default = pairwise_distance(x, y, squared=True)
        own = pairwise_distance(y, y, precision="tf32")
    truth = distances(x, y, squared=True)
    assert torch.equal(default, full)
    assert (np.abs(wide(full) - truth) <= FULL * truth).all()
    assert (np.abs(wide(fast) - truth) <= BOUND * truth).all()
    assert (own.diagonal() == 0).all()


@pytest.mark.parametrize("d", [16, 64])
def test_fewer_digits_come_on_request_alone(library, d):
    """Errors in TF32 lie far above those of the default: were it TF32, this would show."""
    x, y = CLOUDS["normal"](d)
    truth = distances(x, y, squared=True)
    with host_kernels(library):
        default, fast = (
            pairwise_distance(x, y, squared=True),
            pairwise_distance(x, y, squared=True, precision="tf32"),
        )
    worst = [np.max(np.abs(wide(found) / truth - 1)) for found in (default, fast)]
    assert worst[0] < 1e-6 and worst[1] > 5e-5


def test_every_operation_takes_it(library):
    x, y = CLOUDS["normal"](64)
    z, weights = 0.1 * points(40, 64, seed=5), torch.linspace(0.5, 2, 130)
    with host_kernels(library):
        calls = {
            "sum": lambda **o: kernel_sum(x, y, kernel="gaussian", bandwidth=8.0, weights=weights, **o),
            "mean": lambda **o: kernel_mean(x, y, kernel="gaussian", bandwidth=8.0, **o),
            "own mean": lambda **o: kernel_mean(x, kernel="gaussian", bandwidth=8.0, **o),
            "nearest": lambda **o: nearest(x, y, **o)[1],
            "neighbours": lambda **o: knn(x, y, 3, **o)[1],
            "cosine": lambda **o: pairwise_distance(z, x, cosine=True, **o),
            "log-sum-exp": lambda **o: log_sum_exp(x, y, epsilon=64.0, **o),
            "average": lambda **o: softmax_average(x, y, y[:, :3], epsilon=64.0, **o),
        }
        found = {name: (call(precision="full"), call(precision="tf32")) for name, call in calls.items()}
        radius = 11.0
        counts = radius_count(x, y, radius, precision="tf32")
    for name, (full, fast) in found.items():
        assert not torch.equal(full, fast), name
        torch.testing.assert_close(
            fast, full, rtol=1e-2, atol=1e-3, msg=lambda text, at=name: f"{at}: {text}"
        )
    square = distances(x, y, squared=True)
    low, high = ((square <= radius**2 * side).sum(1) for side in (1 - BOUND, 1 + BOUND))
    assert ((low <= counts.numpy()) & (counts.numpy() <= high)).all()


def test_gradients_and_few_dimensions_are_as_ever(library):
    with host_kernels(library):
        for d in (3, 15):
            x, y = CLOUDS["normal"](d)
            assert torch.equal(pairwise_distance(x, y), pairwise_distance(x, y, precision="tf32"))
        x, y = CLOUDS["normal"](32)
        x = x.requires_grad_()
        full, fast = (
            torch.autograd.grad(kernel_sum(x, y, precision=p).sum(), x)[0] for p in ("full", "tf32")
        )
    assert torch.equal(full, fast)

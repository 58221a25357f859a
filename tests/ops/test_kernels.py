"""Sums and means of kernels: against extended precision, scipy, and the laws of the statistics they make."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy import stats

from gantheory.ops import kernel_mean, kernel_sum
from gantheory.ops.averaging import kernel_mean_reference
from gantheory.ops.kernels import KERNELS, SCALED
from gantheory.ops.pairs import pull_of_sum, pull_of_sum_reference
from gantheory.ops.summation import kernel_sum_reference
from tests.ops.oracles import DIMENSIONS, SIZES, Errors, distances, points, wide


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
ALL_SIZES = list(zip(SIZES, SIZES[4:] + SIZES[:4]))


def kernel_of(distance: np.ndarray, kernel: str, h: float) -> np.ndarray:
    formulas = {
        "energy": lambda r: r,
        "squared": lambda r: r**2,
        "gaussian": lambda r: np.exp(-(r**2) / (2 * h**2)),
        "laplace": lambda r: np.exp(-r / h),
        "rational_quadratic": lambda r: 1 / (1 + r**2 / (2 * h**2)),
    }
    return formulas[kernel](distance)


@DTYPES
@pytest.mark.parametrize("kernel", SCALED)
@pytest.mark.parametrize("d", DIMENSIONS)
def test_sums_of_all_sizes(kernel, d, dtype):
    errors, bandwidths = Errors(), [0.7 * d**0.5, 2.0 * d**0.5, 9.0]
    for n, m in ALL_SIZES:
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=1000 + m, dtype=dtype)
        w = points(m, 1, seed=7, dtype=dtype)[:, 0]
        ours = kernel_sum(x, y, kernel=kernel, bandwidth=bandwidths, weights=w)
        plain = kernel_sum_reference(x, y, kernel=kernel, bandwidth=bandwidths, weights=w)
        assert ours.shape == (3, n)
        for k, h in enumerate(bandwidths):
            terms = kernel_of(distances(x, y), kernel, h) * wide(w)
            errors.add(ours[k], plain[k], terms.sum(-1), np.abs(terms).sum(-1))
        assert torch.equal(ours[1], kernel_sum(x, y, kernel=kernel, bandwidth=bandwidths[1], weights=w))
    errors.check()


@DTYPES
def test_more_bandwidths_than_one_pass_takes(dtype):
    x, y, bandwidths = points(40, 3, seed=1, dtype=dtype), points(70, 3, seed=2, dtype=dtype), [*range(1, 20)]
    many = kernel_sum(x, y, kernel="gaussian", bandwidth=bandwidths)
    for k, h in enumerate(bandwidths):
        assert torch.equal(many[k], kernel_sum(x, y, kernel="gaussian", bandwidth=h))


@DTYPES
@pytest.mark.parametrize("kernel", SCALED)
def test_kernels_of_a_point_with_itself_are_one(kernel, dtype):
    x = 1e3 * points(1, 5, seed=1, dtype=dtype)
    assert kernel_sum(x, x, kernel=kernel, bandwidth=0.3).item() == 1
    far = torch.full((1, 5), torch.inf, dtype=dtype)
    assert kernel_sum(x, far, kernel=kernel, bandwidth=0.3).item() == 0
    assert kernel_sum(x, 1e15 * far.nan_to_num(posinf=1), kernel=kernel, bandwidth=0.3).item() < 1e-20
    assert kernel_sum(x, far * 0, kernel=kernel, bandwidth=0.3).isnan()


@DTYPES
@pytest.mark.parametrize("kernel", SCALED)
def test_pull_of_several_kernels_against_the_reference(kernel, dtype):
    errors, bandwidths = Errors(), [0.5, 1.0, 3.0]
    for n, m, d in ((1, 1, 1), (17, 300, 2), (33, 1100, 20), (5, 9000, 3)):
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=100 + m, dtype=dtype)
        for rows in (1, 3):
            a, b = points(rows, n, seed=5, dtype=dtype), points(4 - rows, m, seed=4, dtype=dtype)
            arguments = (KERNELS[kernel], bandwidths)
            ours, plain = (f(x, y, a, b, *arguments) for f in (pull_of_sum, pull_of_sum_reference))
            truth = wide(pull_of_sum_reference(x.double(), y.double(), a.double(), b.double(), *arguments))
            if dtype == torch.float32:
                errors.add(ours, plain, truth, np.sqrt((truth**2).mean()))
            else:
                torch.testing.assert_close(ours, plain, rtol=1e-10, atol=1e-10)
    if dtype == torch.float32:
        errors.check()


@DTYPES
@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
def test_own_means(kernel, unbiased, dtype):
    bandwidth = [0.8, 2.0] if kernel in SCALED else None
    errors = Errors()
    for n, d in ((2, 1), (31, 2), (33, 3), (64, 20), (65, 2), (130, 9), (700, 2)):
        x, w = points(n, d, seed=n, dtype=dtype), points(n, 1, seed=n + 1, dtype=dtype)[:, 0].abs() + 0.1
        options = {"kernel": kernel, "bandwidth": bandwidth, "weights": w, "unbiased": unbiased}
        ours, plain = kernel_mean(x, **options), kernel_mean_reference(x, **options)
        products = wide(w)[:, None] * wide(w)[None, :]
        if unbiased:
            products = products * (1 - np.eye(n))
        for k, h in enumerate(bandwidth or [1.0]):
            truth = (kernel_of(distances(x, x), kernel, h) * products).sum() / products.sum()
            a, b = (v[k] if bandwidth else v for v in (ours, plain))
            assert abs(a.double().item() / float(truth) - 1) < (5e-6 if dtype == torch.float32 else 1e-13)
            errors.add(a[None], b[None], np.array([truth]))
    if dtype == torch.float32:
        assert np.concatenate(errors.native).max() <= 2 * np.concatenate(errors.plain).max() + 1e-7


@given(n=st.integers(1, 40), m=st.integers(1, 40), seed=st.integers(0, 999))
def test_energy_distance_is_scipys(n, m, seed):
    x, y = points(n, 1, seed=seed, dtype=torch.float64), points(m, 1, seed=seed + 1, dtype=torch.float64)
    v, w = (points(k, 1, seed=seed + k, dtype=torch.float64)[:, 0].abs() + 0.01 for k in (n, m))
    value = (
        2 * kernel_mean(x, y, weights=v, other_weights=w)
        - kernel_mean(x, weights=v)
        - kernel_mean(y, weights=w)
    )
    scipys = stats.energy_distance(x[:, 0].numpy(), y[:, 0].numpy(), v.numpy(), w.numpy())
    np.testing.assert_allclose(value.item(), scipys**2, rtol=1e-9, atol=1e-12)


@given(n=st.integers(2, 60), d=st.integers(1, 12), seed=st.integers(0, 999))
def test_laws_of_the_statistics(n, d, seed):
    x, y = points(n, d, seed=seed, dtype=torch.float64), points(n + 1, d, seed=seed + 1, dtype=torch.float64)
    options = {"kernel": "gaussian", "bandwidth": 1.5}
    own, cross = kernel_mean(x, **options), kernel_mean(x, y, **options)
    assert own + kernel_mean(y, **options) - 2 * cross >= -1e-12  # a squared norm
    unbiased = kernel_mean(x, unbiased=True, **options)
    torch.testing.assert_close(own * n * n, unbiased * n * (n - 1) + n)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(n))
    torch.testing.assert_close(kernel_mean(x[order], **options), own, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(kernel_mean(x + 3, y + 3, **options), cross, rtol=1e-10, atol=1e-12)
    twice = torch.cat([x, x])
    torch.testing.assert_close(kernel_mean(twice, **options), own, rtol=1e-12, atol=1e-12)
    masked = torch.cat([torch.ones(n), torch.zeros(n)]).double()
    torch.testing.assert_close(kernel_mean(twice + masked[:, None], weights=masked, **options), own)
    torch.testing.assert_close(kernel_mean(x, x, **options), own, rtol=1e-12, atol=1e-12)


def test_batches_broadcast_and_equal_a_loop():
    x, y = points(5, 3, seed=1, lead=(4, 1)), points(70, 3, seed=2, lead=(2,))
    w = points(5, 1, seed=3, lead=(2,))[..., 0].abs()
    options = {"kernel": "laplace", "bandwidth": (0.5, 2.0)}
    means = kernel_mean(x, y, weights=w, **options)
    own = kernel_mean(y, unbiased=True, **options)
    assert means.shape == (4, 2, 2) and own.shape == (2, 2)
    for b in range(2):
        torch.testing.assert_close(own[b], kernel_mean(y[b], unbiased=True, **options))
        for a in range(4):
            one = kernel_mean(x[a, 0], y[b], weights=w[b], **options)
            torch.testing.assert_close(means[a, b], one)


def test_empty_and_single_points():
    x = torch.zeros(0, 3)
    assert kernel_sum(x, torch.zeros(2, 3), kernel="gaussian", bandwidth=(1.0, 2.0)).shape == (2, 0)
    assert kernel_mean(x).isnan() and kernel_mean(torch.ones(1, 3), unbiased=True).isnan()
    assert kernel_mean(torch.ones(1, 3), kernel="gaussian", bandwidth=1.0) == 1


def test_wrong_arguments_are_named():
    x = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="needs a bandwidth"):
        kernel_sum(x, x, kernel="gaussian")
    with pytest.raises(ValueError, match="has no bandwidth"):
        kernel_sum(x, x, bandwidth=1.0)
    for bad in (0.0, -1.0, float("nan"), [], [1.0, 0.0]):
        with pytest.raises(ValueError, match="bandwidth must be"):
            kernel_mean(x, kernel="laplace", bandwidth=bad)
    with pytest.raises(ValueError, match="unbiased leaves out"):
        kernel_mean(x, x, unbiased=True)
    with pytest.raises(ValueError, match="other_weights belong to y"):
        kernel_mean(x, other_weights=torch.ones(3))

"""Cases of the peers' own test suites: torch, scikit-learn, faiss, cuVS, KeOps, geomloss."""

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
)
from tests.ops.oracles import distances, points, wide


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


@pytest.mark.parametrize("p", [1, 2, np.inf])
@pytest.mark.parametrize("n, m, d", [(3, 4, 5), (5, 3, 6), (25, 26, 3), (26, 25, 3), (1000, 900, 10)])
def test_distances_are_torch_cdists(n, m, d, p):
    """torch, test_cdist_norm, _batch, _large and _non_contiguous: more than 25 rows take another path there."""
    x, y = points(n, d, seed=1, lead=(2,)), points(m, d, seed=2, lead=(2,))
    truth = torch.cdist(x.double(), y.double(), p=p, compute_mode="donot_use_mm_for_euclid_dist").float()
    torch.testing.assert_close(pairwise_distance(x, y, p=p), truth, rtol=1e-5, atol=1e-8)
    slanted = x.mT.contiguous().mT, torch.stack([y, y], dim=-2)[..., 0, :]
    assert not slanted[0].is_contiguous() and not slanted[1].is_contiguous()
    assert torch.equal(pairwise_distance(*slanted, p=p), pairwise_distance(x, y, p=p))


@pytest.mark.parametrize("n, m, d", [(2048, 4096, 128), (1021, 1021, 1021), (65_664, 128, 8)])
def test_shapes_of_cuvs(n, m, d):
    """cuVS, dist_l2_exp.cu and fused nearest: 1e-3 there, since they expand the square."""
    x, y = points(n, d, seed=1), points(m, d, seed=2)
    a, b = x.double(), y.double()
    truth = (a.square().sum(-1, keepdim=True) + b.square().sum(-1) - 2 * a @ b.T).sqrt()
    torch.testing.assert_close(pairwise_distance(x, y).double(), truth, rtol=1e-6, atol=0)
    torch.testing.assert_close(nearest(x, y)[1].double(), truth.amin(-1), rtol=1e-6, atol=0)


@DTYPES
@pytest.mark.parametrize("d", [3, 9, 40, 128])
def test_a_cloud_with_itself(d, dtype):
    """cuVS, XequalsY; scikit-learn, test_euclidean_distances_extreme_values and _sym."""
    for x in (points(300, d, seed=1, dtype=dtype), 1e4 + 1e-2 * points(300, d, seed=2, dtype=dtype)):
        table = pairwise_distance(x, x)
        assert (table.diagonal() == 0).all() and torch.equal(table, table.mT)
        np.testing.assert_allclose(table, distances(x, x), rtol=1e-6)
        assert knn(x, k=1)[0][:, 0].tolist() == list(range(300))
        assert (nearest(x, x)[1] == 0).all()


@DTYPES
@pytest.mark.parametrize("d", [1, 7, 9, 31, 33, 64])
def test_appended_zeros_change_nothing(d, dtype):
    """faiss, test_zero_padding_invariance, for every operation; 512695 against 512804 in all of them."""
    x, y = points(70, d, seed=1, dtype=dtype), points(90, d, seed=2, dtype=dtype)
    x[0, 0], y[0, 0], x[0, 1:], y[0, 1:] = 512695.0, 512804.0, 1e5, 1e5
    far = [torch.cat([p, p.new_zeros(len(p), 40)], dim=1) for p in (x, y)]
    # to the bit on the CPU; on CUDA tensor cores take over at 32 dimensions, and round
    rounding = {} if native.on_cuda else {"rtol": 0, "atol": 0}
    torch.testing.assert_close(pairwise_distance(x, y), pairwise_distance(*far), **rounding)
    assert torch.equal(radius_count(x, y, d**0.5), radius_count(*far, d**0.5))
    near, still = knn(x, y, 5), knn(*far, 5)
    torch.testing.assert_close(near[1], still[1], **rounding)
    assert native.on_cuda or torch.equal(near[0], still[0])  # rounding may exchange equals
    for operation in (
        kernel_sum,
        lambda a, b: kernel_sum(a, b, kernel="gaussian", bandwidth=[1.0, 30.0]),
        lambda a, b: kernel_mean(a),
        log_sum_exp,
    ):
        torch.testing.assert_close(operation(x, y), operation(*far))
    assert pairwise_distance(x, y)[0, 0] == kernel_sum(x[:1], y[:1]) == nearest(x[:1], y[:1])[1] == 109
    assert radius_count(x[:1], y[:1], 109.0).item() == 1
    assert log_sum_exp(x[:1], y[:1]).item() == pytest.approx(-(109**2), rel=1e-6)


@DTYPES
def test_masks_by_zero_weight(dtype):
    """cuVS, masked_nn.cu, and geomloss's weights: a point of weight 0 is not there."""
    x, y = points(50, 9, seed=1, dtype=dtype), points(200, 9, seed=2, dtype=dtype)
    weights = (points(200, 1, seed=3, dtype=dtype)[:, 0] > 0).to(dtype)
    kept = y[weights > 0]
    for options in ({}, {"kernel": "gaussian", "bandwidth": 3.0}):
        torch.testing.assert_close(
            kernel_sum(x, y, weights=weights, **options), kernel_sum(x, kept, **options)
        )
        torch.testing.assert_close(kernel_mean(y, weights=weights, **options), kernel_mean(kept, **options))
    torch.testing.assert_close(log_sum_exp(x, y, bias=weights.log()), log_sum_exp(x, kept))


@pytest.mark.parametrize("transform", ["vjp", "jacrev", "hessian"])
def test_transforms_of_a_gaussian_sum_are_its_formulas(transform):
    """KeOps, test_torch_func.py: 1e-5 there."""
    x, y, h = points(3, 2, seed=1, dtype=torch.float64), points(7, 2, seed=2, dtype=torch.float64), 1.3

    def sums(x):
        return kernel_sum(x, y, kernel="gaussian", bandwidth=h)

    difference = x[:, None] - y
    values = (-difference.square().sum(-1) / (2 * h * h)).exp()
    gradient = -(values[..., None] * difference).sum(1) / h**2
    if transform == "vjp":
        (found,) = torch.func.vjp(sums, x)[1](torch.ones(3, dtype=torch.float64))
        truth = gradient
    elif transform == "jacrev":
        found, truth = torch.func.jacrev(sums)(x), torch.einsum("ik,ij->ijk", gradient, torch.eye(3).double())
    else:
        outer = difference[..., :, None] * difference[..., None, :] / h**4 - torch.eye(2).double() / h**2
        found = torch.func.jacrev(torch.func.jacrev(lambda x: sums(x).sum()))(x)
        truth = torch.einsum("ikl,ij->ikjl", (values[..., None, None] * outer).sum(1), torch.eye(3).double())
    torch.testing.assert_close(found, truth, rtol=1e-10, atol=1e-12)


@DTYPES
@pytest.mark.parametrize("name", ["gaussian", "laplacian", "energy"])
def test_kernel_losses_of_geomloss(name, dtype):
    """L = 1/2 sum (a - b)_i k(z_i, z_j) (a - b)_j, and its potential; geomloss writes the energy with a minus."""
    x, y = points(40, 3, seed=1, dtype=dtype), points(60, 3, seed=2, dtype=dtype)
    a, b = (points(k, 1, seed=k, dtype=dtype)[:, 0].abs() + 0.1 for k in (40, 60))
    a, b, blur = a / a.sum(), b / b.sum(), 0.7
    kernel = {"gaussian": "gaussian", "laplacian": "laplace", "energy": "energy"}[name]
    options = {"kernel": kernel, "bandwidth": None if name == "energy" else blur}
    sign = -1 if name == "energy" else 1
    r, signed = distances(torch.cat([x, y]), torch.cat([x, y])), wide(torch.cat([a, -b]))
    formula = {"gaussian": np.exp(-(r**2) / (2 * blur**2)), "laplacian": np.exp(-r / blur), "energy": -r}[
        name
    ]
    own = kernel_mean(x, weights=a, **options) + kernel_mean(y, weights=b, **options)
    cross = kernel_mean(x, y, weights=a, other_weights=b, **options)
    tolerance = {"rtol": 0, "atol": 1e-6 if dtype == torch.float32 else 1e-14}
    np.testing.assert_allclose(sign * (own / 2 - cross), signed @ formula @ signed / 2, **tolerance)
    potential = kernel_sum(x, x, weights=a, **options) - kernel_sum(x, y, weights=b, **options)
    np.testing.assert_allclose(sign * potential, (formula @ signed)[:40], **tolerance)

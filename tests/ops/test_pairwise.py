"""Values of the pairwise operations against float64, and the laws that they obey."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from gantheory.ops import kernel_sum, native, nearest, pairwise_distance
from gantheory.ops.distance import pairwise_distance_reference
from gantheory.ops.kernels import KERNELS
from gantheory.ops.neighbour import nearest_reference
from gantheory.ops.pairs import pull, pull_of_sum, pull_of_sum_reference, pull_reference
from gantheory.ops.summation import kernel_sum_reference
from tests.ops.oracles import DIMENSIONS, SIZES, Errors, distances, points, pulls, wide


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
ALL_SIZES = list(zip(SIZES, SIZES[4:] + SIZES[:4]))


@DTYPES
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("d", DIMENSIONS)
def test_distances_of_all_sizes(d, squared, dtype):
    errors = Errors()
    for n, m in ALL_SIZES:
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=1000 + m, dtype=dtype)
        table = pairwise_distance(x, y, squared=squared)
        errors.add(
            table, pairwise_distance_reference(x, y, squared=squared), distances(x, y, squared=squared)
        )
        index, distance = nearest(x, y)
        assert torch.equal(index, table.argmin(1))
        if not squared:
            assert torch.equal(distance, table.gather(1, index[:, None])[:, 0])
            torch.testing.assert_close(distance, nearest_reference(x, y)[1])
    errors.check()


@DTYPES
@pytest.mark.parametrize("kernel", ["energy", "squared"])
@pytest.mark.parametrize("d", DIMENSIONS)
def test_sums_of_all_sizes(d, kernel, dtype):
    errors = Errors()
    for n, m in ALL_SIZES:
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=1000 + m, dtype=dtype)
        for w in (torch.ones(m, dtype=dtype), points(m, 1, seed=7, dtype=dtype)[:, 0]):
            terms = distances(x, y, squared=kernel == "squared") * wide(w)
            plain = kernel_sum_reference(x, y, kernel=kernel, weights=w)
            ours = kernel_sum(x, y, kernel=kernel, weights=w)
            errors.add(ours, plain, terms.sum(-1), np.abs(terms).sum(-1))
            if (w == 1).all():
                assert torch.equal(ours, kernel_sum(x, y, kernel=kernel))
    errors.check()


@pytest.mark.skipif(native.library is None, reason=native.reason())
@DTYPES
@pytest.mark.parametrize("squared", [False, True])
def test_pull_against_its_formula(squared, dtype):
    errors = Errors()
    for n, m, d in ((1, 1, 1), (17, 300, 3), (33, 65, 20), (5, 700, 2)):
        x, y = points(n, d, seed=n, dtype=dtype), points(m, d, seed=100 + m, dtype=dtype)
        kernel = KERNELS["squared" if squared else "energy"]
        w = points(n, m, seed=3, dtype=dtype)
        scale = np.sqrt((pulls(x, y, w, squared=squared) ** 2).mean())
        ours, plain = (f(x, y, w, kernel) for f in (pull, pull_reference))
        errors.add(ours, plain, pulls(x, y, w, squared=squared), scale)
        a, b = points(1, n, seed=5, dtype=dtype), points(1, m, seed=4, dtype=dtype)
        truth = pulls(x, y, a.mT * b, squared=squared)
        ours, plain = (f(x, y, a, b, kernel, [1.0]) for f in (pull_of_sum, pull_of_sum_reference))
        errors.add(ours, plain, truth, np.sqrt((truth**2).mean()))
    errors.check()


def test_long_sums_keep_their_digits():
    x, y = points(3, 2, seed=1), points(200_000, 2, seed=2)
    truth = distances(x, y).sum(-1)
    assert np.abs(kernel_sum(x, y).double().numpy() / truth - 1).max() < 1e-7


def test_near_points_far_from_the_origin():
    x, y = torch.tensor([[512695.0]]), torch.tensor([[512804.0]])
    assert pairwise_distance(x, y).item() == 109  # torch.cdist gave 0 here: pytorch issue 42479
    cloud = 1e4 + 1e-2 * points(40, 16, seed=0)
    np.testing.assert_allclose(pairwise_distance(cloud, cloud), distances(cloud, cloud), rtol=1e-6)
    assert (pairwise_distance(cloud, cloud).diagonal() == 0).all()
    assert (nearest(cloud, cloud)[0] == torch.arange(40)).all()


@DTYPES
def test_roots_of_squares_are_exact(dtype):
    whole = torch.arange(4096, dtype=dtype)[:, None]
    assert torch.equal(pairwise_distance(whole, whole[:1]), whole)
    tiny = torch.tensor([[0.0], [1e-19], [1e19], [torch.inf]], dtype=dtype)
    torch.testing.assert_close(pairwise_distance(tiny, tiny[:1]), tiny, rtol=1e-6, atol=0)


@given(n=st.integers(1, 40), m=st.integers(1, 80), d=st.integers(1, 20), seed=st.integers(0, 999))
def test_laws(n, m, d, seed):
    x, y = points(n, d, seed=seed), points(m, d, seed=seed + 1)
    table = pairwise_distance(x, y)
    other_way = pairwise_distance(y, x).mT
    assert (table >= 0).all()
    if d >= 16 and native.on_cuda:  # tensor cores begin at the centre of the second set
        torch.testing.assert_close(table, other_way, atol=0, rtol=5e-7)
    else:
        assert torch.equal(table, other_way)
    assert torch.equal(table, pairwise_distance(-x, -y)) and torch.equal(
        table * 4, pairwise_distance(4 * x, 4 * y)
    )
    order = torch.from_numpy(np.random.default_rng(seed).permutation(m))
    assert torch.equal(table[:, order], pairwise_distance(x, y[order]))
    torch.testing.assert_close(kernel_sum(x, y), kernel_sum(x, y[order]))
    shift = torch.full((d,), 8.0)
    torch.testing.assert_close(table, pairwise_distance(x + shift, y + shift), atol=1e-5, rtol=1e-5)
    padded = [torch.cat([p, torch.zeros(len(p), 30)], dim=1) for p in (x, y)]
    torch.testing.assert_close(table, pairwise_distance(*padded), atol=0, rtol=1e-6)


@given(seed=st.integers(0, 999), m=st.integers(1, 200))
def test_ties_go_to_the_smallest_index(seed, m):
    rng = np.random.default_rng(seed)
    x, y = (torch.tensor(rng.integers(-2, 3, size=(k, 2)), dtype=torch.float32) for k in (9, m))
    index, distance = nearest(x, y)
    exact = distances(x, y, squared=True)  # of small integers: exact, as is the float32 result
    np.testing.assert_array_equal(index, exact.argmin(-1))
    np.testing.assert_allclose(distance, np.sqrt(exact.min(-1)), rtol=1e-7)


@pytest.mark.parametrize("n, m", [(0, 5), (5, 0), (0, 0)])
def test_empty_sets(n, m):
    x, y = torch.zeros(n, 3, requires_grad=True), torch.zeros(m, 3, requires_grad=True)
    assert pairwise_distance(x, y).shape == (n, m)
    sums = kernel_sum(x, y)
    assert sums.shape == (n,) and (sums == 0).all()
    (sums.sum() + pairwise_distance(x, y).sum()).backward()
    assert (x.grad == 0).all() and (y.grad == 0).all()


def test_empty_batches_and_no_nearest():
    assert nearest(torch.zeros(0, 3), torch.zeros(2, 3))[0].shape == (0,)
    assert pairwise_distance(torch.zeros(0, 4, 3), torch.zeros(2, 3)).shape == (0, 4, 2)
    with pytest.raises(ValueError, match="y must hold between 1"):
        nearest(torch.zeros(2, 3), torch.zeros(0, 3))


def test_batches_broadcast_and_equal_a_loop():
    x, y = points(5, 3, seed=1, lead=(4, 1)), points(70, 3, seed=2, lead=(2,))
    w = points(70, 1, seed=3, lead=(3, 1, 1))[..., 0]
    table, sums = pairwise_distance(x, y), kernel_sum(x, y, weights=w)
    index, distance = nearest(x, y)
    assert table.shape == (4, 2, 5, 70) and sums.shape == (3, 4, 2, 5) and index.shape == (4, 2, 5)
    for a in range(4):
        for b in range(2):
            assert torch.equal(table[a, b], pairwise_distance(x[a, 0], y[b]))
            assert torch.equal(index[a, b], nearest(x[a, 0], y[b])[0])
            assert torch.equal(distance[a, b], nearest(x[a, 0], y[b])[1])
            for c in range(3):
                assert torch.equal(sums[c, a, b], kernel_sum(x[a, 0], y[b], weights=w[c, 0, 0]))


def test_strides_do_not_matter_and_inputs_stay():
    x, y = points(6, 40, seed=1)[:, ::2], points(20, 9, seed=2).T.repeat(1, 2)[:, ::2][:, :20]
    before = x.clone(), y.clone()
    assert not x.is_contiguous()
    assert torch.equal(pairwise_distance(x, y), pairwise_distance(x.clone(), y.contiguous()))
    assert torch.equal(kernel_sum(x, y), kernel_sum(x.clone(), y.contiguous()))
    assert torch.equal(nearest(x, y)[0], nearest(x.clone(), y.contiguous())[0])
    assert torch.equal(x, before[0]) and torch.equal(y, before[1])


def test_not_a_number_and_infinity_pass_through():
    x, y = torch.zeros(3, 2), torch.zeros(5, 2)
    x[1, 0], y[2, 1] = torch.nan, torch.inf
    table = pairwise_distance(x, y)
    assert table[1].isnan().all() and (table[0, 2] == torch.inf) and (table[0, 3] == 0)
    assert kernel_sum(x, y)[1].isnan() and kernel_sum(x, y)[0] == torch.inf
    (gradient,) = torch.autograd.grad(kernel_sum(x.requires_grad_(), y).sum(), x)
    assert gradient[1].isnan().all()
    y[0] = torch.nan
    assert nearest(x, y)[0][0] == 1


def test_wrong_arguments_are_named():
    x = torch.zeros(3, 2)
    for call in (pairwise_distance, kernel_sum, nearest):
        with pytest.raises(ValueError, match="x must have shape"):
            call(x[0], x)
        with pytest.raises(ValueError, match="one space"):
            call(x, torch.zeros(3, 4))
        with pytest.raises(ValueError, match="y must be float32"):
            call(x, x.half())
        with pytest.raises(ValueError, match="agree in dtype"):
            call(x, x.double())
        with pytest.raises(ValueError, match="leading axes of y"):
            call(x.expand(2, 3, 2), x.expand(5, 3, 2))
    with pytest.raises(ValueError, match="kernel must be one of energy, squared, gaussian"):
        kernel_sum(x, x, kernel="cosine")
    with pytest.raises(ValueError, match=r"weights must be \(\.\.\., 3\)"):
        kernel_sum(x, x, weights=torch.ones(4))


def test_precision_is_full_on_the_processor_and_checked():
    x, y = points(20, 40, seed=1), points(30, 40, seed=2)
    if not native.on_cuda:
        assert torch.equal(pairwise_distance(x, y), pairwise_distance(x, y, precision="tf32"))
    with pytest.raises(ValueError, match="precision must be 'full' or 'tf32', not 'half'"):
        pairwise_distance(x, y, precision="half")
    with pytest.raises(ValueError, match="goes with float32 points"):
        kernel_sum(x.double(), y.double(), precision="tf32")

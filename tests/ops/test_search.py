"""Nearest points, points within reach, and shortest trees: against numpy and scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree as scipy_tree

from gantheory.ops import knn, minimum_spanning_tree, nearest, radius_count
from gantheory.ops.neighbour import knn_reference
from gantheory.ops.radius import radius_count_reference
from gantheory.ops.spanning_tree import minimum_spanning_tree_reference
from tests.ops.oracles import distances, points


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


@DTYPES
@given(
    n=st.integers(1, 70), m=st.integers(1, 200), d=st.integers(1, 5), seed=st.integers(0, 999), data=st.data()
)
def test_neighbours_of_integer_points_are_exact(dtype, n, m, d, seed, data):
    rng = np.random.default_rng(seed)
    x, y = (torch.tensor(rng.integers(-3, 4, size=(k, d)), dtype=dtype) for k in (n, m))
    k = data.draw(st.integers(1, min(64, m)))
    index, distance = knn(x, y, k)
    exact = distances(x, y, squared=True)
    np.testing.assert_array_equal(index, exact.argsort(-1, kind="stable")[:, :k])
    torch.testing.assert_close(
        distance.double() ** 2, torch.from_numpy(np.sort(exact, -1)[:, :k].astype(float))
    )
    if m > 1:
        k = min(k, m - 1)
        index, distance = knn(y, k=k, exclude_self=True)
        exact = distances(y, y, squared=True)
        np.fill_diagonal(exact, np.inf)
        np.testing.assert_array_equal(index, exact.argsort(-1, kind="stable")[:, :k])
        assert torch.equal(index, knn_reference(y, k=k, exclude_self=True)[0])


@DTYPES
@pytest.mark.parametrize("n, m, d", [(1, 9000, 2), (3, 40_000, 17), (40, 5000, 9), (200, 300, 64)])
def test_neighbours_of_many_points(n, m, d, dtype):
    """Few rows against many columns: the columns are cut into chunks, which are merged."""
    x, y = points(n, d, seed=1, dtype=dtype), points(m, d, seed=2, dtype=dtype)
    y[m // 2] = y[m - 1] = y[3]  # equal points in different chunks
    index, distance = knn(x, y, 7)
    for i in range(0, n, 17):
        truth = distances(x[i : i + 1], y)[0]
        np.testing.assert_allclose(distance[i], np.sort(truth)[:7], rtol=1e-5)
        np.testing.assert_allclose(distance[i], truth[index[i]], rtol=1e-5)
    assert knn(y[3:4], y, 3)[0].tolist() == [[3, m // 2, m - 1]]
    assert torch.equal(nearest(x, y)[0], index[:, 0])


def odd_points(d: int, dtype) -> dict[str, torch.Tensor]:
    """Three thousand points each: in no order, in clusters, on a lattice, in one place, nowhere."""
    rng = np.random.default_rng(d)
    clusters = rng.normal(size=(8, d))[rng.integers(8, size=3001)] + 1e-3 * rng.normal(size=(3001, d))
    nowhere = rng.normal(size=(3001, d))
    nowhere[100:140], nowhere[7, 0], nowhere[9, -1] = np.nan, np.inf, -np.inf
    arrays = {
        "normal": rng.normal(size=(3001, d)),
        "clusters": clusters,
        "far": 1e4 + rng.normal(size=(3001, d)),
        "lattice": rng.integers(-2, 3, size=(3001, d)),
        "equal": np.ones((3001, d)),
        "nowhere": nowhere,
        "infinite": np.full((3001, d), np.inf),
    }
    return {name: torch.tensor(array, dtype=dtype) for name, array in arrays.items()}


def everything(x: torch.Tensor, y: torch.Tensor, reach: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return *knn(x, y, 1), *knn(x, y, 5), radius_count(x, y, reach), radius_count(x, y, 0.0)


@DTYPES
@pytest.mark.parametrize("d", [1, 2, 3, 17, 40])
def test_pairs_left_out_change_no_bit(d, dtype):
    """Of many points most pairs are never seen; of a few points at a time, all are."""
    for name, y in odd_points(d, dtype).items():
        x = torch.cat([y[::3], points(500, d, seed=4, dtype=dtype)])
        reach = points(len(y), 1, seed=3, dtype=dtype)[:, 0].abs() * d**0.5
        few = [everything(part, y, reach) for part in x.split(700)]
        for whole, parts in zip(everything(x, y, reach), zip(*few), strict=True):
            assert torch.equal(whole, torch.cat(parts)), name
        if name not in ("nowhere", "infinite"):
            index = torch.cat([knn(part, y, 4)[0] for part in y.split(700)])
            others = [[j for j in row if j != i][:3] for i, row in enumerate(index.tolist())]
            assert knn(y, k=3, exclude_self=True)[0].tolist() == others, name
    batch = torch.stack([odd_points(d, dtype)[name] for name in ("normal", "lattice")])
    for one, both in zip(batch, zip(*knn(batch, k=2))):
        assert all(torch.equal(a, b) for a, b in zip(both, knn(one, k=2)))


def test_bits_of_many_points_do_not_depend_on_threads(two_threads):
    x = points(5000, 3, seed=1)
    two = *knn(x, k=5), radius_count(x, radius=0.3)
    torch.set_num_threads(1)
    for a, b in zip(two, (*knn(x, k=5), radius_count(x, radius=0.3))):
        assert torch.equal(a, b)


def test_points_that_are_nowhere_come_last():
    x, y = torch.zeros(2, 2), torch.zeros(6, 2)
    y[0], y[1, 0], y[3, 1], x[1] = 1.0, torch.nan, torch.inf, torch.nan
    for k in (1, 3, 5, 6):
        index, distance = knn(x, y, k)
        assert index[0].tolist() == [2, 4, 5, 0, 1, 3][:k] and index[1].tolist() == list(range(k))
        assert distance[0].tolist() == pytest.approx([0, 0, 0, 2**0.5, np.inf, np.inf][:k])
        assert torch.equal(index, knn_reference(x, y, k)[0])
    index, _ = knn(y, k=5, exclude_self=True)
    assert torch.equal(index, knn_reference(y, k=5, exclude_self=True)[0])


@DTYPES
@given(n=st.integers(1, 70), m=st.integers(1, 200), d=st.integers(1, 5), seed=st.integers(0, 999))
def test_counts_of_integer_points_are_exact(dtype, n, m, d, seed):
    rng = np.random.default_rng(seed)
    x, y = (torch.tensor(rng.integers(-3, 4, size=(k, d)), dtype=dtype) for k in (n, m))
    radius = torch.tensor(rng.integers(-1, 5, size=m), dtype=dtype)
    exact = distances(x, y, squared=True)
    for r in (0.0, 2.0, radius):
        reach = np.broadcast_to(np.asarray(r), (m,))
        inside = (exact <= reach**2) & (reach >= 0)
        np.testing.assert_array_equal(radius_count(x, y, r), inside.sum(-1))
        assert torch.equal(radius_count(x, y, r), radius_count_reference(x, y, r))
        own = radius_count(y, radius=r, exclude_self=True)
        assert torch.equal(own, radius_count_reference(y, radius=r, exclude_self=True))


def test_counts_of_many_points_and_of_none():
    x, y = points(3, 4, seed=1), points(50_000, 4, seed=2)
    np.testing.assert_array_equal(radius_count(x, y, 2.0), (distances(x, y) <= 2.0).sum(-1))
    y[7] = torch.nan
    assert radius_count(y[:9], radius=1e9, exclude_self=True).tolist() == [7] * 7 + [0, 7]
    assert radius_count(x, y[:0], 1.0).tolist() == [0, 0, 0]
    assert radius_count(x[None], y[:5].expand(2, 5, 4), torch.ones(5)).shape == (2, 3)


@DTYPES
@pytest.mark.parametrize("n, d", [(2, 1), (3, 2), (17, 3), (64, 2), (65, 9), (300, 2)])
def test_trees_are_scipys(n, d, dtype):
    x = points(n, d, seed=n, dtype=dtype)
    edges, lengths = minimum_spanning_tree(x)
    table = distances(x, x).astype(np.float64)
    truth = np.sort(scipy_tree(table).data)
    np.testing.assert_allclose(lengths, truth, rtol=1e-5 if dtype == torch.float32 else 1e-12)
    np.testing.assert_allclose(lengths, table[edges[:, 0], edges[:, 1]], rtol=1e-5)
    assert (edges[:, 0] < edges[:, 1]).all() and (lengths.diff() >= 0).all()
    cluster = list(range(n))  # the edges join all points
    for i, j in edges.tolist():
        cluster = [cluster[i] if c == cluster[j] else c for c in cluster]
    assert len(set(cluster)) == 1
    torch.testing.assert_close(minimum_spanning_tree_reference(x)[1], lengths)


def test_trees_of_few_equal_or_batched_points():
    for n in (0, 1):
        edges, lengths = minimum_spanning_tree(torch.zeros(n, 3))
        assert edges.shape == (0, 2) and lengths.shape == (0,)
    assert minimum_spanning_tree(torch.ones(40, 2))[1].eq(0).all()
    x = points(20, 2, seed=1, lead=(3, 2))
    edges, lengths = minimum_spanning_tree(x)
    for a in range(3):
        for b in range(2):
            alone = minimum_spanning_tree(x[a, b])
            assert torch.equal(edges[a, b], alone[0]) and torch.equal(lengths[a, b], alone[1])


def test_wrong_arguments_are_named():
    x = torch.zeros(3, 2)
    for k in (0, 4, 65):
        with pytest.raises(ValueError, match="k must lie between 1 and 3"):
            knn(x, k=k)
    with pytest.raises(ValueError, match="k must lie between 1 and 2"):
        knn(x, k=3, exclude_self=True)
    with pytest.raises(ValueError, match="exclude_self needs"):
        knn(x, x[:2], 1, exclude_self=True)
    with pytest.raises(ValueError, match="exclude_self needs"):
        radius_count(x, x[:2], exclude_self=True)
    with pytest.raises(ValueError, match="radius must be at least 0"):
        radius_count(x, radius=-1.0)
    with pytest.raises(ValueError, match=r"radius must be \(\.\.\., 3\)"):
        radius_count(x, radius=torch.ones(4))

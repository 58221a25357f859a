"""Transport on the line against scipy and a linear program, its laws and gradients."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import torch
from hypothesis import given, strategies as st

from gantheory.ops import sliced_wasserstein, wasserstein_1d
from tests.ops.oracles import points


def line(n: int, *, seed: int) -> torch.Tensor:
    return points(n, 1, seed=seed, dtype=torch.float64)[:, 0]


@given(n=st.integers(1, 30), m=st.integers(1, 30), seed=st.integers(0, 999), weighted=st.booleans())
def test_against_scipy(n, m, seed, weighted):
    x, y = line(n, seed=seed), line(m, seed=seed + 1) + 0.3
    a, b = (line(k, seed=seed + 2).abs() + 0.01 for k in (n, m)) if weighted else (None, None)
    wanted = scipy.stats.wasserstein_distance(x, y, a, b)
    assert abs(wasserstein_1d(x, y, p=1, a=a, b=b).item() - wanted) < 1e-10


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0])
def test_against_a_linear_program(p):
    x, y, a, b = line(5, seed=1), line(7, seed=2), line(5, seed=3).abs(), line(7, seed=4).abs()
    a, b = a / a.sum(), b / b.sum()
    cost = (x[:, None] - y).abs().pow(p).numpy()
    rows = [np.kron(np.eye(5), np.ones(7)), np.kron(np.ones(5), np.eye(7))]
    exact = scipy.optimize.linprog(cost.ravel(), A_eq=np.vstack(rows), b_eq=torch.cat((a, b)).numpy()).fun
    assert abs(wasserstein_1d(x, y, p=p, a=a, b=b).item() - exact) < 1e-9


def test_equal_sizes_and_uniform_weights_agree():
    x, y = line(20, seed=1), line(20, seed=2)
    even = torch.full((20,), 3.0, dtype=torch.float64)
    torch.testing.assert_close(wasserstein_1d(x, y), wasserstein_1d(x, y, a=even, b=even))
    torch.testing.assert_close(wasserstein_1d(x, y), wasserstein_1d(x.repeat(2), y))
    assert wasserstein_1d(x, x.flip(0)).item() == 0
    torch.testing.assert_close(wasserstein_1d(x, x + 3), torch.tensor(9.0, dtype=torch.float64))


def test_points_without_weight_change_nothing():
    x, y = line(6, seed=1), line(4, seed=2)
    a = torch.tensor([1.0, 1, 1, 1, 0, 0], dtype=torch.float64)
    torch.testing.assert_close(wasserstein_1d(x, y, a=a), wasserstein_1d(x[:4], y))


def test_slices_are_projections():
    x, y = (points(n, 3, seed=n, dtype=torch.float64, lead=(2,)) for n in (9, 12))
    u = torch.nn.functional.normalize(points(5, 3, seed=3, dtype=torch.float64), dim=-1)
    each = torch.stack([wasserstein_1d(x @ v, y @ v) for v in u])
    torch.testing.assert_close(sliced_wasserstein(x, y, u), each.mean(0))


def test_gradients_and_transforms():
    x, y, a = line(5, seed=1), line(4, seed=2), line(5, seed=3).abs() + 0.1
    with torch.random.fork_rng():
        inputs = [v.requires_grad_() for v in (x, y, a)]
        assert torch.autograd.gradcheck(lambda x, y, a: wasserstein_1d(x, y, a=a), inputs)
        assert torch.autograd.gradgradcheck(lambda x, y, a: wasserstein_1d(x, y, a=a), inputs)
    u = torch.eye(2, dtype=torch.float64)
    p, q = points(6, 2, seed=1, dtype=torch.float64, lead=(3,)), points(8, 2, seed=2, dtype=torch.float64)
    slope = torch.func.grad(lambda p: sliced_wasserstein(p, q, u))
    torch.testing.assert_close(torch.func.vmap(slope)(p), torch.stack([slope(member) for member in p]))


def test_wrong_arguments_are_named():
    x = torch.zeros(3)
    for call, message in (
        (lambda: wasserstein_1d(x, x, p=0.5), "p must be at least 1"),
        (lambda: wasserstein_1d(x, x[:0]), "at least one point"),
        (lambda: wasserstein_1d(x, x, a=torch.ones(4)), r"a must be \(..., 3\)"),
        (lambda: sliced_wasserstein(x[:, None], x[:, None], torch.eye(2)), "directions must be"),
    ):
        with pytest.raises(ValueError, match=message):
            call()

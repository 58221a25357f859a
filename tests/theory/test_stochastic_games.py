"""Stochastic extragradient against the enumeration of all batches and the covariance's own equation."""

import itertools

import numpy as np
import pytest

from gantheory import theory


def enumerated(h, n, B, same, replacement):
    """The factor of E |w|^2 by every pair of batches, on matrices written out."""
    pick = itertools.product if replacement else itertools.combinations
    batches = list(pick(range(n), repeat=B) if replacement else pick(range(n), B))
    zero, I = np.zeros((n, n)), np.eye(2 * n)

    def field(batch):
        D = np.diag(np.bincount(batch, minlength=n) / B)
        return np.block([[zero, D], [-D, zero]])

    pairs = [(b, b) for b in batches] if same else itertools.product(batches, batches)
    maps = [I - h * field(b) @ (I - h * field(a)) for a, b in pairs]
    square = np.mean([M.T @ M for M in maps], axis=0)
    np.testing.assert_allclose(square, square[0, 0] * I, atol=1e-12)
    return square[0, 0]


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize(("n", "B"), [(2, 1), (3, 1), (3, 2), (5, 2)])
def test_growth_is_the_mean_over_all_batches(n, B, same, replacement):
    """H03."""
    for h in (0.1, 0.5, 1.3):
        found = theory.extragradient_growth(h, n, batch=B, same=same, replacement=replacement)
        assert found == pytest.approx(enumerated(h, n, B, same, replacement), abs=1e-12)


def test_independent_batches_diverge_and_one_batch_converges():
    rates = np.linspace(1e-3, 3, 300)
    for n in (2, 4, 10):
        for B in range(1, n // 2 + 1):
            assert (theory.extragradient_growth(rates, n, batch=B, replacement=False) > 1).all()
            inside = rates[rates < B]
            same = theory.extragradient_growth(inside, n, batch=B, same=True, replacement=False)
            assert (same < 1).all()
    assert theory.extragradient_growth(0.1, 4, batch=4, replacement=False) < 1  # the whole game


@pytest.mark.parametrize("same", [True, False])
def test_floor_solves_the_equation_of_the_covariance(same):
    """H04, whether the halves see one noise or two."""
    J, I = np.array([[0.0, 2.0], [-2.0, 0.0]]), np.eye(2)
    for h in (0.01, 0.1, 0.3):
        M = I - h * J + h**2 * J @ J
        noise = h**2 * J, -h * I
        terms = [(noise[0] + noise[1])] if same else list(noise)
        added = sum(N @ N.T for N in terms) * 3.0 / 5
        C = np.zeros((2, 2))
        for _ in range(int(20 / h**2)):
            C = M @ C @ M.T + added
        found = theory.extragradient_floor(h, 3.0, batch=5, speed=2.0)
        assert np.trace(C) == pytest.approx(found, rel=1e-6)
    assert theory.extragradient_floor(0.5, 1.0, speed=2.0) == np.inf


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="batch must lie between"):
        theory.extragradient_growth(0.1, 3, batch=4)
    with pytest.raises(ValueError, match="must be positive"):
        theory.extragradient_floor(0.0, 1.0)

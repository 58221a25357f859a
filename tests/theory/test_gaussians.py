"""Gaussian closed forms and transport against scipy, quadrature and linear programs."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.linalg import sqrtm
from scipy.optimize import linprog

from gantheory import theory


DRAW = np.random.default_rng(1)


def gaussian(d):
    root = DRAW.normal(size=(d, d))
    return DRAW.normal(size=d), root @ root.T + 0.3 * np.eye(d)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_log_density_and_ratio_are_scipys(d):
    (m, S), (other, _) = gaussian(d), gaussian(d)
    x = DRAW.normal(size=(20, d))
    expected = stats.multivariate_normal(m, S).logpdf(x)
    np.testing.assert_allclose(theory.gaussian_log_density(x, m, S), expected, rtol=1e-10)
    w, b = theory.gaussian_log_ratio(m, other, S)
    ratio = expected - stats.multivariate_normal(other, S).logpdf(x)
    np.testing.assert_allclose(x @ w + b, ratio, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_kullback_leibler_by_cubature(d):
    """The log ratio is quadratic, so a mean over 2d + 1 weighted points is exact."""
    (m, A), (other, B) = gaussian(d), gaussian(d)
    spread = np.sqrt(d) * np.linalg.cholesky(A).T
    x = m + np.concatenate([spread, -spread])
    ratio = stats.multivariate_normal(m, A).logpdf(x) - stats.multivariate_normal(other, B).logpdf(x)
    assert theory.gaussian_kullback_leibler(m, A, other, B) == pytest.approx(ratio.mean(), rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_transport_matrix_carries_one_law_to_the_other_at_the_distance(d):
    """D01: T A T = B, T symmetric and positive, so optimal; its cost is the distance."""
    (m, A), (other, B) = gaussian(d), gaussian(d)
    T = theory.transport_matrix(A, B)
    np.testing.assert_allclose(T @ A @ T, B, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(T, T.T, atol=1e-9)
    assert np.linalg.eigvalsh(T).min() > 0
    cost = ((m - other) ** 2).sum() + np.trace((np.eye(d) - T) @ A @ (np.eye(d) - T))
    assert theory.gaussian_transport(m, A, other, B) == pytest.approx(cost, rel=1e-9)
    assert np.trace(sqrtm(A @ B).real) == pytest.approx(np.trace(T @ A), rel=1e-8)


def test_no_coupling_costs_less():
    A, B = gaussian(3)[1], gaussian(3)[1]
    best = theory.gaussian_transport(np.zeros(3), A, np.zeros(3), B)
    left, right = np.linalg.cholesky(A), np.linalg.cholesky(B)
    for _ in range(200):
        turn = stats.ortho_group.rvs(3, random_state=DRAW)
        assert np.trace(A + B) - 2 * np.trace(left @ turn @ right.T) >= best - 1e-9


@pytest.mark.parametrize("epsilon", [0.05, 1.0, 20.0])
def test_entropic_cost_is_the_minimum_over_joint_gaussians(epsilon):
    """F03 in one dimension: minimise over the covariance c of the pair, by hand."""
    (m,), ((A,),) = gaussian(1)
    (other,), ((B,),) = gaussian(1)
    c = np.linspace(-1, 1, 2_000_001)[1:-1] * np.sqrt(A * B)
    cost = (m - other) ** 2 + A + B - 2 * c - epsilon / 2 * np.log1p(-(c**2) / (A * B))
    found = theory.entropic_gaussian_transport([m], [[A]], [other], [[B]], epsilon=epsilon)
    assert found == pytest.approx(cost.min(), rel=1e-9)


def test_entropic_cost_splits_over_independent_coordinates():
    pieces = [
        theory.entropic_gaussian_transport([0.0], [[a]], [1.0], [[b]], epsilon=0.7)
        for a, b in ((1.0, 4.0), (2.0, 0.5))
    ]
    whole = theory.entropic_gaussian_transport(
        [0.0, 0.0], np.diag([1.0, 2.0]), [1.0, 1.0], np.diag([4.0, 0.5]), epsilon=0.7
    )
    assert whole == pytest.approx(sum(pieces), rel=1e-12)


def test_low_rank_gap_is_the_distance_to_the_principal_part_and_to_no_other():
    K = gaussian(4)[1]
    values, vectors = np.linalg.eigh(K)
    for rank in range(5):
        kept = (vectors[:, 4 - rank :] * values[4 - rank :]) @ vectors[:, 4 - rank :].T
        gap = theory.low_rank_gap(K, rank)
        assert gap == pytest.approx(
            theory.gaussian_transport(np.zeros(4), K, np.zeros(4), kept), rel=1e-6, abs=1e-6
        )
    for _ in range(200):
        G = DRAW.normal(size=(4, 2)) * 2
        assert (
            theory.gaussian_transport(np.zeros(4), K, np.zeros(4), G @ G.T) > theory.low_rank_gap(K, 2) - 1e-6
        )


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="a mean"):
        theory.gaussian_log_density([[0.0]], [0.0], [[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="epsilon must be positive"):
        theory.entropic_gaussian_transport([0.0], [[1.0]], [0.0], [[1.0]], epsilon=0.0)
    with pytest.raises(ValueError, match="rank must lie"):
        theory.low_rank_gap([[1.0]], 2)
    with pytest.raises(ValueError, match="size must be"):
        theory.minibatch_transport(0)
    with pytest.raises(ValueError, match="dim must be"):
        theory.nearest_rate(0)


def test_line_transport_is_scipys():
    for _ in range(20):
        x, y = DRAW.normal(size=4), DRAW.normal(size=6)
        p, q = DRAW.uniform(1, 2, size=4), DRAW.uniform(1, 2, size=6)
        expected = stats.wasserstein_distance(x, y, p, q)
        assert theory.cumulative_transport(x, p, y, q) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_assignment_is_the_linear_program(power):
    """A plan may split mass; the best one costs what the best assignment does."""
    n, (x, y) = 5, DRAW.normal(size=(2, 5, 3))
    cost = np.linalg.norm(x[:, None] - y, axis=-1) ** power
    rows, columns = np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))
    plan = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.full(2 * n, 1 / n))
    found = theory.assignment_distances(x, y, power=power)
    assert (found**power).mean() == pytest.approx(plan.fun, rel=1e-7)
    partners = theory.optimal_partners(x, y, power=power)
    np.testing.assert_allclose(found, np.linalg.norm(x - y[partners], axis=1))


def test_shift_slope_is_the_quotient():
    x, y = DRAW.normal(size=(2, 11))
    quotient = (stats.wasserstein_distance(x + 1e-7, y) - stats.wasserstein_distance(x - 1e-7, y)) / 2e-7
    assert theory.shift_slope(x, y) == pytest.approx(quotient, abs=1e-6)


def test_square_cost_has_the_distance_of_means_as_limit():
    x, y = DRAW.normal(size=(6, 2)), DRAW.normal(size=(4, 2))
    assert theory.transport_limit(x, y) == pytest.approx(((x.mean(0) - y.mean(0)) ** 2).sum())


def test_energy_distance_is_twice_the_discrepancy():
    """F06, by loops over pairs."""
    x, y = DRAW.normal(size=(4, 2)), DRAW.normal(size=(5, 2))

    def mean(a, b, distinct):
        pairs = [(i, j) for i in range(len(a)) for j in range(len(b)) if not (distinct and i == j)]
        return np.mean([np.linalg.norm(a[i] - b[j]) for i, j in pairs])

    for unbiased in (True, False):
        energy = 2 * mean(x, y, False) - mean(x, x, unbiased) - mean(y, y, unbiased)
        found = theory.distance_kernel_discrepancy(x, y, unbiased=unbiased)
        assert 2 * found == pytest.approx(energy)


def test_gaussian_kernel_mean_is_the_integral():
    density = stats.norm(1.5, np.sqrt(0.7)).pdf

    def integrand(t):
        return np.exp(-(t**2) / (2 * 0.8**2)) * density(t)

    expected = integrate.quad(integrand, -12, 12)[0]
    assert theory.gaussian_kernel_mean(1.5, 0.7, 0.8) == pytest.approx(expected, rel=1e-8)
    squares = [theory.gaussian_kernel_mean(delta, 0.7, 0.8) for delta in (0.6, 0.8)]
    assert theory.gaussian_kernel_mean(1.0, 0.7, 0.8, dim=2) == pytest.approx(np.prod(squares))


def test_minibatch_transport_is_the_integral_and_falls_as_a_root():
    for m in (1, 2, 5):

        def spread(t, m=m):
            k = np.arange(m + 1)
            p = stats.binom(m, t).pmf(k)
            return (np.abs(k[:, None] - k) * np.outer(p, p)).sum() / m

        expected = integrate.quad(spread, 0, 1)[0]
        assert theory.minibatch_transport(m) == pytest.approx(expected, rel=1e-9)
    assert theory.minibatch_transport(400) / theory.minibatch_transport(100) == pytest.approx(0.5, rel=2e-2)

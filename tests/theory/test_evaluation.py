"""Maps, robustness and evaluation against sampling, enumeration, quadrature and gudhi."""

import itertools

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from gantheory import theory


DRAW = np.random.default_rng(2)


def within(sample, expected):
    """A mean agrees to five standard errors."""
    return abs(np.mean(sample) - expected) < 5 * np.std(sample) / len(sample) ** 0.5


def test_planar_maps():
    u, w, b = DRAW.normal(size=3), DRAW.normal(size=3), 0.4
    z = DRAW.normal(size=(5, 3))

    def map_(point):
        return point + u * np.tanh(w @ point + b)

    steps = 1e-6 * np.eye(3)
    for point, found in zip(z, theory.planar_log_det(u, w, b, z)):
        jacobian = np.stack([(map_(point + s) - map_(point - s)) / 2e-6 for s in steps], axis=1)
        assert found == pytest.approx(np.linalg.slogdet(jacobian)[1], abs=1e-8)
    for _ in range(50):
        u, w = DRAW.normal(scale=3, size=(2, 3))
        assert theory.planar_direction(u, w) @ w > -1


def test_bridge_slope_is_that_of_the_quantile():
    m, s = 1.3, 0.6

    def distribution(x):
        return (stats.norm.cdf(x, -m, s) + stats.norm.cdf(x, m, s)) / 2

    h = 1e-3
    image = optimize.brentq(lambda x: distribution(x) - stats.norm.cdf(h), 0, 1, xtol=1e-15)
    assert theory.bridge_slope(m, s) == pytest.approx(image / h, rel=1e-4)


def test_mass_between_agrees_with_the_bound_for_pieces():
    for distance, lipschitz in ((4.0, 3.0), (1.0, 2.0)):
        pieces = theory.off_piece_mass([[0, distance], [distance, 0]], [1, 1], lipschitz)
        assert theory.mass_between(distance, lipschitz) == pytest.approx(pieces, abs=1e-10)


def test_thickened_likelihood_is_minus_the_entropy():
    entropy = stats.multivariate_normal(np.zeros(3), np.diag([1, 0.01, 0.01])).entropy()
    assert theory.thickened_log_likelihood(3, 1, 0.1) == pytest.approx(-entropy)
    with pytest.raises(ValueError, match="intrinsic"):
        theory.thickened_log_likelihood(1, 2, 0.1)


def test_tents_and_pieces_by_counting():
    x = np.linspace(0, 1, 2**12 + 1)
    y = x.copy()
    for folds in range(1, 6):
        y = 1 - np.abs(2 * y - 1)
        turns = np.diff(np.sign(np.diff(y))) != 0
        assert turns.sum() + 1 == theory.tent_pieces(folds)
    assert theory.relu_pieces((3,)) == 4
    assert theory.sign_change_bound(2) == 1
    with pytest.raises(ValueError, match="count"):
        theory.sign_change_bound(0)


def test_mean_stretch_over_random_directions():
    J = DRAW.normal(size=(4, 3))
    v = DRAW.normal(size=(40_000, 3))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    assert within(((v @ J.T) ** 2).sum(1), theory.mean_stretch(J))


def test_linear_margin_is_the_least_over_corners():
    w, x, y = DRAW.normal(size=4), DRAW.normal(size=(6, 4)), np.array([1, -1, 1, -1, 1, -1])
    corners = 0.3 * np.array(list(itertools.product((-1, 1), repeat=4)))
    least = [(label * ((point + corners) @ w)).min() for point, label in zip(x, y)]
    np.testing.assert_allclose(theory.linear_margin(w, x, y, 0.3), least)


def test_linear_errors_by_sampling():
    w, mu = DRAW.normal(size=5) + 1, np.ones(5)
    x = mu + 1.5 * DRAW.normal(size=(40_000, 5))
    wrong = x @ w - 0.2 * np.abs(w).sum() < 0
    assert within(wrong, theory.linear_robust_error(w, mu, deviation=1.5, radius=0.2))


@pytest.mark.parametrize(("dim", "deviation"), [(2, 1.0), (20, 2.0), (100, 1.9)])
def test_one_sample_error_by_sampling(dim, deviation):
    w = 1 + deviation * DRAW.normal(size=(20_000, dim))
    errors = stats.norm.cdf(-w.sum(1) / (deviation * np.linalg.norm(w, axis=1)))
    assert within(errors, theory.one_sample_error(dim, deviation))


def test_tradeoff_bound_holds_for_every_linear_classifier_and_is_attained():
    p, eta, n = 0.8, 0.7, 9
    for trust, bias in DRAW.normal(size=(300, 2)):
        options = {"trust": trust, "bias": bias}
        accuracy = theory.reliable_accuracy(p, eta, n, **options)
        robust = theory.reliable_accuracy(p, eta, n, **options, shift=2 * eta)
        assert robust <= theory.robust_accuracy_bound(p, accuracy) + 1e-12
    assert theory.robust_accuracy_bound(p, p) == pytest.approx(
        theory.reliable_accuracy(p, eta, n, trust=1e9, shift=1.4)
    )
    y, mean = DRAW.choice([-1, 1], 40_000), 0
    first = np.where(DRAW.uniform(size=y.size) < p, y, -y)
    mean = eta * y + DRAW.normal(size=y.size) / np.sqrt(n)
    right = y * (0.5 * first + mean + 0.1) > 0
    assert within(right, theory.reliable_accuracy(p, eta, n, trust=0.5, bias=0.1))


def test_lipschitz_product_and_normalised_gradient():
    A, B = DRAW.normal(size=(3, 4)), DRAW.normal(size=(2, 3))
    expected = np.linalg.svd(A)[1][0] * np.linalg.svd(B)[1][0]
    assert theory.lipschitz_product([A, B]) == pytest.approx(expected)
    G = DRAW.normal(size=(3, 4))
    quotient = np.zeros_like(A)
    for i, j in np.ndindex(A.shape):
        step = np.zeros_like(A)
        step[i, j] = 1e-6
        up, down = ((G * W).sum() / np.linalg.norm(W, 2) for W in (A + step, A - step))
        quotient[i, j] = (up - down) / 2e-6
    np.testing.assert_allclose(theory.normalised_gradient(A, G), quotient, atol=1e-8)


def test_circular_norm_is_that_of_the_matrix():
    kernel, size = DRAW.normal(size=3), 7
    circulant = sum(c * np.roll(np.eye(size), k, axis=1) for k, c in enumerate(kernel))
    assert theory.circular_norm(kernel, size) == pytest.approx(np.linalg.norm(circulant, 2))


@pytest.mark.parametrize("size", [2, 5, 20])
def test_frechet_bias_by_sampling(size):
    x = DRAW.normal(size=(200_000, size))
    assert within(x.mean(1) ** 2 + (x.std(1, ddof=1) - 1) ** 2, theory.frechet_bias(size))


def test_mutual_information_is_the_divergence_from_independence():
    table = DRAW.dirichlet(np.ones(12)).reshape(3, 4)
    independent = np.outer(table.sum(1), table.sum(0))
    assert theory.mutual_information(table) == pytest.approx((table * np.log(table / independent)).sum())
    assert theory.mutual_information(np.eye(5) / 5) == pytest.approx(np.log(5))
    with pytest.raises(ValueError, match="joint"):
        theory.mutual_information([[0.5, 0.4]])


def test_acceptance_and_accuracy_by_enumeration():
    p, q = DRAW.dirichlet(np.ones(5), size=2)
    assert theory.acceptance_rate(p, q) == pytest.approx((q / p).min())
    assert theory.acceptance_rate([0.5, 0.5], [1.0, 0.0]) == 0
    best = max(
        sum(p[list(s)]) + 1 - sum(q[list(s)]) for r in range(6) for s in itertools.combinations(range(5), r)
    )
    assert theory.two_sample_accuracy(p, q) == pytest.approx(best / 2)


def test_power_is_near_the_binomial_one():
    n, excess = 100, 0.1
    least = stats.binom(n, 0.5).isf(0.05) + 1
    assert theory.two_sample_power(n, excess) == pytest.approx(stats.binom(n, 0.6).sf(least - 1), abs=0.03)
    with pytest.raises(ValueError, match="excess"):
        theory.two_sample_power(n, 0.5)


def test_precision_curve_by_enumeration():
    """The least weighted error of a deterministic classifier."""
    p, q = DRAW.dirichlet(np.ones(4), size=2)
    for slope in (0.2, 1.0, 3.0):
        least = min(
            slope * p @ take + q @ (1 - np.array(take)) for take in itertools.product((0, 1), repeat=4)
        )
        assert theory.precision_curve(p, q, slope) == pytest.approx(least)
    assert theory.precision_curve([1.0, 0.0], [0.25, 0.75], np.inf) == 0.25


def test_collision_bound_by_enumeration():
    for atoms, draws in ((3, 2), (4, 3), (5, 6)):
        p = DRAW.dirichlet(np.ones(atoms))
        total = sum(
            np.prod(p[list(drawn)])
            for drawn in itertools.product(range(atoms), repeat=draws)
            if len(set(drawn)) < draws
        )
        assert total >= theory.collision_bound(draws, atoms)


def test_importance_mean_by_enumeration():
    f0, f1 = DRAW.uniform(1, 2, size=(2, 4))
    assert theory.importance_mean(f0, f1) == pytest.approx(f0 / f0.sum() @ (f1 / f0))


@pytest.mark.parametrize(("dim", "size"), [(1, 3), (3, 10), (40, 100)])
def test_nearest_sample_distance_by_sampling(dim, size):
    found = []
    for _ in range(2000):
        x, sample = DRAW.normal(size=dim), DRAW.normal(size=(size, dim))
        found.append(np.linalg.norm(sample - x, axis=1).min() / dim**0.5)
    assert within(found, theory.nearest_sample_distance(dim, size))


@pytest.mark.parametrize("count", [4, 6, 9, 10])
def test_circle_class_is_gudhis(count):
    gudhi = pytest.importorskip("gudhi")
    angles = 2 * np.pi * np.arange(count) / count
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    tree = gudhi.RipsComplex(points=points, max_edge_length=3.0).create_simplex_tree(max_dimension=2)
    tree.persistence()
    ((birth, death),) = tree.persistence_intervals_in_dimension(1)
    assert theory.circle_class(count) == pytest.approx((birth, death), rel=1e-6)
    with pytest.raises(ValueError, match="count"):
        theory.circle_class(3)


def test_peak_is_the_density_at_zero():
    assert theory.gaussian_peak(3) == pytest.approx(
        stats.multivariate_normal(np.zeros(3)).logpdf(np.zeros(3))
    )


def test_nearest_rate_in_one_dimension_is_exact():
    """On a circle the mean distance to the nearest of n is 1 / (2 (n + 1))."""
    n = np.array([100, 10_000])
    mean = [integrate.quad(lambda r, k=k: (1 - 2 * r) ** k, 0, 0.5)[0] for k in n]
    slope = np.diff(np.log(mean)) / np.diff(np.log(n))
    assert slope[0] == pytest.approx(theory.nearest_rate(1), abs=0.02)

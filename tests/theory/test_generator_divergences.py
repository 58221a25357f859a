"""Orderings, slopes, least squares and dropped mass against identities, quotients and brute force."""

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.optimize import minimize

from gantheory import theory


DRAW = np.random.default_rng(0)
PAIRS = [tuple(DRAW.dirichlet(np.full(5, 0.5), size=2)) for _ in range(20)]


def smaller_side(p, q, ordering):
    """The side that `divergence_bound` leaves out, by its definition."""
    tv = np.abs(p - q).sum() / 2
    m = (p + q) / 2
    jsd = (p * np.log(p / m)).sum() / 2 + (q * np.log(q / m)).sum() / 2
    hellinger = 1 - np.sqrt(p * q).sum()
    return {
        "TV^2/2 <= JSD": tv**2 / 2,
        "JSD <= log 2 TV": jsd,
        "TV <= sqrt(KL/2)": tv,
        "H^2 <= TV": hellinger,
        "TV <= sqrt(H^2 (2 - H^2))": tv,
        "Delta/4 <= JSD": ((p - q) ** 2 / (p + q)).sum() / 4,
        "JSD <= log 2 Delta/2": jsd,
    }[ordering]


ORDERINGS = {  # the pair of two atoms that comes nearest to equality, and how near
    "TV^2/2 <= JSD": (([0.51, 0.49], [0.49, 0.51]), 0.999),
    "JSD <= log 2 TV": (([1.0, 0.0], [0.0, 1.0]), 1.0),
    "TV <= sqrt(KL/2)": (([0.51, 0.49], [0.49, 0.51]), 0.999),
    "H^2 <= TV": (([1.0, 0.0], [0.0, 1.0]), 1.0),
    "TV <= sqrt(H^2 (2 - H^2))": (([0.7, 0.3], [0.3, 0.7]), 1.0),
    "Delta/4 <= JSD": (([0.51, 0.49], [0.49, 0.51]), 0.999),
    "JSD <= log 2 Delta/2": (([1.0, 0.0], [0.0, 1.0]), 1.0),
}


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_orderings_hold_and_are_attained(ordering):
    for p, q in PAIRS:
        assert smaller_side(p, q, ordering) <= theory.divergence_bound(p, q, ordering=ordering) + 1e-12
    (p, q), share = ORDERINGS[ordering]
    p, q = np.array(p) * (1 - 1e-12) + 5e-13, np.array(q) * (1 - 1e-12) + 5e-13
    reached = smaller_side(p, q, ordering) / theory.divergence_bound(p, q, ordering=ordering)
    assert share - 1e-4 <= reached <= 1 + 1e-9


def test_unknown_names_are_refused():
    half = [0.5, 0.5]
    with pytest.raises(ValueError, match="ordering must be one of"):
        theory.divergence_bound(half, half, ordering="KL <= TV")
    with pytest.raises(ValueError, match="loss must be one of"):
        theory.logit_slope(0.0, loss="hinge")
    with pytest.raises(ValueError, match="p must have positive entries"):
        theory.descent_gradient([1.0, 0.0], [0.0, 0.0], loss="minimax")
    with pytest.raises(ValueError, match="divergence must be one of"):
        theory.dropped_mode(0.5, divergence="wasserstein")
    with pytest.raises(ValueError, match="share must lie in"):
        theory.dropped_mode(1.0, divergence="kl")
    with pytest.raises(ValueError, match="distance must be"):
        theory.point_mass_distance(1.0, distance="hellinger")
    with pytest.raises(ValueError, match="closeness must lie"):
        theory.vanishing_gradient_bound(1.0, 1.0)
    with pytest.raises(ValueError, match="features"):
        theory.moment_projection(half, half, [1.0, 2.0])


@pytest.mark.parametrize(
    ("loss", "written"),
    [("minimax", "log(1 - D)"), ("non-saturating", "-log(D)"), ("maximum likelihood", "-D/(1 - D)")],
)
def test_logit_slopes_are_the_derivatives(loss, written):
    a = sympy.Symbol("a", real=True)
    cost = sympy.sympify(written).subs("D", 1 / (1 + sympy.exp(-a)))
    for point in (-5.0, -0.3, 0.0, 2.0):
        expected = float(cost.diff(a).subs(a, point))
        assert theory.logit_slope(point, loss=loss) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", ["minimax", "non-saturating", "maximum likelihood"])
def test_descent_gradients_are_those_of_the_divergences(loss):
    """A03, by difference quotients of the divergences themselves."""

    def divergence(p, scores):
        q = np.exp(scores) / np.exp(scores).sum()
        jsd = 2 * theory.jensen_shannon(p, q)
        return {
            "minimax": jsd,
            "non-saturating": theory.kullback_leibler(q, p) - jsd,
            "maximum likelihood": theory.kullback_leibler(p, q),
        }[loss]

    for p, _ in PAIRS:
        p, scores = 0.9 * p + 0.02, DRAW.normal(size=5)
        quotient = [
            (divergence(p, scores + step) - divergence(p, scores - step)) / 2e-5 for step in 1e-5 * np.eye(5)
        ]
        np.testing.assert_allclose(
            theory.descent_gradient(p, scores, loss=loss), quotient, rtol=1e-6, atol=1e-9
        )


def test_least_squares_critic_and_value():
    """A12, symbolically: stationary, and for the targets -1, 1, 0 the triangular discrimination."""
    p, q, D, a, b, c = sympy.symbols("p q D a b c", positive=True)
    best = (b * p + a * q) / (p + q)
    assert sympy.simplify((p * (D - b) ** 2 + q * (D - a) ** 2).diff(D).subs(D, best)) == 0
    value = ((p + q) * (D - c) ** 2).subs(D, best)
    assert sympy.simplify(value - ((b - c) * p - (c - a) * q) ** 2 / (p + q)) == 0
    for p, q in PAIRS:
        found = theory.least_squares_value(p, q, fake=-1.0, real=1.0, wanted=0.0)
        assert found == pytest.approx(theory.triangular_discrimination(p, q))
        assert theory.least_squares_value(p, q) == pytest.approx((q**2 / (p + q)).sum())
        D = theory.least_squares_critic(p, q, fake=-1.0, real=1.0)
        np.testing.assert_allclose(D, (p - q) / (p + q))
        assert found == pytest.approx(((p + q) * D**2).sum())
    assert np.isnan(theory.least_squares_critic([1.0, 0.0], [1.0, 0.0])[1])


@given(share=st.floats(0.001, 0.95), size=st.integers(1, 4))
@settings(deadline=None, max_examples=30)
def test_a_dropped_mode_costs_what_the_divergences_say(share, size):
    """A16, against the divergences of tables."""
    p = np.concatenate([np.full(size, share / size), [(1 - share) / 3] * 3])
    q = np.where(np.arange(size + 3) < size, 0.0, p) / (1 - share)
    found = {
        "kl": theory.kullback_leibler(p, q),
        "reverse-kl": theory.kullback_leibler(q, p),
        "total variation": theory.total_variation(p, q),
        "jensen-shannon": theory.jensen_shannon(p, q),
    }
    for divergence, value in found.items():
        assert theory.dropped_mode(share, divergence=divergence) == pytest.approx(value, rel=1e-9)


def test_a_small_dropped_mode_costs_half_log_two_of_itself():
    assert theory.dropped_mode(1e-3, divergence="jensen-shannon") / (0.5e-3 * np.log(2)) == pytest.approx(
        1.0004, abs=5e-5
    )


def test_point_masses_against_tables_and_sorting():
    """A05."""
    p, q = [1.0, 0.0], [0.0, 1.0]
    assert theory.point_mass_distance(3.0, distance="jensen-shannon") == theory.jensen_shannon(p, q)
    assert theory.point_mass_distance(3.0, distance="total variation") == theory.total_variation(p, q)
    assert theory.point_mass_distance(3.0, distance="kl") == theory.kullback_leibler(p, q)
    assert theory.point_mass_distance(-3.0, distance="wasserstein") == stats.wasserstein_distance([0], [-3])
    for distance in ("jensen-shannon", "total variation", "kl", "wasserstein"):
        assert theory.point_mass_distance(0.0, distance=distance) == 0


def test_moment_projection_is_the_constrained_minimum():
    """A15, against the primal problem by sequential quadratic programming."""
    for (p, q), k in itertools.product(PAIRS[:5], (1, 2)):
        p, q = 0.8 * p + 0.04, 0.8 * q + 0.04
        phi = DRAW.normal(size=(5, k))
        value, nearest = theory.moment_projection(p, q, phi)
        constraints = [{"type": "eq", "fun": lambda x, f=f, p=p: f @ (x - p)} for f in (*phi.T, np.ones(5))]
        found = minimize(
            lambda x, q=q: (x * np.log(x / q)).sum(),
            p,
            bounds=[(1e-9, 1)] * 5,
            constraints=constraints,
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        assert value == pytest.approx(found.fun, abs=1e-7)
        np.testing.assert_allclose(nearest @ phi, p @ phi, atol=1e-9)


def test_matched_variance_is_that_of_the_mixture():
    x = np.concatenate([stats.norm.ppf((np.arange(20000) + 0.5) / 20000, m, 0.5) for m in (-2, 2)])
    assert theory.matched_variance(2.0, 0.5) == pytest.approx(x.var(), rel=1e-3)


def test_cauchy_tail_is_scipys():
    t = np.array([0.1, 1.0, 100.0])
    np.testing.assert_allclose(theory.cauchy_tail(t), 2 * stats.cauchy.sf(t), rtol=1e-12)


def test_vanishing_bound_is_kept_and_nearly_reached():
    """A07: D(x) = A (1 + sin kx) at one sample, whose place is theta."""
    for k, share in ((1.0, 0.2), (50.0, 0.85)):
        A = 0.1 / (2 + k)
        gradient = A * k / (1 - A)
        bound = theory.vanishing_gradient_bound(0.1, 1.0)
        assert share * bound < gradient < bound

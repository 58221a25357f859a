"""Divergences against symbolic identities, brute force and known laws."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize_scalar

from gantheory import theory


def measures(count):
    def normalise(rows):
        table = np.array(rows, dtype=float)
        return table / table.sum(axis=1, keepdims=True)

    atoms = st.integers(2, 6).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 20), min_size=n, max_size=n).filter(any), min_size=count, max_size=count
        )
    )
    return atoms.map(normalise)


def test_discriminator_is_the_stationary_maximum():
    """A01, on one atom: V' = 0 and V'' = -(p+q)^3/(pq) at p/(p+q)."""
    p, q, D, pi = sympy.symbols("p q D pi", positive=True)
    V = p * sympy.log(D) + q * sympy.log(1 - D)
    best = p / (p + q)
    assert sympy.simplify(V.diff(D).subs(D, best)) == 0
    assert sympy.simplify(V.diff(D, 2).subs(D, best) + (p + q) ** 3 / (p * q)) == 0
    weighted = V.subs({p: pi * p, q: (1 - pi) * q}, simultaneous=True)
    best = pi * p / (pi * p + (1 - pi) * q)
    assert sympy.simplify(weighted.diff(D).subs(D, best)) == 0


def test_value_is_two_jsd_minus_log_four():
    """The identity behind the value, atom by atom."""
    p, q = sympy.symbols("p q", positive=True)
    attained = p * sympy.log(p / (p + q)) + q * sympy.log(q / (p + q))
    m = (p + q) / 2
    claimed = p * sympy.log(p / m) + q * sympy.log(q / m) - (p + q) * sympy.log(2)
    assert sympy.simplify(sympy.expand_log(attained - claimed)) == 0


@settings(derandomize=True, deadline=None, database=None, max_examples=50)
@given(measures(2), st.floats(0.05, 0.95))
def test_value_with_prior_is_the_maximum(pair, pi):
    p, q = pair
    total = 0.0
    for a, b in zip(pi * p, (1 - pi) * q):
        if a > 0 and b > 0:
            found = minimize_scalar(
                lambda D, a=a, b=b: -a * np.log(D) - b * np.log(1 - D),
                bounds=(1e-12, 1 - 1e-12),
                method="bounded",
            )
            total -= found.fun
    assert theory.optimal_value(p, q, prior=pi) == pytest.approx(total, abs=1e-8)
    assert 2 * theory.optimal_value(p, q, prior=0.5) == pytest.approx(theory.optimal_value(p, q), abs=1e-12)


@settings(derandomize=True, deadline=None, database=None, max_examples=100)
@given(measures(3))
def test_orderings(triple):
    """A06, and the triangle inequality of sqrt(JSD)."""
    p, q, r = triple
    tv, jsd, kl = theory.total_variation(p, q), theory.jensen_shannon(p, q), theory.kullback_leibler(p, q)
    assert tv**2 / 2 - 1e-12 <= jsd <= np.log(2) * tv + 1e-12
    assert tv <= np.sqrt(kl / 2) + 1e-12
    assert theory.jensen_shannon(q, p) == pytest.approx(jsd, abs=1e-14)
    detour = np.sqrt(theory.jensen_shannon(p, r)) + np.sqrt(theory.jensen_shannon(r, q))
    assert np.sqrt(jsd) <= detour + 1e-12


def test_entropy_form_of_the_weighted_jsd():
    draw = np.random.default_rng(3)
    p, q = draw.dirichlet(np.full(5, 0.5), size=(2, 20))

    def entropy(x):
        return -(x * np.log(np.where(x > 0, x, 1))).sum(axis=-1)

    for pi in (0.1, 0.5, 0.8):
        m = pi * p + (1 - pi) * q
        expected = entropy(m) - pi * entropy(p) - (1 - pi) * entropy(q)
        np.testing.assert_allclose(theory.jensen_shannon(p, q, prior=pi), expected, atol=1e-13)


def test_disjoint_supports():
    """A05."""
    p, q = [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]
    assert theory.jensen_shannon(p, q) == pytest.approx(np.log(2))
    assert theory.total_variation(p, q) == 1
    assert theory.kullback_leibler(p, q) == np.inf
    assert theory.optimal_discriminator(p, q).tolist() == [1, 1, 0]


def test_atoms_without_mass_leave_the_discriminator_free():
    assert np.isnan(theory.optimal_discriminator([1.0, 0.0], [1.0, 0.0])[1])


@pytest.mark.parametrize("bad", [[0.5, 0.6], [1.5, -0.5], [np.nan, 1.0]])
def test_only_probability_vectors(bad):
    with pytest.raises(ValueError, match="q must hold probability vectors"):
        theory.jensen_shannon([0.5, 0.5], bad)
    with pytest.raises(ValueError, match="prior must lie strictly"):
        theory.optimal_value([0.5, 0.5], [0.5, 0.5], prior=1.0)
    with pytest.raises(ValueError, match="equally many atoms"):
        theory.total_variation([1.0], [0.5, 0.5])

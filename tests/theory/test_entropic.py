"""Entropic costs against the primal problem and a scaling, and wedges against scipy's normal law of the plane."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from gantheory import theory


DRAW = np.random.default_rng(5)


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 10.0])
def test_two_by_two_is_the_primal_minimum(epsilon):
    for _ in range(5):
        c, p, q = DRAW.uniform(0, 2, size=(2, 2)), *DRAW.dirichlet((2, 2), size=2)

        def primal(a, c=c, p=p, q=q):
            P = np.array([[a, p[0] - a], [q[0] - a, 1 - p[0] - q[0] + a]])
            return (P * c).sum() + epsilon * (P * np.log(P / np.outer(p, q))).sum()

        low, high = max(0, p[0] + q[0] - 1), min(p[0], q[0])
        found = minimize_scalar(primal, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
        assert theory.entropic_cost(c, p, q, epsilon=epsilon) == pytest.approx(found.fun, abs=1e-7)


def test_larger_tables_by_long_scaling():
    """Sinkhorn's own iteration, in the plain domain, a hundred thousand times."""
    c, p, q = DRAW.uniform(0, 2, size=(4, 5)), DRAW.dirichlet(np.ones(4)), DRAW.dirichlet(np.ones(5))
    K, v = np.exp(-c / 0.3), np.ones(5)
    for _ in range(100_000):
        u = 1 / (K @ (q * v))
        v = 1 / (K.T @ (p * u))
    expected = 0.3 * (p @ np.log(u) + q @ np.log(v))
    assert theory.entropic_cost(c, p, q, epsilon=0.3) == pytest.approx(expected, rel=1e-9)


def test_divergence_is_zero_for_equal_and_negative_for_a_steep_cost():
    x = DRAW.normal(size=(3, 2))
    assert theory.sinkhorn_divergence(x, [1, 2, 3], [1, 2, 3], epsilon=0.5) == pytest.approx(0, abs=1e-12)
    assert theory.sinkhorn_divergence(x, [1, 2, 3], [3, 2, 1], epsilon=0.5) > 0
    line = [[0.0], [0.75], [1.5]]
    steep = theory.sinkhorn_divergence(line, [1, 1e-9, 1], [1e-9, 1, 1e-9], epsilon=1.0, power=6.0)
    mild = theory.sinkhorn_divergence(line, [1, 1e-9, 1], [1e-9, 1, 1e-9], epsilon=1.0)
    assert steep < 0 < mild


@pytest.mark.parametrize("width", [0.0, 0.5, 2.0])
def test_three_wedges_by_the_bivariate_normal_law(width):
    # the normals of a wedge of 120 degrees are at 60
    law = stats.multivariate_normal(np.zeros(2), [[1, 0.5], [0.5, 1]])
    assert theory.three_piece_mass(width) == pytest.approx(3 * law.cdf([-width / 2] * 2), abs=1e-6)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="positive masses"):
        theory.entropic_cost([[0.0]], [0.0], [1.0], epsilon=1.0)
    with pytest.raises(ValueError, match="width"):
        theory.three_piece_mass(-1.0)

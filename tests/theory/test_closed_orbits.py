"""Closed forms of orbits, single steps and stationary states against the recursions and equations themselves."""

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp
from scipy.special import expit

from gantheory import theory


POINTS = np.random.default_rng(7).normal(size=(20, 2))


def test_flows_of_dirac_gan():
    """B01 and B03: the derivative of |z|^2 along both fields, written out."""
    theta, psi = POINTS.T
    t = theta * psi
    minimax = -2 * (theta * -psi * expit(t) + psi * theta * expit(t))
    np.testing.assert_allclose(minimax, 0, atol=1e-15)
    found = -2 * (theta * -psi * expit(-t) + psi * theta * expit(t))
    np.testing.assert_allclose(theory.nonsaturating_drift(theta, psi), found, rtol=1e-12)
    np.testing.assert_allclose(theory.dirac_flow_distance(theta, psi) ** 2, theta**2 + psi**2)


@pytest.mark.parametrize("weight", [0.5, 1.0, 2.0])
def test_the_valley_of_consensus(weight):
    """B10: the flow of the field, from a start in the valley, by a stiff solver; and the published medians."""

    def flow(t, z):
        return -theory.consensus_dirac_field(z[0], z[1], weight)

    start = 4.0
    z = (-np.log(weight * start**2) / start, start)
    times = [50.0, 200.0, 800.0]
    found = solve_ivp(flow, (0, 800), z, method="LSODA", t_eval=times, rtol=1e-8, atol=1e-10)
    expected = theory.consensus_valley(times, np.hypot(*z), weight=weight)
    np.testing.assert_allclose(np.hypot(*found.y), expected, rtol=0.03)
    if weight == 1.0:
        medians = theory.consensus_valley([100.0, 400.0, 1000.0, 4000.0], 1.5)
        np.testing.assert_allclose(medians, [6.7, 10.3, 13.5, 19.9], rtol=0.03)


def test_saddles():
    draw = np.random.default_rng(2)
    for m, n in ((1, 1), (2, 1), (3, 2)):
        B, R = draw.normal(size=(m, n)), draw.normal(size=(m, m))
        M = np.block([[np.zeros((n, n)), B.T], [-B, R @ R.T]])
        np.testing.assert_allclose(
            theory.saddle_damping(B, R @ R.T), np.sort(np.linalg.eigvals(M).real), atol=1e-9
        )
    for a, b, c in draw.normal(size=(10, 3)):
        J = np.array([[a, b], [-b, c]])
        assert theory.zero_sum_monotonicity(a, c) == pytest.approx(np.linalg.eigvalsh((J + J.T) / 2)[0])


def test_orbits_on_bilinear_modes():
    """C01 by the matrix exponential, C02 by twenty steps."""
    turn, (start, _) = np.array([[0.0, 1.0], [-1.0, 0.0]]), POINTS[:2]
    values, vectors = np.linalg.eig(-0.7 * turn)
    flow = (vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)).real
    np.testing.assert_allclose(theory.bilinear_circle(start, 0.7), flow @ start, atol=1e-12)
    (x, y), points = start, [start]
    for _ in range(20):
        y = y + 2 * x
        x = x - 2 * y
        points.append(np.array([x, y]))
    np.testing.assert_allclose(theory.alternating_border_orbit(start, np.arange(21)), points, rtol=1e-9)


def test_gains_of_small_steps():
    """C05 and C10: roots of the polynomials, at small u."""
    for ratio in (1.0, 3.0):
        u = 1 / (40 * ratio)
        rho = np.abs(np.roots([1, -(1 - 2j * u), -1j * u])).max()
        assert 1 - rho**2 == pytest.approx(theory.optimistic_gain(ratio**2), rel=2e-3)
    for momenta in ((-0.5, 0.0), (-0.5, -0.5), (0.1, 0.1), (0.3, -0.8)):
        rho = np.abs(theory.alternating_momentum_factors(1e-3, momenta)[0])
        found = (1 - rho**2) / 1e-6
        assert found == pytest.approx(theory.alternating_momentum_gain(*momenta), rel=1e-2, abs=1e-3)


def test_competitive_steps_are_nash_in_the_local_game():
    """C13: no player gains by another move in the bilinear game with a price on moves."""
    p, s, _h = sympy.symbols("p s h", real=True)
    value = -sympy.log(1 + sympy.exp(p * s))  # of the generator, p = theta
    first = [sympy.lambdify((p, s), sympy.diff(value, v)) for v in (p, s)]
    mixed = sympy.lambdify((p, s), sympy.diff(value, p, s))
    for theta, psi in POINTS:
        for rate in (0.1, 1.0, 4.0):
            x, y = theory.competitive_dirac_step(theta, psi, rate)
            gx, gy, D = (f(theta, psi) for f in (*first, mixed))
            assert x == pytest.approx(-rate * (gx + D * y)) and y == pytest.approx(rate * (gy + D * x))
            plain = theory.competitive_dirac_step(theta, psi, rate, inverse=False)
            expected = -rate * (gx + rate * D * gy), rate * (gy - rate * D * gx)
            np.testing.assert_allclose(plain, expected, rtol=1e-12)


def test_unrolled_slopes_by_sympy():
    """C14, for up to four looks."""
    x, a, c, eta = sympy.symbols("x a c eta")
    y = sympy.Integer(0)
    for looks in range(5):
        slope = sympy.diff(a * x * y - c * y**2 / 2, x)
        at = {x: 1.3, a: -0.7, c: 0.9, eta: 0.4}
        found = theory.unrolled_slope(1.3, -0.7, 0.9, looks=looks, ahead=0.4)
        assert float(slope.subs(at)) == pytest.approx(found, abs=1e-12)
        stopped = theory.unrolled_slope(1.3, -0.7, 0.9, looks=looks, ahead=0.4, through=False)
        assert float((a * y).subs(at)) == pytest.approx(stopped, abs=1e-12)
        y = y + eta * (a * x - c * y)
    with pytest.raises(ValueError, match="looks must be at least 0"):
        theory.unrolled_slope(1.0, 1.0, 1.0, looks=-1, ahead=0.1)


def test_crossing_the_curl_by_sympy():
    """C16."""
    a, w, s = sympy.symbols("a w s")
    value = w * (s**2 - a**2)
    v = sympy.Matrix([value.diff(a), -value.diff(w)])
    J = v.jacobian([a, w])
    found = sympy.simplify((J.T - J) * v - sympy.Matrix([4 * a * (a**2 - s**2), 8 * a**2 * w]))
    assert found == sympy.zeros(2, 1)
    assert theory.curl_crossing(2.0, 0.5, target=3.0).tolist() == [-40.0, 16.0]


def test_steps_and_samples_multiply_to_one():
    """H01, and both from the gains of `critical_batch_step`."""
    G, H, S = np.array([1.0, 2.0]), np.diag([1.0, 3.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    steps, samples = (
        np.array(part) for part in zip(*[theory.steps_and_samples(G, H, S, batch=b) for b in (1, 3, 10)])
    )
    np.testing.assert_allclose((steps - 1) * (samples - 1), 1)
    gains = np.array([theory.critical_batch_step(G, H, S, batch=b)[1] for b in (1, 3, 10, 1e12, 1e-9)])
    np.testing.assert_allclose(steps, gains[3] / gains[:3], rtol=1e-9)
    np.testing.assert_allclose(samples, np.array([1, 3, 10]) / gains[:3] * gains[4] / 1e-9, rtol=1e-6)


def test_descent_rests_at_the_fixed_point_of_its_variance():
    """H05: V = (1 - eta h)^2 V + eta^2 s^2 / B."""
    for eta, h, B in ((0.1, 1.0, 1), (1.5, 0.9, 4), (0.5, 3.9, 2)):
        V = theory.descent_variance(eta, h, 2.5, batch=B)
        assert pytest.approx((1 - eta * h) ** 2 * V + eta**2 * 2.5 / B) == V
    assert theory.descent_variance(1.0, 2.5, 1.0) == np.inf


def test_geometric_staleness_is_momentum():
    """H08: the mean over ages, by its sum."""
    u, m, points = 0.6, 0.7, [1.0]
    for t in range(12):
        ages = [(1 - m) * m**k for k in range(t)] + [m**t]  # all that is older sees the first point
        points.append(points[-1] - u * sum(p * points[t - k] for k, p in enumerate(ages)))
    np.testing.assert_allclose(theory.asynchronous_means(u, m, 12), points, rtol=1e-12)
    assert theory.asynchronous_means(u, m, 0).tolist() == [1.0]
    with pytest.raises(ValueError, match="share must lie in"):
        theory.asynchronous_means(u, 1.0, 3)

"""Predictions about rules and fields, against sympy, quadrature, eigenvalues, integration and brute force."""

import itertools
import math

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

from gantheory import theory


DRAW = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("simultaneous", {}),
        ("extragradient", {}),
        ("proximal point", {}),
        ("consensus", {"weight": 0.7}),
        ("symplectic adjustment", {"weight": 0.7}),
        ("Hamiltonian descent", {}),
        ("crossing the curl", {}),
    ],
)
def test_steps_on_a_normal_field_have_the_modes_factors(rule, parameters):
    for a, b in ((0.5, 1.0), (0.0, 2.0), (1.0, 0.3)):
        step = theory.linear_step([[a, b], [-b, a]], 0.3, rule=rule, **parameters)
        (factor,) = theory.mode_factors(complex(a, b), 0.3, rule=rule, **parameters)
        assert np.abs(np.linalg.eigvals(step)) == pytest.approx([abs(factor)] * 2, rel=1e-12)


def test_look_ahead_is_made_of_powers_and_competitive_steps_solve_the_local_game():
    for M in DRAW.normal(size=(5, 3, 3)):
        power = np.linalg.matrix_power(np.eye(3) - 0.2 * M, 4)
        found = theory.linear_step(M, 0.2, rule="look-ahead", weight=0.3, count=4)
        np.testing.assert_allclose(found, 0.7 * np.eye(3) + 0.3 * power, atol=1e-12)
        w = DRAW.normal(size=3)
        d = theory.linear_step(M, 0.2, rule="competitive", blocks=(2, 1)) @ w - w
        B = M.copy()
        B[:2, :2] = B[2:, 2:] = 0
        np.testing.assert_allclose(d, -0.2 * (M @ w + B @ d), atol=1e-12)


def test_unrolling_differentiates_through_the_other_players_steps():
    x, y, c = sympy.symbols("x y c")
    m = sympy.symbols("m11 m12 m21 m22")
    answer = y
    for _ in range(3):
        answer = answer - c * (m[2] * x + m[3] * answer)
    slope = sympy.diff(m[0] * x**2 / 2 + m[1] * x * answer, x)
    numbers = dict(zip((*m, c), (0.7, 1.3, -0.4, 0.9, 0.25)))
    expected = [float(sympy.diff(sympy.expand(slope.subs(numbers)), s)) for s in (x, y)]
    step = theory.linear_step([[0.7, 1.3], [-0.4, 0.9]], 1.0, rule="unrolled", weight=0.25, count=3)
    assert (np.eye(2) - step)[0] == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match="rule must be one of"):
        theory.linear_step([[1.0]], 0.1, rule="nonsense")


def test_best_factors_by_search():
    for rule in ("extragradient", "optimistic"):
        found = min(np.abs(theory.mode_factors(1j, u, rule=rule)).max() for u in np.arange(0.3, 1, 0.0005))
        assert theory.best_rotation_factor(rule) == pytest.approx(found, abs=1e-3)
        assert theory.best_rotation_factor(rule) <= found + 1e-12


def test_alternating_steps_conserve_their_energy_exactly():
    x, y, a, e1, e2 = sympy.symbols("x y a e1 e2", positive=True)

    def energy(x, y):
        return x**2 / e1 + y**2 / e2 - a * x * y

    moved = x - e1 * a * y
    assert sympy.simplify(energy(moved, y + e2 * a * moved) - energy(x, y)) == 0
    numbers = {x: 0.5, y: 2.0, a: -0.7, e1: 0.3, e2: 0.8}
    value = theory.alternating_energy([0.5], [2.0], [[-0.7]], rates=(0.3, 0.8))
    assert float(value) == pytest.approx(float(energy(x, y).subs(numbers)))


def test_averages_stay_within_their_bound_and_come_near_it():
    worst = 0.0
    for u in (0.02, 0.1, 0.5, 1.0, 1.5, 1.9):
        M = np.array([[1, -u], [u, 1 - u * u]])
        for angle in np.linspace(0, math.pi, 25):
            w = np.array([math.cos(angle), math.sin(angle)])
            total = np.zeros(2)
            for t in range(1, 500):
                w = M @ w
                total += w
                worst = max(worst, np.linalg.norm(total / t) / float(theory.average_bound(u, t)))
    assert 0.99 < worst <= 1


def test_the_alignment_slope_by_differences():
    for M in DRAW.normal(size=(5, 3, 3)):
        w = DRAW.normal(size=3)
        v, A = M @ w, (M - M.T) / 2
        g = M.T @ v

        def squared(c, v=v, A=A, g=g):
            turned = v + c * A.T @ v
            return (turned @ g) ** 2 / (turned @ turned) / (g @ g)

        assert float(theory.alignment_slope(M, w)) == pytest.approx(
            (squared(1e-6) - squared(-1e-6)) / 2e-6, abs=1e-6
        )


def test_consensus_descends_on_the_squared_field_and_the_published_one_does_not():
    def half_square(z):
        return float((theory.dirac_field(*z) ** 2).sum()) / 2

    for z in DRAW.normal(size=(6, 2)):
        h = 1e-6
        slope = [(half_square(z + h * e) - half_square(z - h * e)) / (2 * h) for e in np.eye(2)]
        expected = theory.dirac_field(*z) + 0.7 * np.array(slope)
        np.testing.assert_allclose(theory.consensus_dirac_field(*z, 0.7), expected, atol=1e-8)
        published = theory.consensus_dirac_field(*z, 0.7, published=True)
        assert np.abs(published - expected).max() > 1e-3


def test_instance_noise_by_quadrature():
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    for scale in (0.3, 0.7, 1.9):

        def field(theta, psi, scale=scale):
            x, p = scale * nodes, weights / weights.sum()
            fake, real = (1 / (1 + np.exp(-psi * (theta + x))), 1 / (1 + np.exp(psi * x)))
            return np.array([-(p * fake * psi).sum(), (p * (fake * (theta + x) - real * x)).sum()])

        h = 1e-5
        J = np.stack([(field(*(h * e)) - field(*(-h * e))) / (2 * h) for e in np.eye(2)], axis=1)
        found = np.sort_complex(np.linalg.eigvals(J).astype(complex))
        np.testing.assert_allclose(
            np.sort_complex(theory.eigenvalues(theory.dirac_noise_jacobian(scale))), found, atol=1e-7
        )


def test_saddles_and_scales_by_eigenvalues():
    for _ in range(40):
        B, R = DRAW.normal(size=(3, 2)), DRAW.normal(size=(3, 3))
        if DRAW.uniform() < 0.5:
            B[:, 1] = 2 * B[:, 0]
        Q = R @ R.T + 0.1 * np.eye(3)
        M = np.block([[np.zeros((2, 2)), B.T], [-B, Q]])
        assert theory.saddle_stable(B, Q) == (np.linalg.eigvals(M).real.min() > 1e-9)
    assert not theory.saddle_stable(np.eye(2), np.zeros((2, 2)))
    for a, b, c in DRAW.normal(size=(60, 3)):
        M = np.array([[a, b], [-b, c]])
        assert bool(theory.attracts(a, b, c)) == (np.linalg.eigvals(M).real.min() > 0)
        if c > 0 and abs(a + b * b / c) > 1e-3:
            fast = np.diag([1, 1e7]) @ M
            assert bool(theory.strict_local_minimax(a, b, c)) == (np.linalg.eigvals(fast).real.min() > 0)
        if a > 0:
            limit = float(theory.simultaneous_limit(a, b))
            assert abs(1 - limit * complex(a, b)) == pytest.approx(1)


def test_the_gap_is_what_both_players_gain_by_their_best_answers():
    A, C = np.diag([1.0, 2.0]), np.array([[1.5]])
    B = np.array([[0.5], [-1.0]])
    x, y = np.array([0.3, -0.7]), np.array([1.1])

    def f(x, y):
        return x @ A @ x / 2 + x @ B @ y - y @ C @ y / 2

    best_y, best_x = np.linalg.solve(C, B.T @ x), -np.linalg.solve(A, B @ y)
    assert theory.quadratic_gap(A, B, C, point=(x, y)) == pytest.approx(f(x, best_y) - f(best_x, y))


def test_crossing_the_curl_ends_at_the_deviation_and_the_plain_flow_turns():
    def crossed(t, z):
        a, w = z
        return [-2 * a * (a**2 - 2.25), -4 * w * a**2]

    def plain(t, z):
        a, w = z
        return [2 * a * w, 2.25 - a**2]

    end = solve_ivp(crossed, (0, 40), [0.4, 1.0], rtol=1e-10, atol=1e-12).y[:, -1]
    np.testing.assert_allclose(end, theory.crossed_curl_limit(1.5), atol=1e-6)
    orbit = solve_ivp(plain, (0, 10), [0.6, 0.8], rtol=1e-11, atol=1e-13).y
    energy = theory.variance_energy(*orbit, target=1.5)
    assert np.ptp(energy) < 1e-6 and np.ptp(orbit[0]) > 1


def test_best_batch_steps_and_noise_scales_by_enumeration():
    g = DRAW.normal(size=(4, 2))
    G, S = g.mean(0), np.cov(g.T, bias=True)
    squared, variance = theory.noise_scale(g)
    assert (squared, variance) == pytest.approx((G @ G, np.trace(S)))
    pairs = np.array([g[list(pick)].mean(0) for pick in itertools.product(range(4), repeat=2)])
    means = {1: (g**2).sum(1).mean(), 2: (pairs**2).sum(1).mean()}
    assert 2 * means[2] - means[1] == pytest.approx(squared)
    assert (means[1] - means[2]) / (1 - 1 / 2) == pytest.approx(variance)
    H = np.array([[2.0, 0.3], [0.3, 0.5]])
    step, gain = theory.critical_batch_step(G, H, S, batch=2)
    gains = [
        e * G @ G - e**2 * np.einsum("ni,ij,nj->n", pairs, H, pairs).mean() / 2
        for e in (step, 1.01 * step, 0.99 * step)
    ]
    assert gains[0] == pytest.approx(gain) and gains[0] > max(gains[1:])


def test_bounds_that_are_refused():
    with pytest.raises(ValueError, match="rule must be"):
        theory.strongly_monotone_factor(1.0, 2.0, rule="nonsense")
    with pytest.raises(ValueError, match="rule must be"):
        theory.best_rotation_factor("nonsense")
    with pytest.raises(ValueError, match="at least 1"):
        theory.look_ahead_pull(0)

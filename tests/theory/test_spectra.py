"""Contraction factors and step limits against the published table, closed forms and brute force."""

import math

import numpy as np
import pytest

from gantheory import theory


# the table of exact local values: objective, R1 weight, eigenvalue, limits and factors at h = 0.2
TABLE = [
    ("gan", 0.0, 0.5j, 0.0, 0.0, 1.004988, 1.0),
    ("nsgan", 0.0, 0.5j, 0.0, 0.0, 1.004988, 1.0),
    ("wgan", 0.0, 1j, 0.0, 0.0, 1.019804, 1.0),
    ("gan", 0.3, 0.15 + 0.477j, 1.200, 2.976, 0.974679, 0.969536),
    ("gan", 1.0, 0.5, 4.000, 1.657, 0.900000, 0.927016),
    ("gan", 2.0, 1.866, 1.072, 0.944, 0.973205, 0.973955),
]


@pytest.mark.parametrize(("objective", "weight", "mu", "h_sim", "h_alt", "rho_sim", "rho_alt"), TABLE)
def test_table(objective, weight, mu, h_sim, h_alt, rho_sim, rho_alt):
    J = theory.dirac_jacobian(objective=objective, weight=weight)
    assert abs(theory.eigenvalues(J)[-1] - mu) < 6e-4
    assert abs(theory.largest_step(J) - h_sim) < 5e-4
    assert abs(theory.largest_step(J, rule="alternating") - h_alt) < 5e-4
    assert abs(theory.contraction_factor(J, 0.2) - rho_sim) < 1e-6
    assert abs(theory.contraction_factor(J, 0.2, rule="alternating") - rho_alt) < 1e-6
    other = theory.contraction_factor(J, 0.2, rule="alternating", order=("generator", "critic"))
    assert abs(other - rho_alt) < 1e-6


def test_closed_forms_of_the_limits():
    for gamma in np.linspace(0.05, 3, 40):
        for objective, f1 in (("gan", 0.5), ("wgan", 1.0)):
            J = theory.dirac_jacobian(objective=objective, weight=gamma)
            complex_pair = gamma <= 2 * f1
            simultaneous = (
                gamma / f1**2 if complex_pair else 2 / (gamma / 2 + math.sqrt(gamma**2 / 4 - f1**2))
            )
            alternating = (-gamma + math.sqrt(gamma**2 + 4 * f1**2)) / f1**2
            assert theory.largest_step(J) == pytest.approx(simultaneous, rel=1e-6)
            assert theory.largest_step(J, rule="alternating") == pytest.approx(alternating, rel=1e-9)


def test_extragradient_on_a_rotation_is_stable_up_to_one_over_its_speed():
    J = theory.dirac_jacobian(objective="gan")
    assert theory.largest_step(J, rule="extragradient") == pytest.approx(2.0)
    assert theory.contraction_factor(J, 0.2, rule="extragradient") == pytest.approx(
        math.sqrt(1 - 0.01 + 1e-4)
    )


@pytest.mark.parametrize("rule", ["simultaneous", "alternating", "extragradient"])
def test_limit_is_where_the_factor_crosses_one(rule):
    draw = np.random.default_rng(1)
    met = 0
    for J in draw.normal(size=(300, 2, 2)):
        h = theory.largest_step(J, rule=rule)
        if h == 0:
            assert theory.contraction_factor(J, 1e-4, rule=rule) >= 1 - 1e-12
            continue
        inside = np.linspace(1e-3, 0.999, 200) * min(h, 100.0)
        assert (theory.contraction_factor(J, inside, rule=rule) < 1).all()
        if h < math.inf:
            met += 1
            assert theory.contraction_factor(J, h, rule=rule) == pytest.approx(1, abs=1e-6)
    assert met > 50


@pytest.mark.parametrize(
    ("degrees", "descent", "extragradient", "optimistic"),
    [
        (0, 2, 1, 2 / 3),
        (45, 1.414, 1.414, 0.657),
        (60, 1.0, 1.465, 0.646),
        (85, 0.174, 1.149, 0.6),
        (90, 0, 1, 0.577),
    ],
)
def test_limits_over_the_angle_of_an_eigenvalue(degrees, descent, extragradient, optimistic):
    """C24, and C05 at 90 degrees."""
    a, b = 2 * math.cos(math.radians(degrees)), 2 * math.sin(math.radians(degrees))
    a = 0.0 if degrees == 90 else a
    J = [[a, -b], [b, a]]
    expected = {"simultaneous": descent, "extragradient": extragradient, "optimistic": optimistic}
    for rule, limit in expected.items():
        assert 2 * theory.largest_step(J, rule=rule) == pytest.approx(limit, abs=1e-3)


def test_the_optimistic_limit_is_where_a_root_leaves_the_circle():
    draw = np.random.default_rng(6)
    met = 0
    for a, b in draw.normal(size=(200, 2)):
        h = theory.largest_step([[a, -b], [b, a]], rule="optimistic")
        roots = [theory.mode_factors(a + 1j * b, x, rule="optimistic") for x in (0.999 * h, 1.001 * h)]
        if h == 0:
            assert np.abs(theory.mode_factors(a + 1j * b, 1e-4, rule="optimistic")).max() > 1
        else:
            met += 1
            assert np.abs(roots[0]).max() < 1 < np.abs(roots[1]).max()
    assert met > 50


def test_alternating_momentum_is_the_matrix_of_its_step():
    """C10: the step of both players and their sums, written out; its limit for small speeds; the exact cases."""
    for u, b1, b2 in np.random.default_rng(7).uniform([0.05, -0.9, -0.9], [2.0, 0.9, 0.9], size=(50, 3)):
        y_step = np.eye(4)  # rows x, y, m_x, m_y; y moves first, up the gradient
        y_step[3, 3], y_step[3, 0] = b2, -u
        y_step[1] = np.array([0, 1, 0, 0]) - y_step[3]
        x_step = np.eye(4)
        x_step[2, 2], x_step[2, 1] = b1, u
        x_step[0] = np.array([1, 0, 0, 0]) - x_step[2]
        matrix = np.abs(np.linalg.eigvals(x_step @ y_step))
        found = np.abs(theory.alternating_momentum_factors(u, (b1, b2)))
        np.testing.assert_allclose(found, np.sort(matrix)[::-1], atol=1e-6)
        small = np.abs(theory.alternating_momentum_factors(0.01, (b1, b2)))[0]
        assert (small < 1) == (1 / (1 - b1) + 1 / (1 - b2) < 2)
    assert abs(theory.alternating_momentum_factors(0.1, (0.1, 0.1))[0]) > 1
    assert abs(theory.alternating_momentum_factors(1.0, (-0.5, -0.5))[0]) == pytest.approx(1)
    assert 1 - abs(theory.alternating_momentum_factors(0.01, (-0.5, 0.0))[0]) ** 2 == pytest.approx(
        2 / 9 * 1e-4, rel=1e-2
    )


def test_extragradient_keeps_its_last_iterate_bound():
    """C19: rotations of every speed below 1."""
    k = np.arange(1, 2000)
    for h in (0.1, 0.5, 0.7):
        speeds = np.geomspace(1e-3, 1, 100)[:, None]
        square = speeds**2 * (1 - (h * speeds) ** 2 + (h * speeds) ** 4) ** k
        bound = [theory.last_iterate_bound(int(i), rule="extragradient", rate=h) for i in k]
        assert 0.05 < (square.max(axis=0) / bound).max() < 1
    with pytest.raises(ValueError, match="rate must lie in"):
        theory.last_iterate_bound(3, rule="extragradient", rate=1.0)


def test_anchored_bounds():
    """C17: the constant of the published 260, and what a rate or a rule must not be."""
    at = [theory.last_iterate_bound(k, rate=0.125 / 2, lipschitz=2.0, distance=3.0) for k in (0, 9)]
    assert at == pytest.approx([259.5556 * 4 * 9, 2.595556 * 4 * 9], rel=1e-6)
    assert theory.last_iterate_bound(2, rule="fading anchored") == pytest.approx(27 / 12)
    fast = [theory.last_iterate_bound(k, rule="fast extragradient", comonotone=-0.25) for k in (0, 2)]
    assert fast == [np.inf, 4.0]
    with pytest.raises(ValueError, match="rate must lie in"):
        theory.last_iterate_bound(3, rate=0.2)
    with pytest.raises(ValueError, match="left out"):
        theory.last_iterate_bound(3, rule="halpern", rate=0.2)
    with pytest.raises(ValueError, match="comonotone must exceed"):
        theory.last_iterate_bound(3, rule="fast extragradient", comonotone=-0.5)
    with pytest.raises(ValueError, match="at least 0"):
        theory.last_iterate_bound(-1)


def test_alternating_eigenvalues_are_those_of_the_matrix_product():
    """B02, on and off the unit circle."""
    J = theory.dirac_jacobian(objective="gan")
    for rate in (0.2, 1.0, 3.9, 4.5):
        for critic_steps in (1, 5):
            closed = theory.alternating_eigenvalues(rate, critic_steps=critic_steps)
            step = theory.one_step_map(J, rate, rule="alternating", critic_steps=critic_steps)
            np.testing.assert_allclose(
                np.sort_complex(closed), np.sort_complex(np.linalg.eigvals(step)), atol=1e-9
            )
            on_circle = math.sqrt(critic_steps) * rate / 2 <= 2
            assert (np.abs(closed).max() < 1 + 1e-9) == on_circle


def test_factor_broadcasts_over_jacobians_and_rates():
    weights, rates = np.array([0.0, 0.3, 1.0])[:, None], np.array([0.1, 0.2])
    factors = theory.contraction_factor(theory.dirac_jacobian(weight=weights), rates, rule="alternating")
    assert factors.shape == (3, 2)
    alone = theory.contraction_factor(theory.dirac_jacobian(weight=0.3), 0.2, rule="alternating")
    assert factors[1, 1] == alone


def test_players_of_several_parameters():
    """An alternating step of a 1 + 2 game, by hand."""
    J = np.random.default_rng(2).normal(size=(3, 3))
    w, h = np.array([1.0, 2.0, 3.0]), 0.1
    moved = w.copy()
    moved[1:] -= h * (J @ moved)[1:]
    moved[:1] -= h * (J @ moved)[:1]
    step = theory.one_step_map(J, h, rule="alternating", generator_size=1)
    np.testing.assert_allclose(step @ w, moved, atol=1e-14)


def test_convergence_is_silent_on_the_unit_circle():
    J = theory.dirac_jacobian(objective="nsgan")
    assert theory.converges(J, 0.1) is False
    assert theory.converges(J, 0.1, rule="alternating") is None
    assert theory.converges(theory.dirac_jacobian(weight=0.3), 0.1) is True


def test_bad_arguments_are_refused():
    J = np.eye(2)
    with pytest.raises(ValueError, match="rule must be one of"):
        theory.contraction_factor(J, 0.1, rule="newton")
    with pytest.raises(ValueError, match="rule must be one of"):
        theory.largest_step(J, rule="newton")
    with pytest.raises(ValueError, match="shape"):
        theory.eigenvalues(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"\(2, 2\) for alternating"):
        theory.largest_step(np.eye(3), rule="alternating")
    with pytest.raises(ValueError, match="order"):
        theory.one_step_map(J, 0.1, rule="alternating", order=("critic", "critic"))

"""What theory predicts for one mode of a linear field is what one step of the rule does, state included."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gantheory as gt


RATE = 0.3
RULES = {
    "simultaneous": (gt.Simultaneous(gt.SGD(RATE)), {}),
    "extragradient": (gt.ExtraGradient(gt.SGD(RATE)), {}),
    "proximal point": (gt.ProximalPoint(gt.SGD(RATE)), {}),
    "momentum": (gt.Simultaneous(gt.Momentum(RATE, beta=-0.4)), {"beta": -0.4}),
    "optimistic": (gt.Optimistic(gt.SGD(RATE)), {}),
    "delayed": (gt.Delayed(gt.Simultaneous(gt.SGD(RATE)), staleness=3), {"staleness": 3}),
    "look-ahead": (gt.LookAhead(gt.Simultaneous(gt.SGD(RATE)), steps=4, pull=0.3), {"steps": 4, "pull": 0.3}),
    "consensus": (gt.Consensus(gt.SGD(RATE), weight=0.7), {"weight": 0.7}),
    "symplectic adjustment": (gt.SymplecticAdjustment(gt.SGD(RATE), weight=0.7), {"weight": 0.7}),
    "Hamiltonian descent": (gt.HamiltonianDescent(gt.SGD(RATE)), {}),
    "crossing the curl": (gt.CrossingTheCurl(gt.SGD(RATE)), {}),
}


def _measured(rule, stiffness, turning):
    game = gt.Quadratic((1, 1), ((stiffness, 0.0), (0.0, stiffness)), ((0.0, turning), (-turning, 0.0)))
    return gt.step_spectrum(game, rule, (0.0, 0.0), after=8).eigenvalues


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("stiffness, turning", [(0.0, 1.0), (0.5, 1.0), (1.0, 0.2), (-0.3, 0.8)])
def test_predicted_factors_are_measured(name, stiffness, turning):
    rule, parameters = RULES[name]
    modes = [
        gt.theory.mode_factors(complex(stiffness, sign * turning), RATE, rule=name, **parameters)
        for sign in (1, -1)
    ]
    predicted = np.sort_complex(np.round(np.concatenate(modes), 7))
    measured = _measured(rule, stiffness, turning)
    for factor in predicted:  # the state may hold more, which forgets at once
        assert np.abs(measured - factor).min() < 1e-5
    others = [z for z in measured if np.abs(predicted - z).min() > 1e-3]
    assert all(abs(z) < 1e-2 for z in others)


def test_past_extragradient_has_the_optimistic_factors():
    measured = _measured(gt.PastExtraGradient(gt.SGD(RATE)), 0.5, 1.0)
    for factor in gt.theory.mode_factors(0.5 + 1j, RATE, rule="optimistic"):
        assert np.abs(measured - factor).min() < 1e-5


@pytest.mark.parametrize("staleness", [0, 1, 2, 7])
def test_the_delay_limit_is_where_a_factor_leaves_the_circle(staleness):
    limit = gt.theory.delay_limit(staleness)
    for rate, inside in ((0.999 * limit, True), (1.001 * limit, False)):
        factors = gt.theory.mode_factors(1.0, rate, rule="delayed", staleness=staleness)
        assert (np.abs(factors).max() < 1) == inside


def test_limits_of_rotation():
    """Extragradient converges for u < 1, optimistic steps for u < 1 / sqrt 3, plain ones never."""
    for rule, limit in (("extragradient", 1.0), ("optimistic", 1 / math.sqrt(3))):
        for rate, inside in ((0.999 * limit, True), (1.001 * limit, False)):
            assert (np.abs(gt.theory.mode_factors(1j, rate, rule=rule)).max() < 1) == inside
    assert np.abs(gt.theory.mode_factors(1j, 1e-3)).max() > 1


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        gt.theory.mode_factors(1j, 0.1, rule="nonsense")
    with pytest.raises(ValueError, match="does not take"):
        gt.theory.mode_factors(1j, 0.1, rule="momentum", weight=2.0)
    with pytest.raises(ValueError, match="at least 0"):
        gt.theory.delay_limit(-1)
    with pytest.raises(ValueError, match="anchored"):
        gt.theory.last_iterate_bound(3, rule="nonsense")

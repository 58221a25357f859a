"""The averaged orbits against the iterated map and an integrated flow."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gantheory import theory


def field(z, objective="nsgan", weight=0.0):
    return theory.dirac_field(z[0], z[1], objective=objective, weight=weight)


def radius_after(steps, h, *, alternating, start, objective="nsgan"):
    z = np.array(start, dtype=float)
    for _ in range(steps):
        if alternating:
            z[1] -= h * field(z, objective)[1]
            z[0] -= h * field(z, objective)[0]
        else:
            z = z - h * field(z, objective)
    return float(np.hypot(*z))


def test_flow_approaches_eight_over_time():
    """B03: t r^2 -> 8, and the averaged formula on the way."""
    end = solve_ivp(lambda t, z: -field(z), (0, 2000), [0.5, 0.0], rtol=1e-8, atol=1e-10).y[:, -1]
    assert np.hypot(*end) == pytest.approx(theory.nonsaturating_radius(2000, 0.5), rel=0.01)
    assert 2e9 * theory.nonsaturating_radius(2e9, 0.5) ** 2 == pytest.approx(8)


@pytest.mark.parametrize("start", [0.3, 1.0])
def test_simultaneous_steps_end_on_the_cycle(start):
    h = 0.1
    end = radius_after(8000, h, alternating=False, start=(start, 0.0))
    assert end == pytest.approx(theory.nonsaturating_cycle(h), rel=0.05)


def test_alternating_steps_creep():
    h, n = 0.2, 5000
    end = radius_after(n, h, alternating=True, start=(0.5, 0.0))
    assert end == pytest.approx(theory.nonsaturating_radius(h * n, 0.5), rel=0.05)


@pytest.mark.parametrize(
    ("objective", "weight", "rule", "fate"),
    [
        ("gan", 0.0, "simultaneous", "leaves"),
        ("gan", 0.0, "alternating", "circles"),
        ("wgan", 0.0, "alternating", "circles"),
        ("wgan", 0.0, "extragradient", "converges"),
        ("nsgan", 0.0, "simultaneous", "cycles"),
        ("nsgan", 0.0, "alternating", "creeps"),
        ("nsgan", 0.3, "simultaneous", "converges"),
        ("lsgan-signed", 0.0, "alternating", "creeps"),
        ("lsgan-signed", 0.0, "simultaneous", "cycles"),
        ("hinge", 0.0, "alternating", "circles"),
        ("mle", 0.0, "alternating", "leaves"),
        ("f-kl", 0.0, "alternating", "circles"),
    ],
)
def test_fates(objective, weight, rule, fate):
    assert theory.dirac_fate(objective, 0.1, weight=weight, rule=rule) == fate


def test_circling_and_leaving_orbits_do_so():
    assert radius_after(3000, 0.1, alternating=True, start=(0.5, 0.0), objective="gan") == pytest.approx(
        0.5, rel=0.1
    )
    assert radius_after(3000, 0.1, alternating=False, start=(0.5, 0.0), objective="gan") > 1.0


@pytest.mark.parametrize(
    "objective, grows", [("lsgan-signed", False), ("hinge", None), ("mle", True), ("f-kl", None)]
)
def test_fates_of_other_objectives(objective, grows):
    """Alternating orbits at the end against the start; with least squares t r^2 -> 2, which is 1/4 of NSGAN's."""
    ratio = radius_after(4000, 0.1, alternating=True, start=(0.3, 0.0), objective=objective) / 0.3
    expected = {True: ratio > 1.1, False: ratio < 0.8, None: 0.9 < ratio < 1.15}
    assert expected[grows]
    if objective == "lsgan-signed":
        assert 400 * (0.3 * ratio) ** 2 == pytest.approx(1 / (1 / 2 + 1 / (400 * 0.09)), rel=0.02)


def test_a_line_of_equilibria_is_refused():
    with pytest.raises(ValueError, match="line of equilibria"):
        theory.dirac_fate("lsgan", 0.1)

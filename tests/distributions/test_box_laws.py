"""Energies on boxes against truncated laws, published numbers and brute force; their language and its bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy import integrate, stats

import gantheory as gt
from gantheory.distributions import formula, interval


def test_rezende_and_mohamed_by_adaptive_quadrature():
    """Normaliser and entropy of the square, written again with numpy; the table's numbers were found so."""
    step, wave = lambda x: 3 / (1 + np.exp(-(x - 1) / 0.3)), lambda x: np.sin(np.pi * x / 2)

    def fourth(y, x):
        return -np.log(
            np.exp(-0.5 * ((y - wave(x)) / 0.4) ** 2) + np.exp(-0.5 * ((y - wave(x) + step(x)) / 0.35) ** 2)
        )

    t = np.linspace(-4, 4, 1601)
    x, y = np.meshgrid(t, t)
    rule = lambda v: integrate.simpson(integrate.simpson(v, t), t)  # noqa: E731
    mass = rule(np.exp(-fourth(y, x)))
    law = gt.RezendeMohamed(4)
    assert float(-law.log_prob(torch.zeros(1, 2, dtype=torch.float64))) == pytest.approx(
        fourth(0.0, 0.0) + math.log(mass), abs=1e-7
    )
    entropy = rule(np.exp(-fourth(y, x)) * fourth(y, x)) / mass + math.log(mass)
    assert law.facts().entropy.value == pytest.approx(entropy, abs=1e-7)


@pytest.mark.parametrize(
    "number, log_mass, entropy",
    [(1, 1.877502, 2.660012), (2, 2.082089, 2.582089), (3, 2.641705, 2.626707), (4, 2.684568, 2.766181)],
)
def test_rezende_and_mohamed_have_the_known_numbers(number, log_mass, entropy):
    law = gt.RezendeMohamed(number)
    assert law._tables.log_mass == pytest.approx(log_mass, abs=1e-6)
    assert law.facts().entropy.value == pytest.approx(entropy, abs=1e-6)


def test_the_second_energy_is_a_wave_of_constant_width():
    """p(y | x) is normal where the square does not cut it, so the edge is known in closed form."""
    edge = gt.RezendeMohamed(2).facts().edge.value
    assert edge.reach == pytest.approx(1, abs=1e-9) and edge.flux == pytest.approx(np.zeros(2), abs=1e-9)


def test_a_truncated_normal(key):
    law = gt.Potential("((x - 0.3) / 0.7)**2 / 2", box=((-1, 1.5),))
    known = stats.truncnorm((-1 - 0.3) / 0.7, (1.5 - 0.3) / 0.7, 0.3, 0.7)
    facts = law.facts()
    assert facts.mean.value[0] == pytest.approx(known.mean(), abs=1e-9)
    assert facts.covariance.value[0, 0] == pytest.approx(known.var(), abs=1e-9)
    assert facts.entropy.value == pytest.approx(known.entropy(), abs=1e-9)
    assert facts.edge.value.flux[0] == pytest.approx(known.pdf(1.5) - known.pdf(-1), abs=1e-9)
    x = torch.linspace(-2, 2, 41, dtype=torch.float64)
    np.testing.assert_allclose(law.log_prob(x[:, None]).numpy(), known.logpdf(x.numpy()), rtol=1e-9)
    assert stats.kstest(law.sample(100_000, key.to(torch.float64))[:, 0].numpy(), known.cdf).pvalue > 1e-8


def test_three_dimensions_are_a_product(key):
    law = gt.Potential("x**2 / 2 + abs(y) + 0 * z", box=((-1, 1), (0, 2), (3, 5)))
    normal, flat = stats.truncnorm(-1, 1), math.log(2)
    falling = stats.truncexpon(2)
    entropy = normal.entropy() + falling.entropy() + flat
    assert law.facts().entropy.value == pytest.approx(entropy, abs=1e-7)
    x = law.sample(40_000, key.to(torch.float64)).numpy()
    for axis, known in enumerate((normal, falling, stats.uniform(3, 2))):
        assert stats.kstest(x[:, axis], known.cdf).pvalue > 1e-8


def test_a_single_row_needs_no_others(key):
    """Also where the key draws in float32 and some rows need many attempts."""
    law = gt.Potential("30 * sin(20 * x)", box=((0, 1),))
    whole = law.sample(500, key.split(3))
    assert torch.equal(whole[:, 250:251], law.sample(1, key.split(3), start=250))
    assert whole.dtype == torch.float32 and bool(((whole >= 0) & (whole <= 1)).all())


@pytest.mark.parametrize(
    "energy, message",
    [
        ("x + w", "unknown name 'w'"),
        ("sine(x)", "cannot read 'sine\\(x\\)'"),
        ("x.real", "cannot read 'x.real'"),
        ("__import__('os')", "cannot read"),
        ("x**y", "cannot read"),
        ("x**1e9", "cannot read"),
        ("1e999 * x", "cannot read"),
        (f"1{400 * chr(48)} * x", "cannot read"),
        ("sin(x, y)", "cannot read"),
        ("sin(x=1)", "cannot read"),
        ("lambda: x", "cannot read"),
        ("True", "cannot read"),
        ("[x]", "cannot read"),
        ("x if y else x", "cannot read"),
        ("x +", "cannot read the formula"),
        ("-" * 3000 + "x", "cannot read the formula"),
        ("x + " * 2000 + "x", "at most 4000"),
        ("z", "unknown name 'z'"),
        ("siny", "did you mean sin"),
    ],
)
def test_what_is_no_formula_is_refused(energy, message):
    with pytest.raises(ValueError, match=message):
        gt.Potential(energy)


@pytest.mark.parametrize(
    "energy, box, message",
    [
        ("2 * log(abs(x))", ((-1, 1),), "too fast for the quadrature|no useful lower bound"),
        ("log(x)", ((-1, 1),), "not a number at"),
        ("1000 * sin(5000 * x)", ((-1, 1),), "too fast"),
        ("sqrt(x) * 0", ((-1, 1),), "not a number at"),
    ],
)
def test_what_has_no_density_is_refused_when_it_is_asked_for(energy, box, message):
    with pytest.raises(ValueError, match=message):
        gt.Potential(energy, box=box).facts()


@pytest.mark.parametrize("box", [(), ((1, 1),), ((0, math.inf),), ((0, 1),) * 4])
def test_boxes_that_are_none_are_refused(box):
    with pytest.raises(ValueError, match="box"):
        gt.Potential("1", box=box)


@pytest.mark.parametrize("number, half", [(0, 4), (5, 4), (1, 0), (1, math.inf)])
def test_numbers_outside_the_paper_are_refused(number, half):
    with pytest.raises(ValueError, match="RezendeMohamed"):
        gt.RezendeMohamed(number, half=half)


def test_an_energy_may_be_infinite_where_there_is_no_mass():
    law = gt.Potential("1 / x", box=((0, 4),))
    assert float(law.log_prob(torch.tensor([[0.0]], dtype=torch.float64))) == -math.inf
    exact, _ = integrate.quad(lambda x: math.exp(-1 / x), 0, 4)
    one = float(law.log_prob(torch.ones(1, 1, dtype=torch.float64)))
    assert one == pytest.approx(-1 - math.log(exact), abs=1e-9)


def expressions():
    leaf = st.sampled_from(["x", "y", "pi", "0.5", "2", "-3.25"])
    power = st.sampled_from(["2", "3", "-1", "-2", "0.5", "0"])

    def grow(inner):
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(inner, power).map(lambda t: f"({t[0]})**{t[1]}"),
            st.tuples(st.sampled_from([n for n, k in formula.ARGUMENTS.items() if k == 1]), inner).map(
                lambda t: f"{t[0]}({t[1]})"
            ),
            st.tuples(st.sampled_from(["minimum", "maximum", "logaddexp"]), inner, inner).map(
                lambda t: f"{t[0]}({t[1]}, {t[2]})"
            ),
        )

    return st.recursive(leaf, grow, max_leaves=8)


@given(expressions(), st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 2), st.floats(0, 2))
def test_bounds_hold_all_values(text, x, y, width, height):
    names = ("x", "y")
    t = torch.linspace(0, 1, 9, dtype=torch.float64)
    points = torch.cartesian_prod(x + width * t, y + height * t)
    value = formula.at_points(text, names, points).numpy()
    box = {
        "x": interval.Interval(np.array(x), np.array(x + width)),
        "y": interval.Interval(np.array(y), np.array(y + height)),
    }
    with np.errstate(all="ignore"):
        bounds = formula.evaluate(
            formula.read(text, names),
            box,
            interval.FUNCTIONS,
            lambda c: interval.Interval(np.array(c), np.array(c)),
        )
    finite = value[np.isfinite(value)]
    slack = 1e-9 * (1 + np.abs(finite))
    assert (finite >= bounds.low - slack).all() and (finite <= bounds.high + slack).all()


@given(expressions(), st.floats(-2, 2), st.floats(-2, 2))
def test_a_formula_means_what_python_means(text, x, y):
    known = {name: getattr(np, name) for name in formula.ARGUMENTS if name != "sigmoid"}
    known |= {"sigmoid": lambda v: 1 / (1 + np.exp(-np.float64(v))), "pi": np.pi}
    with np.errstate(all="ignore"):
        try:
            wanted = eval(text, {"__builtins__": {}}, known | {"x": np.float64(x), "y": np.float64(y)})
        except (ZeroDivisionError, OverflowError):
            return
    if isinstance(wanted, complex):
        return
    found = float(formula.at_points(text, ("x", "y"), torch.tensor([[x, y]], dtype=torch.float64)))
    if math.isfinite(wanted) and math.isfinite(found):
        assert found == pytest.approx(float(wanted), rel=1e-6, abs=1e-6)

"""Estimates propagate errors; statistics against their textbooks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy import stats

import gantheory as gt
from gantheory import Estimate
from gantheory.shapes import dims


numbers = st.floats(0.5, 5)


@given(numbers, numbers, numbers, numbers)
def test_arithmetic_is_first_order_error_propagation(a, sa, b, sb):
    x, y = Estimate(a, sa / 10, n=5), Estimate(b, sb / 10, n=7)
    for found, function in (
        (x + y, lambda p, q: p + q),
        (x - y, lambda p, q: p - q),
        (x * y, lambda p, q: p * q),
        (x / y, lambda p, q: p / q),
        (3 - 2 * x, lambda p, q: 3 - 2 * p),
    ):
        h = 1e-6
        by_a = (function(a + h, b) - function(a - h, b)) / (2 * h)
        by_b = (function(a, b + h) - function(a, b - h)) / (2 * h)
        assert float(found) == pytest.approx(function(a, b))
        assert float(found.stderr) == pytest.approx(np.hypot(by_a * sa / 10, by_b * sb / 10), rel=1e-5)
    assert (x + y).n == 5


def test_the_mean_pools_members():
    values = np.array([1.0, 2.0, 4.0, 5.0])
    pooled = Estimate(values, 0.1, n=10, floor=0.5).mean()
    assert float(pooled) == 3.0 and pooled.n == 40 and float(pooled.floor) == 0.5 and pooled.dof == 3
    low, high = pooled.interval(0.95)
    expected = stats.t.interval(0.95, 3, loc=3.0, scale=stats.sem(values))
    assert (float(low), float(high)) == pytest.approx(expected)
    few = Estimate([2.0], 0.1, n=10, dof=3)
    assert few.mean().interval()[0] == few.interval()[0][0] < Estimate(2.0, 0.1).interval()[0]
    alone = Estimate([2.0], 0.1, n=10).mean()
    assert float(alone.stderr) == 0.1


def test_estimates_are_values():
    estimate = Estimate([1.0, 2.0], [0.1, 0.2], n=3)
    with pytest.raises(ValueError, match="read-only"):
        estimate.value[0] = 5
    with pytest.raises(ValueError, match=r"use \.mean"):
        float(estimate)
    with pytest.raises(ValueError, match="empty"):
        Estimate([]).mean()
    with pytest.raises(ValueError, match="level"):
        estimate.interval(95)
    assert "floor" not in str(estimate) and "floor 0.3" in str(Estimate(1.0, floor=0.3))
    assert "<table>" in estimate._repr_html_()
    assert "more" in str(Estimate(np.arange(100.0)))


@given(st.floats(-3, 3), st.floats(0.1, 10))
def test_power_fit_finds_exact_powers(exponent, factor):
    x = np.array([1.0, 2.0, 3.0, 7.0])
    k, log_c = gt.power_fit(x, factor * x**exponent)
    assert float(k) == pytest.approx(exponent, abs=1e-9) and float(log_c) == pytest.approx(
        np.log(factor), abs=1e-9
    )


def test_power_fit_interval_covers():
    """Over 400 noisy fits the 90 percent interval covers about 90 percent."""
    rng = np.random.default_rng(0)
    x = np.geomspace(1, 100, 12)
    hits = 0
    for _ in range(400):
        low, high = gt.power_fit(x, x**-0.5 * np.exp(0.1 * rng.standard_normal(12)))[0].interval(0.9)
        hits += low < -0.5 < high
    assert stats.binomtest(hits, 400, 0.9).pvalue > 1e-6


def test_wrong_statistics_input():
    with pytest.raises(ValueError, match="positive"):
        gt.power_fit([1, 2, 3], [1, -1, 1])
    with pytest.raises(ValueError, match="three"):
        gt.power_fit([1, 2], [1, 2])
    with pytest.raises(ValueError, match="three"):
        gt.rate_fit([1, 2], [1, 2])


@pytest.mark.parametrize("pattern", ["n", "n 3", "n n", "n d k", "2 d"])
def test_dims_names_what_it_wanted(pattern):
    with pytest.raises(ValueError, match=r"points must have shape .*, but has shape \(5, 2\)"):
        dims(np.zeros((5, 2)), pattern, name="points")


def test_tensors_are_numbers_too_and_are_copied():
    value = torch.tensor([1.0, 2.0])
    estimate = Estimate(value, torch.tensor(0.5))
    value += 1
    assert estimate.value.tolist() == [1.0, 2.0] and estimate.stderr.tolist() == [0.5, 0.5]

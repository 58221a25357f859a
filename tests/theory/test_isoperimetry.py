"""The mass between pieces against maps that reach it, and maps that must obey it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import integrate, optimize, stats

from gantheory import theory


def between(distance):
    return np.array([[0.0, distance], [distance, 0.0]])


def test_the_reference_case_and_its_clip():
    """Distance 4, constant 3: the bound, the clip's own mass by sampling, and both near the printed ones."""
    bound = theory.off_piece_mass(between(4.0), [0.5, 0.5], 3.0)
    assert bound == pytest.approx(2 * stats.norm.cdf(4 / 6) - 1, abs=1e-12)
    z = np.random.default_rng(0).standard_normal(1_000_000)
    outside = (np.abs(np.clip(3 * z, -2, 2)) < 2).mean()
    assert abs(outside - bound) < 6 * (0.25 / 1e6) ** 0.5
    assert outside == pytest.approx(0.49476, abs=2e-3)  # a sampled number of about 200,000 draws


@given(weight=st.floats(0.02, 0.98), distance=st.floats(0.05, 8.0), lipschitz=st.floats(0.2, 5.0))
def test_two_pieces_are_served_best_by_a_clip(weight, distance, lipschitz):
    """No map does better than a line through the gap, shifted so that both sides keep their proportion."""
    bound = theory.off_piece_mass(between(distance), [weight, 1 - weight], lipschitz)
    width = distance / lipschitz

    def imbalance(a):
        return (1 - weight) * stats.norm.cdf(a) - weight * stats.norm.sf(a + width)

    a = optimize.brentq(imbalance, -40, 40, xtol=1e-14)
    reached = 1 - stats.norm.cdf(a) - stats.norm.sf(a + width)
    assert bound == pytest.approx(reached, abs=1e-9)


def monotone_map_mass(gaps, weights, lipschitz):
    """The mass between intervals in a row, of the steepest monotone map that serves them in proportion."""

    def excess(served):
        mass = 0.0
        for i, weight in enumerate(weights):
            if mass + served * weight >= 1:
                return mass + served * sum(weights[i:]) - 1
            z = stats.norm.ppf(mass + served * weight)
            mass = stats.norm.cdf(z + gaps[i] / lipschitz) if i < len(gaps) else stats.norm.cdf(z)
        return mass - 1

    return 1 - optimize.brentq(excess, 1e-12, 1.0)


@given(
    weights=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6),
    gaps=st.lists(st.floats(0.1, 1.5), min_size=5, max_size=5),
    lipschitz=st.floats(1.5, 4.0),
)
def test_maps_of_a_line_obey_the_bound(weights, gaps, lipschitz):
    """Points in a row, and the best monotone map onto them: it wastes at least what is said."""
    places = np.concatenate(([0.0], np.cumsum(gaps[: len(weights) - 1])))
    distances = np.abs(places[:, None] - places)
    w = np.array(weights) / sum(weights)
    bound = theory.off_piece_mass(distances, weights, lipschitz)
    assert bound <= monotone_map_mass(gaps[: len(w) - 1], w, lipschitz) + 1e-9


def test_many_pieces_waste_more_than_two():
    """Equally far pieces: the bound grows with their number, and exceeds that of any cut in two."""
    found = []
    for count in (2, 3, 8, 50):
        distances = 2.0 * (1 - np.eye(count))
        found.append(theory.off_piece_mass(distances, np.ones(count), 1.0))
    assert all(a < b for a, b in itertools.pairwise(found))
    assert found[0] == pytest.approx(2 * stats.norm.cdf(1) - 1)


def test_a_far_cut_of_near_pieces_counts():
    """Two pairs of touching pieces far apart: half the nearest distances say nothing, the cut does."""
    places = np.array([0.0, 0.0, 5.0, 5.0])
    bound = theory.off_piece_mass(np.abs(places[:, None] - places), np.ones(4), 2.0)
    assert bound == pytest.approx(2 * stats.norm.cdf(5 / 4) - 1)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_cut_is_that_of_brute_force(seed):
    """All cuts of seven random pieces, each by the formula for two."""
    rng = np.random.default_rng(seed)
    places = rng.standard_normal((7, 2)) ** 3
    distances = np.linalg.norm(places[:, None] - places, axis=-1)
    distances = (distances + distances.T) / 2
    w = rng.random(7)
    w /= w.sum()
    best = 0.0
    for code in range(1, 64):
        side = np.array([code >> i & 1 == 1 for i in range(7)])
        gap = distances[np.ix_(side, ~side)].min()
        best = max(best, theory.off_piece_mass(between(gap), [w[side].sum(), w[~side].sum()], 1.0))
    found = theory.off_piece_mass(distances, w, 1.0)
    assert found >= best - 1e-12
    nearest = np.where(np.eye(7, dtype=bool), np.inf, distances).min(-1)
    if found > best + 1e-12:  # then by the enlargements of all pieces, which must fill the space
        shares = stats.norm.cdf(stats.norm.ppf((1 - found) * w) + nearest / 2)
        assert shares.sum() == pytest.approx(1)


def test_three_sectors_of_the_plane():
    """A map of the plane, Lipschitz by construction, onto three far points: it obeys the bound too."""
    angle = 2 * np.pi * np.arange(3) / 3
    corners = np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    side, steep = math.sqrt(3), 3.0

    def off(r, t):
        # the projection onto the triangle of the corners is a 1-Lipschitz map; z is scaled by `steep` first
        z = steep * r * np.array([math.cos(t), math.sin(t)])
        inner = corners @ z - 1  # a corner's normal cone: z beyond it along both sides
        k = int(inner.argmax())
        edges = [corners[k] - corners[j] for j in range(3) if j != k]
        return 0.0 if all((z - corners[k]) @ e >= 0 for e in edges) else r * math.exp(-r * r / 2)

    grid_r, grid_t = np.linspace(1e-4, 9, 900), np.linspace(0, 2 * np.pi, 181)
    wasted_along = [integrate.trapezoid([off(r, t) for r in grid_r], grid_r) for t in grid_t]
    wasted = integrate.trapezoid(wasted_along, grid_t) / (2 * np.pi)
    distances = side * (1 - np.eye(3))
    assert theory.off_piece_mass(distances, np.ones(3), steep) <= wasted + 1e-3


@pytest.mark.parametrize(
    "distances, weights, lipschitz",
    [
        ([[0, 1], [2, 0]], [1, 1], 1.0),
        ([[0, -1], [-1, 0]], [1, 1], 1.0),
        ([[0, 1], [1, 0]], [1, 0], 1.0),
        ([[0, 1], [1, 0]], [1, 1], 0.0),
        ([[0, 1, 1], [1, 0, 1]], [1, 1], 1.0),
    ],
)
def test_what_makes_no_sense_is_refused(distances, weights, lipschitz):
    with pytest.raises(ValueError):
        theory.off_piece_mass(distances, weights, lipschitz)


def test_one_piece_wastes_nothing():
    assert theory.off_piece_mass([[0.0]], [1.0], 1.0) == 0.0

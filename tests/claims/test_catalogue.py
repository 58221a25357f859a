"""Published mistakes are found, open questions stay open, and helpers of instances say what they are."""

import itertools
import pathlib
from typing import get_args

import numpy as np
import pytest
from scipy import signal

import gantheory as gt
from gantheory.claims import claims
from gantheory.claims.atoms import Divergence, measured
from gantheory.claims.maps.planar_modes import MANY
from gantheory.claims.maps.three_pieces import _wedge


def test_the_label_printed_beside_the_square_is_found_wrong():
    """f = (u - 1)^2 measures int (p - q)^2 / q; the integral printed for it divides by p."""
    verdict = gt.check(gt.VariationalBound("pearson", read="name"))
    assert verdict.verdict == "FAILS"
    (real, fake) = verdict.instance
    p, q = np.array(real) / sum(real), np.array(fake) / sum(fake)
    assert verdict.observed == pytest.approx(((p - q) ** 2 / q).sum())
    assert verdict.predicted == pytest.approx(((p - q) ** 2 / p).sum())
    assert "VariationalBound" in (verdict.counterexample or "")


def test_the_birthday_bound_for_a_part_of_the_mass_is_found_wrong():
    """Half of the mass on one atom: two draws meet there with probability 1/4, and not 1 - exp(-1/2)."""
    verdict = gt.check(gt.BirthdayBound(share=0.5))
    assert (verdict.verdict, verdict.instance) == ("FAILS", ((1,), 2))
    assert verdict.observed == pytest.approx(0.75)
    assert verdict.predicted == pytest.approx(np.exp(-0.5))


OPEN = [claim for claim in claims() if claim.open]


def test_there_are_open_questions():
    names = {type(claim).__name__ for claim in OPEN}
    assert names >= {"EveryStart", "PlanarModes", "ThreePieces"}


@pytest.mark.parametrize("claim", OPEN, ids=repr)
def test_open_questions_stay_open_and_name_a_study_that_is_there(claim):
    verdict = gt.check(claim, examples=20)
    assert (verdict.verdict, verdict.margin >= 0) == ("UNDECIDED", True)
    assert not claim.study or (pathlib.Path(__file__).parents[2] / claim.study).is_file()


def test_planar_layers_attain_two_modes_each():
    """Counted by scipy along a finer line, and with the layers written out."""
    for layers in MANY:
        z = x = np.linspace(-14, 14, 200_001)
        height = np.zeros_like(x)
        for w, b, u in layers:
            inner = np.logaddexp(0, w * u + np.log(np.e - 1)) - 1
            height = height + np.log1p(inner / np.cosh(w * z + b) ** 2)
            z = z + inner / w * np.tanh(w * z + b)
        peaks = signal.find_peaks(height - z**2 / 2, prominence=1e-6)[0]
        assert len(peaks) == 2 * len(layers) == gt.PlanarModes().observed(layers, gt.Key(0))


def test_measured_divergences_are_the_integrals():
    counts = ((3, 1, 4), (1, 5, 2))
    p, q = np.array(counts) / 8
    m = (p + q) / 2
    expected = {
        "JSD": ((p * np.log(p / m)).sum() + (q * np.log(q / m)).sum()) / 2,
        "TV": np.abs(p - q).sum() / 2,
        "KL": (p * np.log(p / q)).sum(),
        "H^2": 1 - np.sqrt(p * q).sum(),
        "Delta": ((p - q) ** 2 / (p + q)).sum(),
    }
    for name in get_args(Divergence):
        value = expected[name]
        assert measured(counts, name) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("width", [0.0, 0.6])
def test_wedges_by_sampling(width):
    """Of normal points, those in each wedge and width/2 from both its edges; all of them at width 0."""
    place, edges = np.array([0.3, -0.4]), np.deg2rad([0.0, 100.0, 230.0, 360.0])
    z = np.random.default_rng(0).normal(size=(200_000, 2)) - place
    total = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (z @ [-np.sin(low), np.cos(low)] >= width / 2) & (
            z @ [np.sin(high), -np.cos(high)] >= width / 2
        )
        found = _wedge(place, low, high, width)
        assert abs(inside.mean() - found) < 5 * (0.25 / 200_000) ** 0.5
        total += found
    if width == 0:
        assert total == pytest.approx(1, abs=1e-9)


def test_rotations_come_near_to_the_worst_case():
    """At every step a turn of speed 1 attains nine tenths, at the first all, and no drawn field more than all."""
    turn = ((1.0, 90.0),)
    for claim in gt.PerformanceEstimate.examples():
        ratio = claim.observed(turn, gt.Key(0)) / claim.predicted(turn)
        assert (ratio <= 1 + 1e-9).all() and (ratio > 0.9).all()
        assert np.isclose(ratio[0, 0], 1, rtol=2e-6)

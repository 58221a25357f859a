"""The bound on precision against maps whose Lipschitz constant is known, in the laws that state it."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt
from tests.contracts.find import examples, name


STATED = [law for law in examples(gt.Distribution) if law.facts().isoperimetric.value is not None]


@pytest.mark.parametrize("law", STATED, ids=name)
def test_the_bound_falls_with_the_constant_and_is_a_share(law):
    pieces = law.facts().isoperimetric.value
    found = [pieces(L) for L in (0.01, 0.1, 1.0, 10.0, 1e4)]
    rounding = 1e-14  # of the root that each is
    assert all(a >= b - rounding for a, b in pairwise(found)) and found[-1] >= 0 and found[0] <= 1
    assert found[-1] < 0.01


def test_many_families_state_it():
    assert {gt.Segments, gt.DisjointCircles, gt.Ring, gt.Checkerboard, gt.Bridge} <= {
        type(law) for law in STATED
    }


def test_a_clip_onto_two_modes_obeys_it(key):
    """G(z) = clip(L z_1) between the centres of two far modes serves both equally."""
    law = gt.GaussianMixture(((-4.0, 0.0), (4.0, 0.0)), (((0.25, 0.0), (0.0, 0.25)),) * 2)
    pieces = law.facts().isoperimetric.value
    radius = 0.5 * stats.chi(2).ppf(0.98889)
    z = key.normal(200_000, 2, dtype=torch.float64)
    for L in (1.0, 3.0, 8.0):
        x = torch.stack(((L * z[:, 0]).clamp(-4, 4), 0 * z[:, 1]), dim=-1)
        near = torch.stack([(x - torch.tensor((c, 0.0))).norm(dim=-1) <= radius for c in (-4.0, 4.0)])
        wasted = 1 - float(near.double().sum() / len(x))
        assert wasted >= pieces(L) - 6 * 0.5 / len(x) ** 0.5
        assert pieces(L) == pytest.approx(2 * stats.norm.cdf((8 - 2 * radius) / (2 * L)) - 1)


@pytest.mark.parametrize("law", gt.Segments.examples() + gt.DisjointCircles.examples(), ids=name)
def test_gaps_of_curves_are_those_of_samples(law, key):
    """The least distance between samples of two pieces falls to the gap with the square of their spacing."""
    x = law.sample(4_000, key.to(torch.float64))
    label, gaps = law.facts().mode_of.value(x), law.facts().isoperimetric.value.distances
    for k in range(len(gaps)):
        for m in range(k):
            found = float(torch.cdist(x[label == k], x[label == m]).min())
            assert gaps[k, m] == gaps[m, k] > 0 and gaps[k, m] <= found + 1e-12 <= gaps[k, m] + 0.02
    np.testing.assert_array_equal(law.facts().isoperimetric.value.weights, law.facts().labels.value)


def test_one_piece_has_no_bound():
    for law in (gt.DisjointCircles(((0, 0),), (1,)), gt.Segments((((0, 0), (1, 1)),)), gt.Ring(modes=1)):
        assert "no gap" in law.facts().isoperimetric.reason


def test_a_folded_plane_obeys_it(key):
    """Onto a checkerboard: L z folded into the board, and a fold is 1-Lipschitz."""
    board = gt.Checkerboard(gap=1.0)
    pieces = board.facts().isoperimetric.value
    for L in (1.0, 3.0, 20.0):
        z = L * key.normal(200_000, 2, dtype=torch.float64)
        x = (z + 4).remainder(16)
        x = torch.where(x > 8, 16 - x, x) - 4
        off = float((board.facts().support_distance.value(x) > 0).double().mean())
        hits = torch.bincount(
            board.facts().mode_of.value(x[board.facts().support_distance.value(x) == 0]), minlength=8
        )
        proportion = float((hits / hits.sum()).min() * 8)
        if proportion > 0.97:  # the bound speaks of maps that serve the pieces in proportion
            assert off >= pieces(L) - 0.02
        else:
            assert L < 20
    np.testing.assert_allclose(pieces.distances[0, 1:].min(), math.sqrt(2))

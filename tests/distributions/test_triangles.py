"""Pictures of polygons against brute force: shares of pixels, corners, and the distance from the set."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

import gantheory as gt
from gantheory.distributions.polygon_pictures import pictures


@given(st.lists(st.floats(0, 2 * math.pi), min_size=3, max_size=6, unique=True))
def test_pixels_hold_the_share_outside(angles):
    angle = np.sort(angles)
    corners = 4 + 3.3 * np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    found = pictures(torch.from_numpy(corners), 8).reshape(8, 8).numpy()
    fine = 32
    tick = (np.arange(8 * fine) + 0.5) / fine
    x, y = np.meshgrid(tick, tick, indexing="ij")
    nxt = np.roll(corners, -1, axis=0)
    side = [(b - a)[0] * (y - a[1]) - (b - a)[1] * (x - a[0]) >= 0 for a, b in zip(corners, nxt)]
    inside = np.all(side, axis=0).reshape(8, fine, 8, fine).mean((1, 3))
    assert np.abs(found - (1 - inside)).max() <= 3.5 * len(angles) / fine
    x, y = corners.T
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    assert (1 - found).sum() == pytest.approx(area, abs=1e-9)


def _corner_gaps(law, key, n=2_000):
    low, high = law._ends(torch.zeros(1))
    u = key.child("parameters").uniform(n, law.corners + 1).double()
    p = low + (high - low) * u
    angle = (p[:, 1:] + 2 * math.pi / law.corners * torch.arange(law.corners)).rad2deg()
    return torch.diff(angle, append=angle[:, :1] + 360), p[:, 0].rad2deg()


def test_corners_keep_their_gap_and_pictures_turn_all_the_way(key):
    gaps, turn = _corner_gaps(gt.Triangles(), key)
    assert 20 <= gaps.min() < 24 and turn.min() < 5 and turn.max() > 355


def test_the_published_code_turns_by_six_degrees_and_halves_the_gap(key):
    law = gt.Triangles.preset("lucic", faithful=True)
    gaps, turn = _corner_gaps(law, key)
    assert 10 <= gaps.min() < 14 and 6 < turn.max() - turn.min() <= 2 * math.pi
    # its formula for the angles, before they are turned clockwise by at most 2 pi degrees
    low, high = law._ends(torch.zeros(1))
    assert (low[0] + low[1]).rad2deg() == pytest.approx(10 - 2 * math.pi)
    assert (high[0] + high[1]).rad2deg() == pytest.approx(120)


@pytest.mark.parametrize("law", [gt.Triangles(size=6), gt.Triangles(size=6, corners=4, gap=30.0)])
def test_no_member_is_nearer_than_the_projection(law, key):
    """Nor, for a picture with a little noise, is the projection farther than the picture it came from."""
    clean = law.sample(40, key.to(torch.float64))
    x = clean + 0.05 * key.child("noise").normal(*clean.shape, dtype=torch.float64)
    distance = (x - law.nearest(x)).norm(dim=1)
    assert (distance <= (x - clean).norm(dim=1) + 1e-9).all()
    others = law.sample(20_000, key.child("others").to(torch.float64))
    assert (torch.cdist(x, others).min(1).values >= distance - 1e-9).all()


def test_true_pictures_are_found_again(key):
    """One in five hundred may lie where the shares of pixels have a kink, which slows the search."""
    x = gt.Triangles(size=8).sample(300, key.to(torch.float64))
    distance = (x - gt.Triangles(size=8).nearest(x)).norm(dim=1)
    assert distance.median() < 1e-8 and distance.max() < 1e-2 and (distance > 1e-7).sum() <= 3


def test_the_set_has_the_dimension_that_is_said(key):
    """The pictures near one span as many directions as there are corners, and the rest is curvature."""
    law = gt.Triangles(size=12)
    low, high = law._ends(torch.zeros(1))
    p = ((low + high) / 2).expand(400, -1) + 1e-4 * key.normal(400, 4, dtype=torch.float64)
    widths = torch.linalg.svdvals(law._draw(p) - law._draw((low + high) / 2))
    assert widths[2] > 100 * widths[3]
    assert law.facts().intrinsic_dimension.value == 3


@pytest.mark.parametrize(
    "numbers",
    [{"corners": 2}, {"size": 1}, {"scale": 1.5}, {"gap": 120.0}, {"span": 0.0}, {"first": math.inf}],
)
def test_what_is_no_picture_is_refused(numbers):
    with pytest.raises(ValueError, match="Triangles needs"):
        gt.Triangles(**numbers)

"""The study of flows trained by critics: equal budgets, and what its page compares."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import norm

import gantheory as gt
from gantheory.study import cells_of, find


FILE = Path(__file__).parents[2] / "studies" / "reproductions" / "flow_gans.py"


@pytest.fixture
def study():
    return find(str(FILE))


@pytest.fixture
def module(study):
    return sys.modules[type(study).__module__]


def test_every_way_of_training_sees_as_many_real_samples(study, module):
    """Draw by draw of the rule's turns; but for the row that is there to have fewer."""
    for cell in cells_of(study, "full"):
        game = module.game_of(cell)
        turns = [0] if cell.critic == "none" else [1] * 5 + [0]
        drawn = sum(game.real_samples(only=turn if len(turns) > 1 else None) for turn in turns)
        assert drawn == (120 if cell == small(cell) else 720)


def small(cell):
    return cell.replace(critic="none", batch=120, weight=1.0)


def test_condition_of_the_jacobian_against_differences(module, key):
    flow = gt.RealNVP(2, layers=3, hidden=(8,))
    w = key.child("w").to(torch.float64).normal(flow.size)
    z = key.child("z").to(torch.float64).normal(31, 2)
    step = 1e-6 * torch.eye(2, dtype=torch.float64)
    columns = [((flow(w, z + e) - flow(w, z - e)) / 2e-6).numpy() for e in step]
    singular = np.linalg.svd(np.stack(columns, axis=-1), compute_uv=False)
    expected = np.median(singular[:, 0] / singular[:, 1])
    np.testing.assert_allclose(module.condition(flow, w, z), expected, rtol=1e-5)


def test_what_one_gaussian_pays(module):
    law = gt.GaussianMixture(((0.0, 0.0),), (((2.0, 0.5), (0.5, 1.0)),))
    assert module.gaussian_gap(law) == pytest.approx(0, abs=1e-12)
    ring = gt.Ring(modes=8, radius=1.0, scale=0.1)  # by symmetry its covariance is (1 / 2 + 0.01) I
    entropy = 2 * norm(scale=0.51**0.5).entropy()
    assert module.gaussian_gap(ring) == pytest.approx(entropy - ring.facts().entropy.value)


def test_verdicts_have_two_directions(module):
    low, high = gt.Estimate([1.0, 1.1, 0.9, 1.0, 1.2, 0.8]), gt.Estimate([10.0, 9.0, 12.0, 11.0, 10.0, 10.0])
    assert module.times(high, low).sign == 1 and "\N{MULTIPLICATION SIGN}" in module.times(high, low).text
    assert module.compared(low, high).sign == -1
    assert module.compared(low, gt.Estimate(low.value[::-1])).sign == 0

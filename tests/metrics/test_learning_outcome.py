"""Learned, collapsed and neither, on samples made to be so."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt


RING = gt.Ring(modes=8, scale=0.1)


def _without(modes, n=4000):
    points = RING.sample(16 * n, gt.Key(5))
    number = RING.facts().mode_of.value(points)
    return points[~torch.isin(number, torch.tensor(modes))][:n]


def test_true_samples_are_learned_at_the_stated_rate():
    """Two hundred true samples: a mode is called lost, or the truth unlearned, in none (1e-6 and less)."""
    found = gt.learning_outcome(RING.sample(2000, gt.Key(1).split(200)), RING, n=2000)
    assert set(found.verdict) <= {"learned", "undecided"} and (found.verdict == "learned").mean() > 0.9
    assert found.lost == ((),) * 200 and found.presence.shape == (200, 8)
    assert abs(float(found.presence.mean()) - 1) < 0.05
    assert float(found.learned.mean()) == (found.verdict == "learned").mean()


@pytest.mark.parametrize("modes", [(3,), (0, 7), (0, 1, 2, 3, 4, 5, 6)])
def test_lost_modes_are_named(modes):
    found = gt.learning_outcome(_without(modes)[None], RING, n=4000)
    assert found.verdict.tolist() == ["collapsed"] and found.lost == (modes,)
    assert (found.presence.value[0, list(modes)] == 0).all()
    assert all(f"mode {mode} by 1" in str(found) for mode in modes)


def test_smeared_and_shifted_samples_are_not_collapsed():
    true = RING.sample(4000, gt.Key(2))
    smeared = true + 0.3 * gt.Key(3).normal(4000, 2)
    found = gt.learning_outcome(
        torch.stack((smeared, true + 0.3, true * 1.5, true * float("nan"))), RING, n=4000
    )
    assert found.verdict.tolist() == ["not learned"] * 4 and not any(found.lost)


def test_broad_modes_at_the_right_places_are_seen_by_their_share():
    narrow = gt.Grid(scale=0.05)
    broad = gt.Grid(scale=0.1).sample(4000, gt.Key(4))
    found = gt.learning_outcome(broad, narrow, n=4000)
    assert float(found.distance) < 0.005 and float(found.quality) < 0.7
    assert found.verdict.tolist() == ["not learned"]


def test_few_samples_do_not_tell():
    assert gt.learning_outcome(RING.sample(30, gt.Key(0)), RING, n=30).verdict.tolist() == ["undecided"]


def test_a_mode_is_lost_by_the_exact_test():
    """Counts by hand: 2,000 samples, of which c lie at mode 3, against true ones; the test is that of two counts."""
    key = gt.Key(0)
    for kept in (0, 5, 12, 30, 60, 120):
        points = torch.cat((_without((3,), 2000 - kept), _without((0, 1, 2, 4, 5, 6, 7), kept)))
        found = gt.learning_outcome(points, RING, n=2000, key=key)
        true = RING.sample(2000, key.child("modes"))
        near = torch.cdist(points, torch.tensor(RING.facts().modes.value.centres).to(points)).min(-1)
        limit = 0.1 * stats.chi.ppf(gt.distributions.pieces.SHARE, 2)
        own, good = int((near.indices[near.values <= limit] == 3).sum()), int((near.values <= limit).sum())
        close = torch.cdist(true, torch.tensor(RING.facts().modes.value.centres).to(true)).min(-1)
        there, of = int((close.indices[close.values <= limit] == 3).sum()), int((close.values <= limit).sum())
        p = stats.binomtest(own, own + there, 0.1 * good / (0.1 * good + of), alternative="less").pvalue
        assert (found.lost == ((3,),)) == (p < 0.01 / 8), kept
        np.testing.assert_allclose(found.presence.value[0, 3], own / good / (there / of))


def test_truths_without_modes_are_judged_by_the_distance(tmp_path):
    np.save(tmp_path / "points.npy", gt.Moons().sample(500, gt.Key(0)).numpy())
    data = gt.Empirical.read(tmp_path / "points.npy")
    found = gt.learning_outcome(gt.Moons().sample(2000, gt.Key(1)), data, n=2000, tolerance=0.05)
    assert found.verdict.tolist() == ["learned"] and found.quality is None and found.presence is None
    assert gt.learning_outcome(RING, data, n=2000).verdict.tolist() == ["not learned"]


def test_runs_are_asked_like_samples():
    nets = gt.MLP(2, (8,), 2), gt.MLP(2, (8,), 1)
    game = gt.AdversarialGame(*nets, RING, gt.NonSaturating(), batch=16)
    probes = {"learned": lambda runs: gt.learning_outcome(runs, RING, n=500).learned}
    runs = gt.simulate(
        game, gt.Alternating(gt.Adam(1e-3)), steps=4, population=3, probes=probes, key=gt.Key(0)
    )
    assert runs.probes["learned"][4].value.tolist() == [0.0] * 3
    found = gt.learning_outcome(runs, RING, n=500)
    assert set(found.verdict) <= {"not learned", "collapsed"} and "<td>" in found._repr_html_()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"tolerance": 0.0}, "tolerance must lie"),
        ({"level": 1.0}, "level must lie"),
        ({"quality": 2.0}, "quality must lie"),
        ({"presence": -1.0}, "presence must lie"),
        ({"truth": torch.zeros(5, 2)}, "truth must be a distribution"),
    ],
)
def test_wrong_arguments_are_one_clear_error(options, message):
    with pytest.raises(ValueError, match=message):
        gt.learning_outcome(**{"samples": RING, "truth": RING, "n": 100} | options)

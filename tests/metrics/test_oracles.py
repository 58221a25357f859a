"""Metrics against scipy, closed forms and their own spread over repeated draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt


def test_energy_distance_in_one_dimension_is_scipys_squared(key):
    """scipy takes the root, and a V-statistic: what its diagonal brings is taken out here."""
    x, y = key.normal(2, 400, dtype=torch.float64).unsqueeze(-1)
    y = 1.5 * y + 0.3
    found = float(gt.energy_distance(x, y, n=400, key=key))
    biased = stats.energy_distance(x[:, 0].numpy(), y[:, 0].numpy()) ** 2
    diagonals = [torch.cdist(z, z).sum().item() * (1 / (400 * 399) - 1 / 400**2) for z in (x, y)]
    assert found == pytest.approx(biased - sum(diagonals), abs=1e-9)


def test_energy_distance_between_gaussians(key):
    """2 E|x - y| - E|x - x'| - E|y - y'| of N(0, 1) and N(m, 1): folded normal means."""
    m = 0.8
    folded = stats.foldnorm(m / 2**0.5, scale=2**0.5).mean()
    truth = 2 * folded - 2 * 2 / np.pi**0.5
    a, b = gt.GaussianMixture(((0.0,),)), gt.GaussianMixture(((m,),))
    found = gt.energy_distance(a, b, n=20_000, key=key)
    assert abs(float(found) - truth) <= 6 * float(found.stderr)


def test_sliced_wasserstein_of_a_shift(key):
    """W2 of a law and its translate by v is |v|; sliced, |v| / sqrt(d)."""
    x = gt.Ring().sample(3000, key.to(torch.float64))
    found = gt.sliced_wasserstein(x + torch.tensor([3.0, 4.0]), x, n=3000, directions=4000, key=key)
    assert float(found) == pytest.approx(5 / 2**0.5, rel=0.05)


def test_sliced_wasserstein_in_one_dimension_is_the_quantile_distance(key):
    x, y = (key.child(i).normal(500, 1, dtype=torch.float64) * (i + 1) for i in range(2))
    expected = np.sqrt(np.mean((np.sort(x[:, 0]) - np.sort(y[:, 0])) ** 2))
    assert float(gt.sliced_wasserstein(x, y, directions=3, key=key)) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [gt.energy_distance, gt.sliced_wasserstein, gt.quality_share])
def test_standard_errors_are_the_spread_of_repeated_draws(metric):
    """Over 60 independent draws; a chi-square interval for their ratio at 1e-7 (directions held fixed)."""
    truth, model = gt.Ring(scale=0.15), gt.Ring(radius=1.15, scale=0.2)
    options = {"n": 800}
    if metric is gt.sliced_wasserstein:
        options["directions"] = 512
    found = [metric(model, truth, key=gt.Key(seed), **options) for seed in range(60)]
    spread = np.var([float(e) for e in found], ddof=1)
    stated = np.mean([float(e.stderr) ** 2 for e in found])
    low, high = stats.chi2.ppf([5e-8, 1 - 5e-8], 59) / 59
    assert low * 0.8 <= spread / stated <= high * 1.25


def test_mode_coverage_counts(key):
    ring = gt.Ring(modes=8, scale=0.05)
    centres = torch.tensor(ring.components().centres)
    assert float(gt.mode_coverage(centres[:3].repeat(5, 1), ring)) == 3.0
    assert float(gt.mode_coverage(centres * 3, ring)) == 0.0
    assert float(gt.quality_share(torch.cat((centres, centres * 3)), ring)) == 0.5
    nothing = torch.full((10, 2), float("nan"))
    assert float(gt.mode_coverage(nothing, ring)) == 0.0 and float(gt.quality_share(nothing, ring)) == 0.0


def test_the_ceiling_of_good_samples_is_the_chi_quantile(key):
    """Far apart modes: true samples pass at the share asked for, in every dimension."""
    for d in (1, 2, 5):
        mixture = gt.GaussianMixture(((0.0,) * d, (50.0,) * d))
        floor = gt.quality_share(mixture, mixture, n=20_000, share=0.9, key=key).floor
        assert abs(float(floor) - 0.9) < 6 * (0.9 * 0.1 / 20_000) ** 0.5


@pytest.mark.parametrize("truth", [gt.Circles(), gt.Circles((2.0,), scale=0.5)], ids=repr)
def test_true_samples_of_a_shape_pass_at_the_share_asked_for(truth, key):
    """The threshold is the quantile of 20,000 true distances; the floor, that of 20,000 others."""
    for share in (0.5, 0.95):
        found = gt.quality_share(truth, truth, n=20_000, share=share, key=key)
        for number in (float(found), float(found.floor)):
            assert abs(number - share) <= 6 * (2 * share * (1 - share) / 20_000) ** 0.5


def test_pieces_that_are_no_gaussians_are_counted(key):
    board = gt.Checkerboard(gap=0.5)
    x = board.sample(5_000, key)
    some = x[(x[:, 0] > 0) & (x[:, 1] > 0)]
    assert float(gt.mode_coverage(some, board, within=0.01)) == 2.0
    assert float(gt.mode_coverage(some + 0.3, board, within=0.01)) == 2.0
    assert float(gt.quality_share(some, board, within=0.01)) == 1.0
    moved = gt.quality_share(some + torch.tensor([0.3, 0.0]), board, within=0.01, key=key)
    assert abs(float(moved) - (1 - 0.29 / 1.5)) <= 6 * float(moved.stderr)
    with pytest.raises(ValueError, match="within="):
        gt.quality_share(x, board)


def test_a_published_rule_fails_the_truth_itself(key):
    """Ten standard deviations around a mode in 700 dimensions: no true sample passes, and the floor says so."""
    law = gt.GaussianMixture(((0.0,) * 700,))
    found = gt.quality_share(law, law, n=500, within=10.0, key=key)
    assert float(found) == float(found.floor) == 0.0 and "floor 0" in str(found)
    assert abs(float(gt.quality_share(law, law, n=500, key=key)) - 0.98889) < 0.04


def test_the_ceiling_of_coverage_is_what_true_samples_reach(key):
    """Rare modes: 200 samples of weights 1/k^3 miss some, and repeated floors have the mean of the exact law."""
    law = gt.Corners(7, separation=9.0, imbalance=3.0)
    wanted = (1 - (1 - law.facts().labels.value * 0.98889) ** 200).sum()
    floors = [float(gt.mode_coverage(law, law, n=200, key=key.child(i)).floor) for i in range(200)]
    assert abs(np.mean(floors) - wanted) <= 6 * np.std(floors) / 200**0.5


def test_a_diverged_member_is_not_a_number(key):
    """Its value and its error are NaN; the other members keep theirs."""
    x = gt.Ring().sample(50, key.split(2))
    x[1] = float("inf")
    for metric in (gt.energy_distance, gt.sliced_wasserstein):
        found = metric(x, gt.Ring(), n=50, key=key)
        assert np.isfinite(found.value[0]) and np.isnan(found.value[1]) and np.isnan(found.stderr[1])


def test_likelihood_floor_is_the_entropy(key):
    ring = gt.Ring()
    nll = gt.negative_log_likelihood(ring, ring, n=50_000, key=key)
    assert abs(float(nll) - ring.facts().entropy.value) < 6 * float(nll.stderr)


def test_metrics_need_what_they_need(key):
    with pytest.raises(ValueError, match="know its modes"):
        gt.mode_coverage(torch.zeros(5, 2), torch.zeros(5, 2))
    with pytest.raises(ValueError, match="no log_prob"):
        gt.negative_log_likelihood(torch.zeros(5, 2), gt.Ring())
    with pytest.raises(ValueError, match="equally many"):
        gt.sliced_wasserstein(torch.zeros(5, 2), torch.zeros(6, 2))
    with pytest.raises(ValueError, match="directions"):
        gt.sliced_wasserstein(gt.Ring(), gt.Ring(), directions=0)

"""Rules around rules against the same steps written by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gantheory as gt


GAN = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)


def test_historical_averaging_by_hand(key):
    """min_x max_y x y under simultaneous steps, each player drawn to the mean of its own past."""
    weight, rate = 0.3, 0.2
    rule = gt.HistoricalAveraging(gt.Simultaneous(gt.SGD(rate)), weight=weight)
    runs = gt.simulate(gt.Bilinear(), rule, steps=30, start=(1.0, -0.5), record=1, key=key)
    past = [np.array([1.0, -0.5])]
    for _ in range(30):
        w = past[-1]
        pull = 2 * weight * (w - np.mean(past, axis=0))
        past.append(w - rate * (np.array([w[1], -w[0]]) + pull))
    np.testing.assert_allclose(runs.points[0].numpy(), np.array(past), rtol=1e-12, atol=1e-14)


def test_historical_averaging_of_one_player_leaves_the_other_its_plain_gradient(key):
    rule = gt.HistoricalAveraging(gt.Simultaneous(gt.SGD(0.2)), weight=0.3, player="x")
    runs = gt.simulate(gt.Bilinear(), rule, steps=5, start=(1.0, -0.5), record=1, key=key)
    x, y = runs.points[0].T
    torch.testing.assert_close(y[1:], y[:-1] + 0.2 * x[:-1], rtol=1e-12, atol=0)
    assert (x[3] - (x[2] - 0.2 * y[2])).abs() > 1e-3


def test_looks_ahead_see_what_historical_averaging_charges(key):
    """Unrolled through one look: its losses and its fields, with gradients, are those with the charge."""
    weight, rate, ahead = 0.3, 0.1, 0.5
    rule = gt.HistoricalAveraging(gt.Unrolled(gt.SGD(rate), looks=1, ahead=ahead), weight=weight)
    runs = gt.simulate(gt.Bilinear(), rule, steps=4, start=(1.0, -0.5), record=1, key=key)
    past = [np.array([1.0, -0.5])]
    for _ in range(4):
        (x, y), (m, n) = past[-1], np.mean(past, axis=0)
        looked = y - ahead * (-x + 2 * weight * (y - n))
        field = np.array([looked + x * ahead + 2 * weight * (x - m), -x + 2 * weight * (y - n)])
        past.append(past[-1] - rate * field)
    np.testing.assert_allclose(runs.points[0].numpy(), np.array(past), rtol=1e-12, atol=1e-14)


def test_the_generator_alone_is_averaged(key):
    plain = gt.Alternating(gt.Adam(0.01))
    settings = {"steps": 12, "population": 2, "record": 1, "key": key, "dtype": torch.float64}
    seen = gt.simulate(GAN, plain, **settings).points
    found = gt.simulate(GAN, gt.Averaged(plain, decay=0.8, player="generator"), **settings).points
    own = GAN.sizes[0]
    average = seen[:, 0, :own]
    for step in range(1, 13):
        average = 0.8 * average + 0.2 * seen[:, step, :own]
        torch.testing.assert_close(found[:, step, :own], average, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(found[:, :, own:], seen[:, :, own:], rtol=0, atol=0)


def test_decays_of_averages_sweep(key):
    game, plain = gt.DiracGAN(gt.Minimax()), gt.Simultaneous(gt.SGD(0.1))
    sweep, options = {"rule.decay": gt.Values((0.5, 0.9))}, {"steps": 20, "start": (1.0, 1.0), "key": key}
    chart = gt.simulate(game, gt.Averaged(plain, decay=0.0), sweep=sweep, **options)
    points = gt.simulate(game, plain, record=1, **options).points[0].numpy()
    for decay, found in zip((0.5, 0.9), chart.points[:, -1]):
        average = points[0]
        for point in points[1:]:
            average = decay * average + (1 - decay) * point
        np.testing.assert_allclose(found, average, rtol=1e-12)


def test_weight_clipping_holds_the_critic_and_no_one_else(key):
    rule = gt.Projected(
        gt.Alternating(gt.RMSProp(0.05), critic_steps=2), radius=0.1, shape="box", player="critic"
    )
    game = gt.AdversarialGame(GAN.generator, GAN.critic, GAN.data, gt.Wasserstein(), batch=8)
    generator, critic = gt.simulate(game, rule, steps=10, key=key).profile
    assert critic.abs().max() <= 0.1 < generator.abs().max()
    assert (critic.abs() == critic.abs().max()).sum() > 1


@pytest.mark.parametrize(
    "law, chances",
    [
        (gt.GeometricStaleness(0.6, most=3), [0.4, 0.24, 0.144, 0.216]),
        (gt.UniformStaleness(4), [0.2] * 5),
    ],
)
def test_drawn_ages_follow_their_law(law, chances, key):
    """Counts of independent draws, each within 6 standard deviations: all 9 of them by chance with 1 - 2e-8."""
    n, p = 40_000, np.array(chances)
    counts = law.ages(key.split(n)).bincount(minlength=len(p)).numpy()
    assert (np.abs(counts - n * p) < 6 * np.sqrt(n * p * (1 - p))).all()


def test_gradients_of_drawn_ages(key):
    """Every move is along a gradient of an age that may be, all of them occur, and members differ."""
    rule = gt.Delayed(gt.Simultaneous(gt.SGD(0.5)), staleness=gt.UniformStaleness(2))
    runs = gt.simulate(
        gt.LinearField(((1.0,),)), rule, steps=6, population=50, start=(1.0,), record=1, key=key
    )
    assert "draws numbers" in runs._run.setup.computed
    w, seen = runs.points[:, :, 0].numpy(), set()
    for t in range(6):
        past = w[:, [max(0, t - age) for age in range(3)]]
        fits = np.abs(w[:, t + 1 : t + 2] - w[:, t : t + 1] + 0.5 * past) < 1e-12
        assert fits.any(axis=1).all()
        seen |= {tuple(row) for row in fits.tolist()}
    assert {(True, False, False), (False, True, False), (False, False, True)} <= seen


def test_ages_of_nothing_change_nothing(key):
    for rule in (gt.Alternating(gt.SGD(0.1)), gt.ExtraGradient(gt.SGD(0.1))):
        plain = gt.simulate(GAN, rule, steps=5, population=2, key=key)
        drawn = gt.simulate(
            GAN, gt.Delayed(rule, staleness=gt.GeometricStaleness(0.0)), steps=5, population=2, key=key
        )
        torch.testing.assert_close(plain.points, drawn.points, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("make", [lambda: gt.GeometricStaleness(1.0), lambda: gt.UniformStaleness(-1)])
def test_ages_that_cannot_be_are_refused(make):
    with pytest.raises(ValueError, match="Staleness needs"):
        make()


@pytest.mark.parametrize("wrap", [gt.Averaged, gt.HistoricalAveraging, gt.Projected])
def test_unknown_players_are_refused(wrap, key):
    with pytest.raises(ValueError, match="no player 'nobody', only generator, critic"):
        gt.simulate(GAN, wrap(gt.Simultaneous(gt.SGD(0.1)), player="nobody"), steps=1, key=key)

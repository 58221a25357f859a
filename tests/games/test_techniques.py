"""What makes GANs train: objectives, packs, hybrids, each against the same thing written by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

import gantheory as gt
from gantheory.dynamics.population import Many


NETS = gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1)
FLOW = gt.RealNVP(2, layers=2, hidden=(8,))


@pytest.mark.parametrize("real, fake", [(0.9, 0.0), (1.0, 0.1), (0.7, 0.2)])
@pytest.mark.parametrize("inner", [gt.Minimax(), gt.FGAN("gan")], ids=repr)
def test_smoothed_labels_are_soft_targets(inner, real, fake, key):
    a, b = key.normal(2, 9, dtype=torch.float64)
    smoothed = gt.SmoothedLabels(inner, real=real, fake=fake)
    expected = binary_cross_entropy_with_logits(a, torch.full_like(a, real))
    expected = expected + binary_cross_entropy_with_logits(b, torch.full_like(b, fake))
    torch.testing.assert_close(smoothed.critic_loss(a, b), expected, rtol=1e-12, atol=0)
    assert torch.equal(smoothed.generator_loss(None, b), inner.generator_loss(None, b))


def test_the_relativistic_critic_compares_all_pairs(key):
    a, b = key.normal(2, 7, dtype=torch.float64)
    each = [[math.log1p(math.exp(y - x)) for y in b.tolist()] for x in a.tolist()]
    generator, critic = gt.Relativistic().losses(a[:, None], b[:, None])
    assert critic.item() == pytest.approx(np.mean(each), rel=1e-12)
    each = [[math.log1p(math.exp(x - y)) for y in b.tolist()] for x in a.tolist()]
    assert generator.item() == pytest.approx(np.mean(each), rel=1e-12)


def test_packs_lie_side_by_side(key):
    critic = gt.MLP(6, (4,), 1)
    game = gt.AdversarialGame(NETS[0], critic, gt.Ring(), gt.NonSaturating(), batch=12, pack=3)
    theta, psi = game.init(key)
    real, z = game.draw(key)
    assert real.shape == z.shape == (12, 2) and game.real_samples() == 12
    fake = NETS[0](theta, z)
    rows = [torch.cat([torch.cat(tuple(x[i : i + 3]))[None] for i in range(0, 12, 3)]) for x in (real, fake)]
    expected = gt.NonSaturating().losses(*(critic(psi, r) for r in rows))
    for found, wanted in zip(game.losses((theta, psi), (real, z)), expected):
        torch.testing.assert_close(found, wanted)
    assert game.generate((theta, psi), z).shape == (12, 2)


def _hybrid(weight):
    game = gt.AdversarialGame(FLOW, NETS[1], gt.Ring(), gt.NonSaturating(), batch=16)
    return game, gt.WithLikelihood(game, weight)


def test_a_hybrid_is_the_sum_of_both_games(key):
    game, hybrid = _hybrid(0.7)
    key = key.to(torch.float64)
    profile, batch = game.init(key), game.draw(key)
    plain, found = game.losses(profile, batch), hybrid.losses(profile, batch)
    (nll,) = gt.LikelihoodGame(FLOW, gt.Ring(), batch=16).losses(profile[:1], batch[:1])
    torch.testing.assert_close(found[0], plain[0] + 0.7 * nll, rtol=1e-12, atol=0)
    torch.testing.assert_close(found[1], plain[1], rtol=0, atol=0)
    assert hybrid.draw(key, only=0)[0] is not None and hybrid.real_samples(only=0) == 16


def test_a_hybrid_keeps_its_likelihood_where_its_critic_alone_loses_it(key):
    """Likelihoods of one flow, trained as a generator: without the term they fall far behind (8 seeds each)."""
    ring, rule = gt.Ring(modes=8, scale=0.15), gt.Alternating(gt.Adam(5e-3, beta1=0.5))
    gaps = []
    for game in _hybrid(1.0):
        runs = gt.simulate(game, rule, steps=150, population=8, key=key)
        gaps.append(gt.negative_log_likelihood(runs, ring, n=500).value)
    assert np.sort(gaps[0])[0] > np.sort(gaps[1])[-1]  # by chance 1 in 12870


def test_a_likelihood_is_refused_where_there_is_none(key):
    game = gt.AdversarialGame(*NETS, gt.Ring(), gt.NonSaturating(), batch=4)
    runs = gt.simulate(gt.WithPenalty(game, gt.R1(1.0)), gt.Simultaneous(gt.SGD(0.1)), steps=1, key=key)
    with pytest.raises(ValueError, match="train a flow, in LikelihoodGame or as the generator"):
        runs.log_prob(torch.zeros(3, 2))


def test_annealed_noise_is_another_scale_in_every_step(key):
    """Step by step beside games of that step's scale; from the last on there is no noise at all."""
    rule, inner = gt.Simultaneous(gt.SGD(0.1)), gt.DiracGAN(gt.Minimax())
    noisy = gt.WithPenalty(gt.WithInstanceNoise(inner, 0.8, until=4), gt.R1(0.3))
    runs = gt.simulate(noisy, rule, steps=7, start=(1.0, 0.5), record=1, key=key)
    assert torch.equal(
        runs.points,
        gt.simulate(noisy, rule, steps=2, start=(1.0, 0.5), record=1, key=key).extend(5, record=1).points,
    )
    for step, scale in enumerate((0.8, 0.6, 0.4, 0.2, 0.0, 0.0, 0.0)):
        game = gt.WithPenalty(gt.WithInstanceNoise(inner, scale), gt.R1(0.3))
        profile, member = (
            runs.points[:, step].split(1, dim=-1),
            key.to(torch.float64).child("member", range(1)),
        )
        moved, _ = rule.advance(Many(game, 1), profile, ((), ()), member.child("step", step))
        torch.testing.assert_close(torch.cat(moved, -1), runs.points[:, step + 1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.SmoothedLabels(gt.Minimax(), real=0.5, fake=0.6), "0 <= fake < real <= 1"),
        (lambda: gt.SmoothedLabels(gt.Wasserstein()), "has no labels"),
        (lambda: gt.SmoothedLabels(gt.SmoothedLabels(gt.Minimax())), "has no labels"),
        (lambda: gt.Relativistic().generator_loss(None, torch.zeros(3)), "logits are missing"),
        (
            lambda: gt.AdversarialGame(*NETS, gt.Ring(), gt.Minimax(), batch=4, pack=2),
            "critic must have inputs=4 for data in 2 dimensions in packs of 2",
        ),
        (
            lambda: gt.AdversarialGame(NETS[0], gt.MLP(6, (), 1), gt.Ring(), gt.Minimax(), batch=4, pack=3),
            "multiple of its pack",
        ),
        (lambda: _hybrid(-1.0), "weight of at least 0"),
        (
            lambda: gt.WithLikelihood(gt.AdversarialGame(*NETS, gt.Ring(), gt.Minimax()), 1.0),
            "generator with an exact density",
        ),
        (lambda: gt.WithLikelihood(gt.DiracGAN(gt.Minimax()), 1.0), "generator with an exact density"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()

"""What is learned is right: flows reach the entropy, GANs reach the modes."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt


def _gap(flow: gt.RealNVP, ring: gt.Ring, steps: int) -> gt.Estimate:
    """Return the likelihood's gap above the entropy, for one flow trained with Adam."""
    game = gt.LikelihoodGame(flow, ring, batch=512)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(1e-3)), steps=steps, key=gt.Key(0))
    entropy = ring.facts().entropy
    gap = gt.negative_log_likelihood(runs, ring, n=100_000)[0] - gt.Estimate(entropy.value, entropy.error)
    print(f"{flow} on {ring}: {gap} nats above the entropy after {steps} steps")
    return gap


@pytest.mark.timeout(600)
def test_a_flow_on_the_ring_ends_near_the_entropy():
    """At most 0.1 nat above, never below by more than its interval (false alarm 1e-6)."""
    gap = _gap(gt.RealNVP(2, layers=6, hidden=(64, 64)), gt.Ring(modes=8, scale=0.15), 5000)
    assert float(gap) <= 0.1
    assert gap.interval(1 - 2e-6)[1] >= 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_deeper_flow_on_narrow_modes():
    gap = _gap(gt.RealNVP(2, layers=12, hidden=(64, 64)), gt.Ring(modes=8, scale=0.05), 8000)
    assert float(gap) <= 0.2 and gap.interval(1 - 2e-6)[1] >= 0


def test_a_gan_reaches_the_modes():
    ring = gt.Ring(modes=8, scale=0.15)
    nets = gt.MLP(2, (64, 64), 2), gt.MLP(2, (64, 64), 1)
    game = gt.WithPenalty(gt.AdversarialGame(*nets, ring, gt.NonSaturating(), batch=128), gt.R1(0.1))
    rule = gt.Alternating(gt.Adam(1e-3, beta1=0.5))
    runs = gt.simulate(game, rule, steps=0, population=4, key=gt.Key(0))
    before, runs = gt.energy_distance(runs, ring, n=2000), runs.extend(800)
    after = gt.energy_distance(runs, ring, n=2000)
    assert (after.value < 0.2 * before.value).all()
    assert (gt.mode_coverage(runs, ring).value >= 6).all()


def test_members_learn_alone(key):
    """A member's density changes only with its own data: two seeds differ, equal keys do not."""
    game = gt.LikelihoodGame(gt.RealNVP(2, layers=2, hidden=(8,)), gt.Ring(), batch=32)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(1e-2)), steps=20, population=2, key=key)
    x = torch.zeros(3, 2)
    assert runs.log_prob(x).shape == (2, 3) and not torch.equal(*runs.log_prob(x).unbind(0))

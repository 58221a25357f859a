"""Objectives and penalties do what their papers say."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, name


OBJECTIVES = examples(gt.Objective)
PENALTIES = examples(gt.Penalty)


@pytest.mark.parametrize(
    "objective", [o for o in OBJECTIVES if o.optimal_logit(torch.zeros(1)) is not None], ids=name
)
def test_optimal_critic_is_stationary(objective, key):
    """On a finite space with masses p and q, given by counts, no logit's move lowers the critic's loss."""
    p, q = torch.tensor([3, 1, 4, 2]), torch.tensor([1, 5, 2, 2])  # masses p / 10, q / 10
    atoms = torch.arange(4)
    logit = objective.optimal_logit((p.double() / q).log()).requires_grad_()
    loss = objective.critic_loss(logit[atoms.repeat_interleave(p)], logit[atoms.repeat_interleave(q)])
    (gradient,) = torch.autograd.grad(loss, logit)
    torch.testing.assert_close(gradient, torch.zeros(4, dtype=torch.float64), atol=1e-12, rtol=0)
    for i in range(4):
        moved = logit.detach().clone()
        moved[i] += 0.1
        worse = objective.critic_loss(moved[atoms.repeat_interleave(p)], moved[atoms.repeat_interleave(q)])
        assert worse > loss


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_losses_agree_with_their_parts(objective, key):
    real, fake = key.normal(2, 9, dtype=torch.float64)
    generator, critic = objective.losses(real, fake)
    assert torch.equal(generator, objective.generator_loss(real, fake))
    assert torch.equal(critic, objective.critic_loss(real, fake))
    if not objective.pairs:
        assert torch.equal(generator, objective.generator_loss(None, fake))
    assert generator.shape == critic.shape == ()


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_players_want_opposite_logits(objective, key):
    """The generator gains where generated logits rise, the critic where they fall and real ones rise."""
    real, fake = key.normal(2, 9, dtype=torch.float64).requires_grad_().unbind(0)
    generator, critic = objective.losses(real, fake)
    assert (torch.autograd.grad(generator, fake, retain_graph=True)[0] < 0).all()
    for_fake, for_real = torch.autograd.grad(critic, (fake, real))
    assert (for_fake > 0).all() and (for_real < 0).all()


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_extreme_logits_stay_finite(objective):
    for size in (-1e4, 1e4):
        losses = objective.losses(torch.full((3,), size), torch.full((3,), -size))
        assert all(torch.isfinite(loss) for loss in losses)


@pytest.mark.parametrize("penalty", PENALTIES, ids=name)
def test_penalty_is_a_nonnegative_scalar_under_vmap_and_grad(penalty, key):
    real, fake = key.normal(2, 10, dtype=torch.float64).reshape(2, 5, 2)

    def charge(slope):
        return penalty(lambda x: (x @ slope).sin()[:, None], real, fake)

    slopes = key.child("slopes").normal(4, 2, dtype=torch.float64)
    charges = torch.func.vmap(charge)(slopes)
    assert charges.shape == (4,) and (charges >= 0).all()
    gradients = torch.func.vmap(torch.func.grad(charge))(slopes)
    for slope, gradient in zip(slopes, gradients):
        nudge = 1e-6 * torch.eye(2, dtype=torch.float64)
        numeric = torch.stack([(charge(slope + e) - charge(slope - e)) / 2e-6 for e in nudge])
        torch.testing.assert_close(gradient, numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("penalty", PENALTIES, ids=name)
def test_penalty_names_a_player_and_leaves_inputs(penalty, key):
    assert penalty.player in ("generator", "critic")
    real, fake = key.normal(2, 10).reshape(2, 5, 2)
    before = real.clone(), fake.clone()
    penalty(lambda x: x.sum(-1, keepdim=True), real, fake)
    assert torch.equal(real, before[0]) and torch.equal(fake, before[1])

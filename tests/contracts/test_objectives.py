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
    if objective.smooth:
        torch.testing.assert_close(gradient, torch.zeros(4, dtype=torch.float64), atol=1e-12, rtol=0)
    for i, move in [(i, move) for i in range(4) for move in (-0.1, 0.1)]:
        moved = logit.detach().clone()
        moved[i] += move
        worse = objective.critic_loss(moved[atoms.repeat_interleave(p)], moved[atoms.repeat_interleave(q)])
        level = not objective.smooth and p[i] == q[i]  # any logit between the kinks is best there
        assert (worse - loss).abs() < 1e-12 if level else worse > loss


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
    low, high = (min(max(edge, -3.0), 3.0) for edge in objective.contested)
    assert low < high
    logits = low + (high - low) * key.uniform(2, 9, dtype=torch.float64)
    real, fake = logits.requires_grad_().unbind(0)
    generator, critic = objective.losses(real, fake)
    assert (torch.autograd.grad(generator, fake, retain_graph=True)[0] < 0).all()
    for_fake, for_real = torch.autograd.grad(critic, (fake, real))
    assert (for_fake > 0).all() and (for_real < 0).all()


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_contested_logits_end_where_they_say(objective):
    """Beyond a finite end of the contested interval some player does not pull its own way any more."""
    for edge, out in zip(objective.contested, (-1, 1)):
        if abs(edge) < float("inf"):
            real, fake = torch.full((2, 1), edge + 0.1 * out, dtype=torch.float64).requires_grad_().unbind(0)
            generator, critic = objective.losses(real, fake)
            (pull,) = torch.autograd.grad(generator, fake, retain_graph=True)
            for_fake, for_real = torch.autograd.grad(critic, (fake, real))
            assert pull >= 0 or for_fake <= 0 or for_real >= 0


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_extreme_logits_stay_finite(objective):
    largest = min(objective.largest, 1e4)
    assert largest > 50
    for size in (-largest, largest):
        losses = objective.losses(torch.full((3,), size), torch.full((3,), -size))
        assert all(torch.isfinite(loss) for loss in losses)


def _drawn(penalty, key):
    return (penalty.draw(5, 2, key.to(torch.float64)),) if penalty.draws else ()


@pytest.mark.parametrize("penalty", PENALTIES, ids=name)
def test_penalty_is_a_nonnegative_scalar_under_vmap_and_grad(penalty, key):
    real, fake = key.normal(2, 10, dtype=torch.float64).reshape(2, 5, 2)

    drawn = _drawn(penalty, key.child("noise"))

    def charge(slope):
        return penalty(lambda x: (x @ slope).sin()[:, None], real, fake, *drawn)

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
    penalty(lambda x: x.sum(-1, keepdim=True), real, fake, *_drawn(penalty, key))
    assert torch.equal(real, before[0]) and torch.equal(fake, before[1])


@pytest.mark.parametrize("penalty", PENALTIES, ids=name)
def test_flat_critics_rest_where_the_penalty_says_so(penalty, key):
    real, fake = key.normal(2, 10, dtype=torch.float64).reshape(2, 5, 2)
    drawn = _drawn(penalty, key.child("noise"))

    def charge(slope):
        return penalty(lambda x: (x @ slope)[:, None], real, fake, *drawn)

    flat = torch.zeros(2, dtype=torch.float64)
    assert (charge(flat) == 0) == penalty.flat
    if penalty.flat:
        assert torch.equal(torch.func.grad(charge)(flat), flat)


@pytest.mark.parametrize("penalty", [p for p in PENALTIES if p.draws], ids=name)
def test_random_numbers_are_the_batchs(penalty, key):
    """Drawn for every member, by the key alone; without them there is an error that says how to get them."""
    assert torch.equal(penalty.draw(5, 2, key.split(3))[1], penalty.draw(5, 2, key.child(1)))
    with pytest.raises(ValueError, match=r"penalty\.draw"):
        penalty(lambda x: x.sum(-1, keepdim=True), torch.zeros(5, 2), torch.ones(5, 2))

"""Every game: deterministic losses, an honest field, members that do not see each other."""

from __future__ import annotations

import pytest
import torch
from torch.utils import _pytree as pytree

import gantheory as gt
from gantheory.dynamics.population import Many
from tests.contracts.find import examples, name


ALL = examples(gt.Game)


def _many(game, key, members=3):
    keys = key.to(torch.float64).split(members)
    many = Many(game, members)
    return many, game.init(keys.child("init")), many.draw(keys.child("batch"))


def _member(batch, m):
    return pytree.tree_map(lambda leaf: None if leaf is None else leaf[m], batch)


@pytest.mark.parametrize("game", ALL, ids=name)
def test_shapes(game, key):
    many, profile, batch = _many(game, key)
    assert len(game.players) == len(game.sizes) == len(profile)
    assert [tuple(w.shape) for w in profile] == [(3, size) for size in game.sizes]
    assert all(loss.shape == (3,) for loss in many.losses(profile, batch))


@pytest.mark.parametrize("game", ALL, ids=name)
def test_population_equals_one_by_one(game, key):
    many, profile, batch = _many(game, key)
    together = torch.stack(many.losses(profile, batch))
    alone = [game.losses(tuple(w[m] for w in profile), _member(batch, m)) for m in range(3)]
    torch.testing.assert_close(
        together.T, torch.stack([torch.stack(r) for r in alone]), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("game", ALL, ids=name)
def test_one_players_loss_and_field_are_those_of_all(game, key):
    many, profile, batch = _many(game, key)
    losses, field = many.losses(profile, batch), many.field(profile, batch)
    for i in range(len(game.players)):
        (loss,), (gradient,) = many.losses(profile, batch, only=i), many.field(profile, batch, only=i)
        torch.testing.assert_close(loss, losses[i], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(gradient, field[i], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("game", ALL, ids=name)
def test_field_is_the_gradient_of_the_losses(game, key):
    """Central differences along random directions, player by player."""
    many, profile, batch = _many(game, key)
    field = many.field(profile, batch)
    h = 1e-6
    for i, w in enumerate(profile):
        u = key.child("direction", i).normal(w.numel(), dtype=torch.float64).reshape(w.shape)
        shifted = [tuple(v + s * h * u if j == i else v for j, v in enumerate(profile)) for s in (1, -1)]
        up, down = (many.losses(point, batch)[i] for point in shifted)
        torch.testing.assert_close((up - down) / (2 * h), (field[i] * u).sum(-1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("game", ALL, ids=name)
def test_losses_are_deterministic_and_leave_their_inputs(game, key):
    many, profile, batch = _many(game, key)
    before = [w.clone() for w in profile]
    first, second = many.losses(profile, batch), many.losses(profile, batch)
    assert all(torch.equal(a, b) for a, b in zip(first, second))
    many.field(profile, batch)
    assert all(torch.equal(a, b) for a, b in zip(before, profile))


@pytest.mark.parametrize("game", ALL, ids=name)
def test_zero_sum_is_said_and_true(game, key):
    """The losses of a zero-sum game add up to 0 everywhere, those of any other somewhere do not."""
    many, profile, batch = _many(game, key)
    losses = torch.stack(many.losses(profile, batch))
    rounding = 1e-12 * (1 + losses.abs().sum(0))
    assert (losses.sum(0).abs() <= rounding).all() == game.zero_sum


@pytest.mark.parametrize("game", ALL, ids=name)
def test_equilibria_are_zeros_of_the_field(game, key):
    """Of the mean field where batches are drawn: 7 standard errors, or a false alarm of 1e-11 a coordinate."""
    draws = 1 if game.draw(key.split(1)) == () else 4000
    many, _, batch = _many(game, key, draws)
    for point in game.equilibria():
        profile = torch.tensor([point], dtype=torch.float64).expand(draws, -1).split(list(game.sizes), dim=-1)
        for gradient in many.field(profile, batch):
            error = 7 * gradient.std(0) / draws**0.5 if draws > 1 else 0.0
            assert (gradient.mean(0).abs() <= 1e-12 + error).all()


@pytest.mark.parametrize("game", ALL, ids=name)
def test_draws_are_functions_of_the_key(game, key):
    for only in (None, *range(len(game.players))):
        a, b = (pytree.tree_leaves(game.draw(key.split(2), only=only)) for _ in range(2))
        assert all(u is v is None or torch.equal(u, v) for u, v in zip(a, b))
        assert 0 <= game.real_samples(only=only) <= game.real_samples()


@pytest.mark.parametrize("game", [g for g in ALL if isinstance(g, gt.Generates) and g.models()], ids=name)
def test_samples(game, key):
    profile = game.init(key)
    x = game.generate(profile, game.noise(11, key))
    assert x.shape == (11, game.models()[0].outputs)

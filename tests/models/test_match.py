"""Equal budgets: brute force finds nothing nearer, and what is impossible is said."""

from __future__ import annotations

from itertools import pairwise

import pytest

import gantheory as gt


FAMILY = (
    gt.MLP(2, (8,), 2),
    gt.MLP(3, (64, 64), 1),
    gt.MLP(2, (30, 20, 10), 2, activation="tanh"),
    gt.RealNVP(2, layers=4, hidden=(16, 16)),
)


def _closed_form(model, hidden):
    """The parameters of a model, by hand."""

    def perceptron(inputs, outputs):
        widths = (inputs, *hidden, outputs)
        return sum((a + 1) * b for a, b in pairwise(widths))

    if isinstance(model, gt.RealNVP):
        return model.layers * perceptron(model.dim // 2, 2 * (model.dim - model.dim // 2))
    return perceptron(model.inputs, model.outputs)


@pytest.mark.parametrize("budget", [500, 3001, 50_000])
def test_a_family_has_one_budget(budget):
    for before, model in zip(FAMILY, gt.match_parameters(FAMILY, budget)):
        assert abs(model.size / budget - 1) <= 0.05
        assert model.size == _closed_form(model, model.hidden)
        assert model.replace(hidden=before.hidden) == before, "nothing else has changed"
        shape = [w / max(before.hidden) for w in before.hidden]
        assert all(abs(w - s * max(model.hidden)) <= 0.5 + s for w, s in zip(model.hidden, shape)), (
            "proportions stay"
        )


@pytest.mark.parametrize("model", [FAMILY[0], FAMILY[1], FAMILY[3]], ids=lambda model: type(model).__name__)
def test_no_equal_widths_are_nearer(model):
    for budget in range(300, 3000, 137):
        (found,) = gt.match_parameters([model], budget)
        widths = range(1, 1000 if len(model.hidden) == 1 else 60)
        best = min(abs(_closed_form(model, (w,) * len(model.hidden)) - budget) for w in widths)
        assert abs(found.size - budget) <= best


def test_widths_do_not_depend_on_where_the_search_begins():
    small, large = gt.MLP(2, (4, 4), 1), gt.MLP(2, (512, 512), 1)
    first, second = gt.match_parameters([small, large], 5000)
    assert first == second


def test_a_game_counts_all_players():
    ring, nets = gt.Ring(), (gt.MLP(2, (16,), 2), gt.MLP(2, (32,), 1))
    gan = gt.WithPenalty(gt.AdversarialGame(*nets, ring, gt.Minimax()), gt.R1(1.0))
    flow = gt.LikelihoodGame(gt.RealNVP(2, layers=2, hidden=(8,)), ring)
    found = gt.match_parameters([gan, flow], 4000)
    assert all(abs(sum(game.sizes) / 4000 - 1) <= 0.05 for game in found)
    generator, critic = found[0].models()
    assert abs(critic.hidden[0] - 2 * generator.hidden[0]) <= 2


@pytest.mark.parametrize(
    "models, options, message",
    [
        ([gt.MLP(2, (), 2)], {"budget": 100}, "no field `hidden` with widths"),
        ([gt.Network("torch.nn:Linear", args=(2, 1))], {"budget": 100}, "cannot be widened"),
        ([gt.MLP(2, (8,), 2)], {"budget": 5}, r"nearest, MLP\(.*hidden=\(1,\).*, has 7"),
        ([gt.RealNVP(9, layers=6, hidden=(8,))], {"budget": 200}, "no widths of"),
        ([gt.MLP(2, (8,), 2)], {"budget": 0}, "budget must be"),
        (gt.MLP(2, (8,), 2), {"budget": 50}, "models must be a list"),
        ([gt.MLP(2, (8,), 2)], {"budget": 1e3}, "budget must be"),
        ([gt.MLP(2, (8,), 2)], {"budget": 100, "tolerance": 1.5}, "tolerance must be"),
    ],
)
def test_the_impossible_is_one_clear_error(models, options, message):
    with pytest.raises(ValueError, match=message):
        gt.match_parameters(models, **options)

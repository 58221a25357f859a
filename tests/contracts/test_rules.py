"""Every rule: pure, exact on linear games, at rest at equilibria, the same alone as in a population."""

from __future__ import annotations

import pytest
import torch
from torch.utils import _pytree as pytree

import gantheory as gt
from gantheory.dynamics.population import Many
from gantheory.notation import replaced
from tests.contracts.find import examples, fields_of, name, plays


ALL = examples(gt.Rule)
STEPS = examples(gt.Step)
DIRAC = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
GAN = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)
FIT = gt.LikelihoodGame(gt.GaussianMixtureModel(2, components=3), gt.Ring(), batch=8)
PLAYED = {rule: next(game for game in (GAN, FIT) if plays(rule, game)) for rule in ALL}
RULES = [rule for rule, game in PLAYED.items() if game is GAN]
PLAIN = [rule for rule in RULES if all(type(step) is gt.SGD for _, step in fields_of(rule, gt.Step))]
LINEAR = [rule for rule in PLAIN if rule.linear]
ONE_RATE = [rule for rule in PLAIN if len(fields_of(rule, gt.Step)) == 1]
TIMES = [48, 72, 108, 162]
CONSISTENT = [rule for rule in ONE_RATE if rule.consistent]


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_zeros_of_the_field_are_fixed_points(rule, key):
    for game in (DIRAC, gt.Bilinear(((1.0, 2.0), (0.0, -1.0)))):
        start = game.equilibria()[0]
        runs = gt.simulate(game, rule, steps=5, start=start, key=key)
        assert runs.points[0, -1].tolist() == list(start)


def _rated(rule, rate):
    """The rule with another rate."""
    ((path, _),) = fields_of(rule, gt.Step)
    return replaced(rule, f"{path}.rate", rate)


def _rows(profile, state):
    """Point and state as one row a member, and the scalars that all members share."""
    leaves, spec = pytree.tree_flatten((profile, state))
    own = [leaf for leaf in leaves if leaf.dim() > 0]
    return torch.cat([leaf.flatten(1) for leaf in own], dim=-1), leaves, spec


def _apart(rows, leaves, spec):
    """The inverse, for as many members as there are rows."""
    parts, at = [], 0
    for leaf in leaves:
        size = leaf[0].numel() if leaf.dim() > 0 else 0
        parts.append(rows[:, at : at + size].reshape(-1, *leaf.shape[1:]) if leaf.dim() > 0 else leaf)
        at += size
    return pytree.tree_unflatten(parts, spec)


@pytest.mark.parametrize("rule", LINEAR, ids=name)
def test_on_linear_games_the_orbit_is_a_product_of_matrices(rule, key):
    """One step from every unit vector of point and state gives that step's matrix; all matrices, multiplied,
    give the orbit. Without a clock in the state they are one matrix and its power."""
    game = gt.Bilinear(((1.0, 2.0, 0.5), (0.0, -1.0, 3.0)))
    start = key.normal(4, 5, dtype=torch.float64)
    runs = gt.simulate(game, rule, steps=20, population=4, start=start, key=key)
    profile = start.split((2, 3), dim=-1)
    first, leaves, spec = _rows(profile, rule.init(Many(game, 4), profile))
    many, product = Many(game, first.shape[-1]), torch.eye(first.shape[-1], dtype=torch.float64)
    for step in range(20):
        units = _apart(torch.eye(first.shape[-1], dtype=torch.float64), leaves, spec)
        moved, leaves, spec = _rows(*rule.advance(many, *units, key.split(many.members).child("step", step)))
        product = product @ moved
    expected = (first @ product)[:, :5]
    torch.testing.assert_close(runs.points[:, -1], expected, rtol=1e-10, atol=1e-10)


def _errors(rule, key):
    """How far from the field's flow a rule is after a fixed time, for four step sizes."""
    game = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(0.5))
    jacobian = torch.tensor([[0.0, -1.0], [1.0, 0.5]], dtype=torch.float64)  # v = (-psi, theta + psi / 2)
    flow = torch.linalg.matrix_exp(-jacobian)[:, 0]
    ends = (
        gt.simulate(game, _rated(rule, 1.0 / n), steps=n, start=(1.0, 0.0), key=key).points[0, -1]
        for n in TIMES
    )
    return [(end - flow).norm().item() for end in ends]


@pytest.mark.parametrize("rule", CONSISTENT, ids=name)
def test_small_steps_follow_the_flow(rule, key):
    """Against the field's flow the error over a fixed time falls with the step: order 1 at the least."""
    errors = _errors(rule, key)
    _, high = gt.power_fit(TIMES, errors)[0].interval(0.99)
    assert high < -0.9, f"error {errors}"


@pytest.mark.parametrize("rule", [rule for rule in ONE_RATE if not rule.consistent], ids=name)
def test_inconsistent_rules_leave_the_flow(rule, key):
    """What says that it does not follow the field's flow really ends elsewhere."""
    errors = _errors(rule, key)
    assert errors[-1] > 0.5 * errors[0]


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_a_member_alone_equals_the_member_in_a_population(rule, key):
    together = gt.simulate(PLAYED[rule], rule, steps=10, population=4, dtype=torch.float64, key=key)
    alone = gt.simulate(PLAYED[rule], rule, steps=10, population=1, dtype=torch.float64, key=key)
    torch.testing.assert_close(together.points[:1], alone.points, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_same_key_same_bits(rule, key):
    first, second = (gt.simulate(PLAYED[rule], rule, steps=7, population=3, key=key) for _ in range(2))
    assert torch.equal(first.points, second.points) and torch.equal(first.losses, second.losses)


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_extending_is_one_longer_run(rule, key, tmp_path):
    whole = gt.simulate(PLAYED[rule], rule, steps=9, population=3, record=3, key=key)
    half = gt.simulate(PLAYED[rule], rule, steps=3, population=3, record=3, key=key)
    half.save(tmp_path / "half.pt")
    longer = gt.Trajectory.load(tmp_path / "half.pt").extend(6, record=3)
    assert torch.equal(whole.points, longer.points)
    assert whole.steps.tolist() == longer.steps.tolist() == [0, 3, 6, 9]
    assert whole.cost.samples == longer.cost.samples and whole.cost.field_calls == longer.cost.field_calls
    assert half.steps.tolist() == [0, 3], "extending left the shorter run as it was"


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_sweeps_equal_single_runs(rule, key):
    rates = [f"{path}.rate" for path, step in fields_of(rule, gt.Step) if hasattr(step, "rate")]
    sweep = {f"rule.{rates[0]}": gt.Values((0.01, 0.1)), "game.penalty.weight": gt.Values((0.0, 0.5, 1.0))}
    chart = gt.simulate(DIRAC, rule, steps=15, population=2, sweep=sweep, key=key)
    assert chart.points.shape[0] == 12
    for m in (0, 5, 11):
        rate, weight = (chart.swept[path][m] for path in sweep)
        game = gt.WithPenalty(DIRAC.game, gt.R1(weight))
        alone = gt.simulate(game, replaced(rule, rates[0], rate), steps=15, population=2, key=key)
        torch.testing.assert_close(chart.points[m], alone.points[m % 2], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_cost_counts_what_was_done(rule, key):
    runs = gt.simulate(PLAYED[rule], rule, steps=5, key=key)
    many, _ = runs._run.setup.varied
    assert runs.cost.field_calls == 5 * rule.field_calls(many)
    assert runs.cost.samples == 5 * 8 * sum(turn != 0 for turn in rule.turns(many))


@pytest.mark.parametrize("step", STEPS, ids=name)
def test_steps_follow_torchs_arithmetic(step, key):
    """Against torch.optim's own class, in float64."""
    start, *gradients = key.normal(11, 6, dtype=torch.float64)
    p = torch.nn.Parameter(start.clone())
    optimizer = step.torch_optimizer([p])
    if optimizer is None:
        return
    w, state = start[None], step.init(start[None])
    for gradient in gradients:
        p.grad = gradient.clone()
        optimizer.step()
        w, state = step.move(w, gradient[None], state)
        torch.testing.assert_close(w[0], p.data, rtol=1e-15, atol=1e-15)

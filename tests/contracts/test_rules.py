"""Every rule: pure, exact on linear games, at rest at equilibria, the same alone as in a population."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, name


RULES = examples(gt.Rule)
STEPS = examples(gt.Step)
PLAIN = [rule for rule in RULES if isinstance(rule.step, gt.SGD)]
DIRAC = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
GAN = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_zeros_of_the_field_are_fixed_points(rule, key):
    for game in (DIRAC, gt.Bilinear(((1.0, 2.0), (0.0, -1.0)))):
        start = game.equilibria()[0]
        runs = gt.simulate(game, rule, steps=5, start=start, key=key)
        assert runs.points[0, -1].tolist() == list(start)


@pytest.mark.parametrize("rule", PLAIN, ids=name)
def test_on_linear_games_the_orbit_is_a_matrix_power(rule, key):
    """One step from every unit vector gives the step's matrix M; twenty steps must be M^20."""
    game = gt.Bilinear(((1.0, 2.0, 0.5), (0.0, -1.0, 3.0)))
    unit = torch.eye(5, dtype=torch.float64)
    matrix = gt.simulate(game, rule, steps=1, population=5, start=unit, key=key).points[:, -1].T
    start = key.normal(4, 5, dtype=torch.float64)
    end = gt.simulate(game, rule, steps=20, population=4, start=start, key=key).points[:, -1]
    expected = (torch.linalg.matrix_power(matrix, 20) @ start.T).T
    torch.testing.assert_close(end, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rule", PLAIN, ids=name)
def test_small_steps_follow_the_flow(rule, key):
    """Against the field's flow the error over a fixed time falls with the step: order 1 at the least."""
    game = gt.Bilinear(((1.0,),))
    errors = []
    for steps in (64, 128, 256):
        small = rule.replace(step=gt.SGD(1.0 / steps))
        end = gt.simulate(game, small, steps=steps, start=(1.0, 0.0), key=key).points[0, -1]
        flow = torch.tensor([1.0, 1.0], dtype=torch.float64)  # x' = -y, y' = x: a turn by one radian
        flow = torch.stack((flow[0] * torch.cos(flow[1]), torch.sin(flow[1])))
        errors.append((end - flow).norm().item())
    slope = gt.power_fit([64, 128, 256], errors)[0]
    _, high = slope.interval(0.99)
    assert high < -0.9, f"order {-float(slope)}"


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_a_member_alone_equals_the_member_in_a_population(rule, key):
    together = gt.simulate(GAN, rule, steps=10, population=4, dtype=torch.float64, key=key)
    alone = gt.simulate(GAN, rule, steps=10, population=1, dtype=torch.float64, key=key)
    torch.testing.assert_close(together.points[:1], alone.points, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_same_key_same_bits(rule, key):
    first, second = (gt.simulate(GAN, rule, steps=7, population=3, key=key) for _ in range(2))
    assert torch.equal(first.points, second.points) and torch.equal(first.losses, second.losses)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_extending_is_one_longer_run(rule, key, tmp_path):
    whole = gt.simulate(GAN, rule, steps=9, population=3, record=3, key=key)
    half = gt.simulate(GAN, rule, steps=3, population=3, record=3, key=key)
    half.save(tmp_path / "half.pt")
    longer = gt.Trajectory.load(tmp_path / "half.pt").extend(6, record=3)
    assert torch.equal(whole.points, longer.points)
    assert whole.steps.tolist() == longer.steps.tolist() == [0, 3, 6, 9]
    assert whole.cost.samples == longer.cost.samples and whole.cost.field_calls == longer.cost.field_calls
    assert half.steps.tolist() == [0, 3], "extending left the shorter run as it was"


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_sweeps_equal_single_runs(rule, key):
    sweep = {"rule.step.rate": gt.Values((0.01, 0.1)), "game.penalty.weight": gt.Values((0.0, 0.5, 1.0))}
    chart = gt.simulate(DIRAC, rule, steps=15, population=2, sweep=sweep, key=key)
    assert chart.points.shape[0] == 12
    for m in (0, 5, 11):
        rate, weight = (chart.swept[path][m] for path in sweep)
        game = gt.WithPenalty(DIRAC.game, gt.R1(weight))
        alone = gt.simulate(
            game, rule.replace(step=rule.step.replace(rate=rate)), steps=15, population=2, key=key
        )
        torch.testing.assert_close(chart.points[m], alone.points[m % 2], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_cost_counts_what_was_done(rule, key):
    runs = gt.simulate(GAN, rule, steps=5, key=key)
    many, _ = runs._run.setup.varied
    assert runs.cost.field_calls == 5 * rule.field_calls(many)
    assert runs.cost.samples == 5 * 8 * sum(turn != 0 for turn in rule.turns(many))


@pytest.mark.parametrize("step", STEPS, ids=name)
def test_steps_follow_torchs_arithmetic(step, key):
    """Against torch.optim's own class of the same name, in float64."""
    start, *gradients = key.normal(11, 6, dtype=torch.float64)
    options = {"lr": step.rate}
    if isinstance(step, gt.Adam):
        options |= {"betas": (step.beta1, step.beta2), "eps": step.eps}
    p = torch.nn.Parameter(start.clone())
    optimizer = getattr(torch.optim, type(step).__name__)([p], foreach=False, **options)
    w, state = start[None], step.init(start[None])
    for gradient in gradients:
        p.grad = gradient.clone()
        optimizer.step()
        w, state = step.move(w, gradient[None], state)
        torch.testing.assert_close(w[0], p.data, rtol=1e-15, atol=1e-15)

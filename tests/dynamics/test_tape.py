"""A tape takes the steps that torch takes: networks and matrix games, under every rule that can be traced."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from gantheory.dynamics.tape import choice
from gantheory.ops import native
from tests.contracts.find import examples, name, plays


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())

NETS = gt.MLP(2, (7, 6), 2), gt.MLP(2, (9,), 1, activation="tanh")
GAN = gt.AdversarialGame(*NETS, gt.Ring(), gt.NonSaturating(), batch=5)
LINEAR = gt.LinearQuadraticGaussian(tuple(1.0 + i for i in range(7)), rank=3)
GAMES = [
    GAN,
    gt.WithPenalty(GAN, gt.R1(0.5)),
    gt.AdversarialGame(*NETS, gt.Grid(), gt.LeastSquares(), batch=4),
    LINEAR,
    gt.LikelihoodGame(gt.RealNVP(2, layers=3, hidden=(6,)), gt.Ring(), batch=5),
]
SOLVING = ("Competitive(", "FollowTheRidge(", "ProximalPoint(")
"""What solves linear systems as long as it takes, which no list of tasks does."""
RULES = [
    rule
    for rule in examples(gt.Rule)
    if plays(rule, GAN) and not rule.draws and not any(kind in repr(rule) for kind in SOLVING)
]
KINDS = list({type(rule): rule for rule in RULES}.values())
STEPS = [
    step for step in examples(gt.Step) if not isinstance(step, gt.Entropic)
]  # networks are on no simplex


def _both(monkeypatch, game, rule, *, must=True, **options) -> tuple[gt.Trajectory, gt.Trajectory]:
    """The run by a tape, and by torch step by step."""
    options = {"steps": 6, "population": 3, "record": 3, "dtype": torch.float64} | options
    fast = gt.simulate(game, rule, **options)
    with monkeypatch.context() as patch:
        patch.setattr(choice, "LEAST", 10**9)
        slow = gt.simulate(game, rule, **options)
    assert must is False or "tape" in fast._run.setup.computed, fast._run.setup.computed
    assert slow._run.setup.taped.taped is None
    return fast, slow


def _same(fast: gt.Trajectory, slow: gt.Trajectory, close: float) -> None:
    """Beside the size of a member's numbers; what is not finite is so in both."""
    finite = slow.points.isfinite()
    assert torch.equal(fast.points.isfinite(), finite)
    size = slow.points.where(finite, 0).abs().amax(dim=(1, 2), keepdim=True).clamp(min=1)
    assert ((fast.points - slow.points) / size).where(finite, 0).abs().max() <= close
    more = {"rtol": 100 * close, "atol": 100 * close, "equal_nan": True}
    torch.testing.assert_close(fast.losses, slow.losses, **more)
    for a, b in zip(fast._run.monitor.windows, slow._run.monitor.windows, strict=True):
        torch.testing.assert_close(a, b, **more)


@pytest.mark.parametrize("rule", KINDS, ids=name)
def test_rules_run_as_in_torch(rule, key, monkeypatch):
    fast, slow = _both(monkeypatch, GAN, rule, key=key)
    _same(fast, slow, 1e-12)


@pytest.mark.parametrize("step", STEPS, ids=name)
def test_steps_run_as_in_torch(step, key, monkeypatch):
    """Steps that divide by the gradient's size enlarge rounding where that is nearly 0."""
    fast, slow = _both(monkeypatch, GAN, gt.Alternating(step), key=key)
    _same(fast, slow, 1e-10)


@pytest.mark.parametrize("rule", [r for r in KINDS if type(r).products], ids=name)
def test_derivatives_of_solutions_too(rule, key, monkeypatch):
    near = torch.tensor(LINEAR.optimum()) + 0.02 * key.normal(3, sum(LINEAR.sizes), dtype=torch.float64)
    fast, slow = _both(monkeypatch, LINEAR, rule, steps=1, record=None, start=near, key=key)
    _same(fast, slow, 1e-11)


@pytest.mark.parametrize("game", GAMES, ids=name)
def test_games_have_tapes(game, key, monkeypatch):
    for rule in (
        gt.Simultaneous(gt.Adam(1e-3)),
        gt.Alternating(gt.SGD(0.01)),
        gt.ExtraGradient(gt.Adam(1e-3)),
    ):
        fast, slow = _both(monkeypatch, game, rule, steps=3, key=key)
        _same(fast, slow, 1e-12)


def test_in_float32_too(key, monkeypatch):
    for game in GAMES[:2]:
        fast, slow = _both(monkeypatch, game, gt.Simultaneous(gt.SGD(0.05)), dtype=torch.float32, key=key)
        _same(fast, slow, 1e-5)


def test_cutting_a_run_changes_no_bit(key, tmp_path):
    rule = gt.Alternating(gt.Adam(0.01))
    whole = gt.simulate(GAN, rule, steps=130, population=5, key=key)
    part = gt.simulate(GAN, rule, steps=33, population=5, record=10, key=key)
    part.save(tmp_path / "part.pt")
    part = gt.Trajectory.load(tmp_path / "part.pt").extend(30).extend(67, record=1)
    assert torch.equal(part.points[:, -1], whole.points[:, -1])
    for a, b in zip(part._run.monitor.windows, whole._run.monitor.windows, strict=True):
        assert torch.equal(a, b)


def test_bits_do_not_depend_on_threads_or_neighbours(key):
    before, found = torch.get_num_threads(), []
    rule = gt.Simultaneous(gt.Adam(0.01))
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(gt.simulate(GAN, rule, steps=20, population=9, record=5, key=key).points)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*found)
    few = gt.simulate(GAN, rule, steps=20, population=2, record=5, key=key)
    assert torch.equal(few.points, found[0][:2])


def test_swept_numbers_are_inputs(key, monkeypatch):
    sweep = {"rule.step.rate": gt.Values((0.001, 0.01)), "game.penalty.weight": gt.Values((0.0, 1.0))}
    game = gt.WithPenalty(GAN, gt.R1(0.5))
    fast, slow = _both(monkeypatch, game, gt.Alternating(gt.Adam(0.01)), sweep=sweep, population=2, key=key)
    _same(fast, slow, 1e-12)


def test_a_singular_member_stops_no_other(key):
    start = torch.randn(2, sum(LINEAR.sizes), generator=torch.Generator().manual_seed(0))
    start[0] = torch.inf
    runs = gt.simulate(LINEAR, gt.Simultaneous(gt.SGD(0.01)), steps=400, population=2, start=start, key=key)
    assert runs.outcome[0] == "diverged" and runs.points[1].isfinite().all()

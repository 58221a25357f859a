"""The interpreter takes the steps that torch takes: every small game, under every rule."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.dynamics.interpreter import trace
from gantheory.dynamics.setup import Setup
from gantheory.ops import native
from tests.contracts.find import examples, name, plays
from tests.lock import turns_meanwhile


pytestmark = pytest.mark.skipif(native.library is None, reason=native.reason())

SMALL = [
    game
    for game in examples(gt.Game)
    if sum(game.sizes) <= trace.MOST and game.vectorised and game.draw(gt.Key(0).split(1)) == ()
]
DIRAC = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
RULES = [rule for rule in examples(gt.Rule) if plays(rule, DIRAC) and not rule.draws]
TAKEN = [
    r(s) for r in (gt.Simultaneous, gt.Alternating, gt.ExtraGradient) for s in (gt.SGD(0.05), gt.Adam(0.01))
]
# every rule on games of two players and at most 5 parameters; the other games under the common rules
CROSSED = [
    *gt.Bilinear.examples(),
    *(gt.DiracGAN(objective()) for objective in (gt.Minimax, gt.NonSaturating, gt.Wasserstein)),
    DIRAC,
]
PAIRS = [(game, rule) for game in CROSSED for rule in RULES] + [
    (game, rule) for game in SMALL if game not in CROSSED for rule in TAKEN
]
RULE = gt.Simultaneous(gt.SGD(0.1))


def _why(runs: gt.Trajectory) -> str:
    return runs._run.setup.interpreted.reason


def _both(monkeypatch, game, rule, *, must=True, **options) -> tuple[gt.Trajectory, gt.Trajectory]:
    """The run by the interpreter, and by torch step by step."""
    options = {"steps": 330, "population": 5, "record": 30} | options
    fast = gt.simulate(game, rule, **options)
    with monkeypatch.context() as patch:
        patch.setattr(trace, "MOST", 0)
        slow = gt.simulate(game, rule, **options)
    assert must is False or _why(fast).startswith("By the interpreter"), _why(fast)
    assert _why(slow).startswith("Step by step")
    return fast, slow


def _gap(fast: torch.Tensor, slow: torch.Tensor) -> float:
    """The largest difference beside the size of a member's numbers; what overflows does so in both."""
    finite = slow.isfinite()
    assert torch.equal(fast.isfinite(), finite)
    size = slow.where(finite, 0).abs().amax(dim=(1, 2), keepdim=True).clamp(min=1)
    return float(((fast - slow) / size).where(finite, 0).abs().max())


def _same(fast: gt.Trajectory, slow: gt.Trajectory, close: float) -> None:
    assert _gap(fast.points, slow.points) <= close
    assert _gap(fast.losses, slow.losses) <= 10 * close
    assert fast.outcome.tolist() == slow.outcome.tolist()
    assert fast.steps.tolist() == slow.steps.tolist() and fast.cost.field_calls == slow.cost.field_calls


@pytest.mark.parametrize("game, rule", PAIRS, ids=name)
def test_small_games_run_as_in_torch(game, rule, key, monkeypatch):
    """Whichever path a rule takes: which ones are interpreted is another test's."""
    fast, slow = _both(monkeypatch, game, rule, must=False, key=key)
    _same(fast, slow, 1e-12)
    found, expected = (runs._run.monitor.state() for runs in (fast, slow))
    torch.testing.assert_close(found["windows"], expected["windows"], rtol=1e-9, atol=1e-12, equal_nan=True)
    assert found["steps"] == expected["steps"] == 330


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_in_float32_too(rule, key, monkeypatch):
    fast, slow = _both(monkeypatch, DIRAC, rule, must=False, dtype=torch.float32, key=key)
    assert fast.points.dtype == fast.losses.dtype == torch.float32
    _same(fast, slow, 1e-4)


@pytest.mark.parametrize("rule", TAKEN, ids=name)
def test_swept_numbers_are_inputs(rule, key, monkeypatch):
    sweep = {"rule.step.rate": gt.Values((0.01, 0.1)), "game.penalty.weight": gt.Values((0.0, 0.5, 1.0))}
    fast, slow = _both(monkeypatch, DIRAC, rule, sweep=sweep, population=2, key=key)
    _same(fast, slow, 1e-12)
    assert len(fast.points[:, -1, 0].unique()) == 12


def test_outcomes_are_the_same(monkeypatch):
    """Rates and weights that converge, cycle, diverge to infinity and to NaN, all at once."""
    sweep = {"rule.step.rate": gt.Log(1e-3, 40, 12), "game.penalty.weight": gt.Linear(0, 3, 8)}
    for rule in (RULE, gt.Alternating(gt.SGD(0.1))):
        fast, slow = _both(
            monkeypatch, DIRAC, rule, sweep=sweep, steps=1000, population=1, start=(1.0, 1.0), key=gt.Key(0)
        )
        assert fast.outcome.tolist() == slow.outcome.tolist()
        assert len(set(fast.outcome)) >= 3
        assert torch.equal(fast.points.isfinite(), slow.points.isfinite())


@pytest.mark.parametrize("rule", TAKEN[:3], ids=name)
def test_windows_in_between_are_not_missed(rule, key, monkeypatch):
    """Torch watches every window, the interpreter those that the outcome hangs on."""
    fast, slow = _both(monkeypatch, DIRAC, rule, steps=730, record=None, key=key)
    found, expected = (runs._run.monitor.state()["windows"] for runs in (fast, slow))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def test_cutting_a_run_changes_no_bit(key, tmp_path):
    rule, sweep = gt.Alternating(gt.Adam(0.01)), {"game.penalty.weight": gt.Linear(0, 1, 7)}
    options = {"population": 11, "sweep": sweep, "key": key}
    whole = gt.simulate(DIRAC, rule, steps=517, **options)
    part = gt.simulate(DIRAC, rule, steps=133, record=7, **options)
    part.save(tmp_path / "part.pt")
    part = gt.Trajectory.load(tmp_path / "part.pt").extend(83)
    part = part.extend(301, record=1, progress=lambda step, steps: None)
    assert torch.equal(part.points[:, -1], whole.points[:, -1])
    assert torch.equal(part.losses[:, -1], whole.losses[:, -1])
    found, expected = part._run.monitor.state(), whole._run.monitor.state()
    assert torch.equal(found["windows"], expected["windows"])
    assert all(torch.equal(a, b) for a, b in zip(found["anchor"], expected["anchor"]))


def test_records_lie_where_they_are_asked_for(key, monkeypatch):
    for record in (None, 1, 7, gt.Values((0, 3, 50, 51))):
        fast, slow = _both(monkeypatch, DIRAC, RULE, steps=51, record=record, key=key)
        _same(fast, slow, 1e-12)
    assert gt.simulate(DIRAC, RULE, steps=0, start=(1.0, 2.0), key=key).points.tolist() == [[[1.0, 2.0]]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bits_do_not_depend_on_threads_or_neighbours(dtype, key):
    before, found = torch.get_num_threads(), []
    options = {"steps": 150, "record": 50, "dtype": dtype, "key": key}
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(gt.simulate(DIRAC, gt.ExtraGradient(gt.Adam(0.01)), population=3001, **options))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(found[0].points, found[1].points) and torch.equal(found[0].losses, found[1].losses)
    few = gt.simulate(DIRAC, gt.ExtraGradient(gt.Adam(0.01)), population=5, **options)
    assert torch.equal(few.points, found[0].points[:5])


def test_instruction_sets_agree():
    program = (
        "import gantheory as gt, numpy as np, sys\n"
        "game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))\n"
        "rule = gt.Alternating(gt.Adam(0.01))\n"
        "runs = gt.simulate(game, rule, steps=300, population=9, key=gt.Key(0))\n"
        "assert 'interpreter' in runs._run.setup.interpreted.reason\n"
        "print(*runs.points[:, -1].reshape(-1).tolist())\n"
    )
    found = []
    for isa in ("baseline", "avx2", "avx512"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"GANTHEORY_ISA": isa},
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            assert "is not one of what was built and runs here" in done.stderr, done.stderr
        else:
            found.append(np.array(done.stdout.split(), dtype=float))
    assert found
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-12, atol=1e-12)


def test_the_lock_is_released(key):
    runs = gt.simulate(DIRAC, RULE, steps=0, population=2000, key=key)
    assert len(turns_meanwhile(lambda: runs.extend(20_000))) >= 5


def test_a_step_is_some_ten_operations():
    """What vmap and autograd leave, some 80 nodes, folds to what one would write by hand."""
    for rule, most in ((RULE, 8), (gt.ExtraGradient(gt.SGD(0.1)), 16), (gt.Simultaneous(gt.Adam(0.1)), 30)):
        setup = Setup(DIRAC, rule, 1, {}, torch.float64, torch.device("cpu"), gt.Key(0))
        program = setup.interpreted.program
        assert program is not None and len(program.step) <= most, setup.interpreted.reason


SOLVING = (gt.ProximalPoint,)
"""What solves as long as it takes, which no list of operations does."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rules_and_steps_are_interpreted(dtype):
    rules = [rule for rule in RULES if not any(f"{kind.__name__}(" in repr(rule) for kind in SOLVING)]
    assert len(rules) >= 0.8 * len(RULES)
    steps = [gt.Simultaneous(step) for step in examples(gt.Step)]
    cosine = gt.Scheduled(gt.SGD(0.1), gt.CosineDecay(100))
    for rule in [*rules, *steps, gt.Alternating(cosine)]:
        setup = Setup(DIRAC, rule, 1, {}, dtype, torch.device("cpu"), gt.Key(0))
        assert setup.interpreted.program is not None, f"{rule}: {setup.interpreted.reason}"


SCHEDULES = [gt.InverseTime(power=0.6, scale=7.0), gt.LinearDecay(200, last=0.1), gt.CosineDecay(200)]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=name)
def test_schedules_run_as_in_torch(schedule, key, monkeypatch):
    sweep = {"rule.step.step.rate": gt.Values((0.05, 0.2))}
    for step in (gt.SGD(0.1), gt.Adam(0.02)):
        rule = gt.Alternating(gt.Scheduled(step, schedule))
        fast, slow = _both(monkeypatch, DIRAC, rule, sweep=sweep, key=key)
        _same(fast, slow, 1e-12)


def test_which_path_ran_is_seen(key):
    assert "By the interpreter" in gt.simulate(DIRAC, RULE, steps=3, key=key)._repr_html_()
    gan = gt.AdversarialGame(gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.Minimax(), batch=4)
    assert (
        "Step by step in torch: the game has 39 parameters"
        in gt.simulate(gan, RULE, steps=3, key=key)._repr_html_()
    )


@dataclass(frozen=True)
class Curious(gt.Game):
    """Two players with three and one parameters, and a loss of many functions."""

    bend: float = 0.5
    players: ClassVar[tuple[str, ...]] = ("x", "y")

    @property
    def sizes(self):
        return 3, 1

    def init(self, key):
        return key.child("x").normal(3), key.child("y").normal(1)

    def losses(self, profile, batch=()):
        x, y = profile
        a = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]], dtype=x.dtype)
        u = torch.stack([*(a @ x), y[0]])
        waves = torch.sin(u[0]) * torch.cos(u[1]) + torch.tanh(u[2]) / (1 + u[0].square())
        smooth = (
            torch.log(1 + torch.exp(-u.abs())).sum() + torch.sqrt(1 + (u**2).sum()) + (x**3).mean() * 0.01
        )
        kinks = torch.relu(u).sum() + torch.clamp(u[1], -0.5, 0.5) + torch.where(u[0] > u[2], u[0], u[2] * 2)
        softs = torch.nn.functional.softplus(u[1]) + torch.sigmoid(u[2]) + torch.maximum(u[0], u[1])
        norms = torch.linalg.vector_norm(u) + torch.logsumexp(u, 0) + torch.softmax(u, 0)[0] + x.amax()
        value = waves + self.bend * smooth + 0.1 * kinks + 0.3 * softs + 0.1 * norms
        return value, (y * y).sum() * 0.5 - value

    @classmethod
    def examples(cls):
        return [cls()]


def test_a_game_of_many_functions(key, monkeypatch):
    sweep = {"game.bend": gt.Values((0.1, 0.5))}
    for rule in (gt.Alternating(gt.SGD(0.02)), gt.ExtraGradient(gt.Adam(0.01))):
        fast, slow = _both(monkeypatch, Curious(), rule, steps=100, sweep=sweep, key=key)
        _same(fast, slow, 1e-12)


@dataclass(frozen=True)
class Own(gt.Simultaneous):
    """A plain step with something added to it."""

    kind: str = "schedule"

    def init(self, game, profile):
        return torch.zeros((), dtype=torch.int64), torch.zeros_like(profile[0])

    def advance(self, game, profile, state, key):
        clock, memory = state
        x, y = profile
        gx, gy = game.field(profile, ())
        more = {
            "schedule": lambda: 1 / (clock + 2).double() + 0.1 * (clock % 7 == 3).double(),
            "anchor": lambda: (
                memory * 0.5 ** (clock.double() + 1) + torch.cat([x, y], dim=-1).sum(-1, keepdim=True)
            ),
            "in place": lambda: torch.zeros_like(x).add_(y).mul_(x).clamp_(max=1.0),
            "neighbours": lambda: x.mean(),
            "order": lambda: x.flip(0),
            "item": lambda: float(x[0, 0]),
            "branch": lambda: 1.0 if (x > 0).any() else 2.0,
            "numpy": lambda: float(np.sin(x.detach().numpy()).mean()),
            "noise": lambda: key.normal(x.shape[1], dtype=x.dtype).reshape(x.shape),
            "strange": lambda: torch.special.bessel_j0(x),
        }[self.kind]()
        return (x - 0.05 * gx - 0.01 * more, y - 0.05 * gy), (clock + 1, (memory + x) / 2)


def test_a_state_that_begins_as_the_profile(key, monkeypatch):
    """One tensor in two places is two columns of a program."""
    for rule in (gt.Anchored(gt.SGD(0.1)), gt.Elastic(gt.Alternating(gt.SGD(0.1)), workers=2, pull=0.2)):
        fast, slow = _both(monkeypatch, DIRAC, rule, key=key)
        _same(fast, slow, 1e-12)


@pytest.mark.parametrize("kind", ["schedule", "anchor", "in place"])
def test_rules_with_states_and_counters(kind, key, monkeypatch):
    for game in (gt.Bilinear(), DIRAC):
        fast, slow = _both(monkeypatch, game, Own(gt.SGD(0.1), kind=kind), key=key)
        _same(fast, slow, 1e-12)
        (clock, memory), (t, m) = fast._run.state, slow._run.state
        assert clock.dtype == torch.int64 and clock == t == 330
        torch.testing.assert_close(memory, m, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    "kind, why",
    [
        ("neighbours", "alike and alone"),
        ("order", "alike and alone"),
        ("item", "numbers that vary"),
        ("branch", "numbers that vary"),
        ("numpy", "differs from the ordinary"),
        ("noise", "alike and alone"),
        ("strange", "bessel_j0"),
    ],
)
def test_what_cannot_be_traced_takes_torchs_path(kind, why, key):
    runs = gt.simulate(gt.Bilinear(), Own(gt.SGD(0.1), kind=kind), steps=20, population=3, key=key)
    assert _why(runs).startswith("Step by step in torch") and why in _why(runs)
    again = gt.simulate(gt.Bilinear(), Own(gt.SGD(0.1), kind=kind), steps=20, population=3, key=key)
    assert torch.equal(runs.points, again.points)


def test_huge_and_lost_members_leave_the_others_alone(key):
    start = torch.tensor([[1.0, 1.0], [math.inf, 0.0], [math.nan, 1.0], [1e200, 1e200]])
    rule = gt.Simultaneous(gt.SGD(0.5))
    runs = gt.simulate(DIRAC, rule, steps=800, population=4, start=start, key=key)
    alone = gt.simulate(DIRAC, rule, steps=800, start=(1.0, 1.0), key=key)
    assert torch.equal(runs.points[:1], alone.points)
    assert runs.outcome.tolist()[:3] == ["converged", "diverged", "diverged"]

"""Training as simulation: budgets, probes, checkpoints, members who diverge, errors that say what to do."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.dynamics import run as module
from gantheory.dynamics.failures import explained


DIRAC = gt.DiracGAN(gt.Minimax())
GAN = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)
ADAM = gt.Alternating(gt.Adam(0.01), critic_steps=2)
SGD = gt.Simultaneous(gt.SGD(0.2))


def _run(game=GAN, rule=ADAM, **options):
    return gt.simulate(game, rule, **{"key": gt.Key(0)} | options)


def _same(a: gt.Trajectory, b: gt.Trajectory) -> bool:
    """Whether two runs have the same bits, in what is recorded and in what only goes on."""
    kept = torch.equal(a.points, b.points) and torch.equal(a.losses, b.losses)
    return kept and a.steps.tolist() == b.steps.tolist() and a.outcome.tolist() == b.outcome.tolist()


def _modes(runs) -> gt.Estimate:
    return gt.mode_coverage(runs, runs.game.data, n=100)


# budgets


@pytest.mark.parametrize(
    "budget, steps",
    [
        (gt.Budget(samples=100), 6),  # two critic steps draw 8 each, the generator's none
        (gt.Budget(field_calls=100), 33),
        (gt.Budget(samples=100, field_calls=7), 2),
        (gt.Budget(samples=10**6, seconds=1e-9), 1),
    ],
)
def test_a_budget_is_used_up_and_not_exceeded(budget, steps):
    runs = _run(budget=budget, population=2)
    assert runs.steps.tolist() == [0, steps] and runs.outcome.tolist() == ["out of budget"] * 2
    assert runs.cost.samples == 16 * steps and runs.cost.field_calls == 3 * steps
    assert torch.equal(runs.points, _run(steps=steps, population=2).points)


def test_steps_end_a_run_within_its_budget():
    runs = _run(steps=3, budget=gt.Budget(samples=100))
    assert runs.steps.tolist() == [0, 3] and runs.outcome.tolist() == ["undecided"]
    assert _run(steps=6, budget=gt.Budget(samples=100)).outcome.tolist() == ["undecided"]
    assert _run(steps=7, budget=gt.Budget(samples=100)).outcome.tolist() == ["out of budget"]


def test_what_is_decided_stays_decided_when_the_budget_ends():
    cycling = _run(DIRAC, gt.Alternating(gt.SGD(0.2)), budget=gt.Budget(field_calls=1000), start=(1.0, 1.0))
    assert cycling.outcome.tolist() == ["cycling"] and cycling.steps.tolist() == [0, 500]


@pytest.mark.parametrize("game", [GAN, DIRAC], ids=["steps in torch", "interpreter"])
def test_seconds_end_a_run(game):
    begun = time.perf_counter()
    runs = _run(game, SGD, budget=gt.Budget(seconds=0.2))
    assert time.perf_counter() - begun < 5
    assert runs.cost.seconds >= 0.2 and runs.steps[0] == 0 and runs.steps[-1] > 1
    whole = _run(game, SGD, steps=int(runs.steps[-1]))
    assert torch.equal(runs.points, whole.points)
    decided = np.where(whole.outcome == "undecided", "out of budget", whole.outcome)
    assert runs.outcome.tolist() == decided.tolist()


# probes


@pytest.mark.parametrize("game, rule", [(GAN, ADAM), (DIRAC, SGD)], ids=["steps in torch", "interpreter"])
def test_a_run_with_probes_is_the_run_without(game, rule):
    seen = []

    def radius(runs):
        seen.append(int(runs.steps[-1]))
        assert runs.steps[-1] == runs._run.step and torch.equal(
            runs.points[:, -1], torch.cat(runs.profile, -1)
        )
        return gt.Estimate(runs.points[:, -1].norm(dim=-1).numpy())

    plain = _run(game, rule, steps=70, population=2, record=30)
    probed = _run(game, rule, steps=70, population=2, record=30, probes={"radius": radius})
    assert _same(plain, probed)
    assert seen == [0, 1, 2, 4, 8, 16, 32, 64, 70] == list(probed.probes["radius"])
    every = _run(game, rule, steps=70, population=2, record=1)
    for step, value in probed.probes["radius"].items():
        np.testing.assert_allclose(value.value, every.points[:, step].norm(dim=-1).numpy(), rtol=1e-6)


def test_a_probe_sees_the_outcome_of_a_run_that_ends_there():
    outcomes = {}

    def look(runs):
        outcomes[int(runs.steps[-1])] = runs.outcome[0]
        return gt.Estimate(0.0)

    _run(
        DIRAC, gt.Alternating(gt.SGD(0.2)), steps=2000, start=(1.0, 1.0), probes={"look": look}, probe_at=500
    )
    alone = [
        _run(DIRAC, gt.Alternating(gt.SGD(0.2)), steps=step, start=(1.0, 1.0)).outcome[0] for step in outcomes
    ]
    assert list(outcomes.values()) == alone and "cycling" in alone


def test_probes_are_estimates_and_survive_files(tmp_path):
    runs = _run(steps=20, population=3, probes={"modes": _modes}, probe_at=gt.Values((0, 5, 20)))
    runs.save(tmp_path / "runs.pt")
    found = gt.Trajectory.load(tmp_path / "runs.pt").extend(10, probes={"modes": _modes})
    assert list(found.probes["modes"]) == [0, 5, 20, 30] and list(runs.probes["modes"]) == [0, 5, 20]
    for step, value in runs.probes["modes"].items():
        again = found.probes["modes"][step]
        assert value.shape == (3,) and value.n == again.n == 100
        for name in ("value", "stderr", "floor"):
            assert np.array_equal(getattr(value, name), getattr(again, name))


def test_a_probe_may_keep_what_it_saw():
    kept = []
    _run(steps=9, probes={"keep": lambda runs: kept.append(runs) or gt.Estimate(0.0)}, probe_at=3)
    assert [int(runs.steps[-1]) for runs in kept] == [0, 3, 6, 9]
    assert torch.equal(kept[1].profile[0], _run(steps=3).profile[0])


# members who diverge

WILD = gt.Bilinear(((1.0,) * 5,) * 5)  # ten parameters: stepped in torch
RATES = {"rule.step.rate": gt.Values((0.001, 2.0, 0.002, 3.0))}


def test_diverged_members_rest_and_the_others_go_on(tmp_path):
    options = {"population": 3, "sweep": RATES, "steps": 450, "record": 150}
    going = _run(WILD, gt.Simultaneous(gt.Adam(0.1)), **options)
    stopped = _run(WILD, gt.Simultaneous(gt.Adam(0.1)), **options, stop_diverged=True)
    assert _same(going, stopped), "nobody has diverged"
    going, stopped = (_run(WILD, SGD, **options, stop_diverged=stop) for stop in (False, True))
    assert stopped.outcome.tolist() == going.outcome.tolist() and (stopped.outcome == "diverged").sum() == 6
    calm = stopped.outcome != "diverged"
    torch.testing.assert_close(stopped.points[calm], going.points[calm], rtol=1e-10, atol=1e-12)
    wild = stopped.points[~calm]
    assert torch.equal(wild[:, 1], wild[:, 3]) and not torch.equal(wild[:, 0], wild[:, 1])
    assert not torch.equal(going.points[~calm][:, 2], going.points[~calm][:, 3])
    # and a run in pieces is the whole
    half = _run(WILD, SGD, **options | {"steps": 250}, stop_diverged=True)
    half.save(tmp_path / "half.pt")
    assert torch.equal(gt.Trajectory.load(tmp_path / "half.pt").extend(200).profile[0], stopped.profile[0])


def test_the_others_keep_their_bits_where_members_run_one_by_one():
    """A tape takes every member through by itself, so who else is there changes no bit."""
    rates = gt.Values((1e-3, 1e6, 2e-3, 3e-3))
    game = GAN.replace(generator=gt.MLP(2, (16,), 2), critic=gt.MLP(2, (16,), 1))
    options = {"population": 2, "sweep": {"rule.step.rate": rates}, "steps": 260, "record": 130}
    going, stopped = (
        _run(game, gt.Alternating(gt.SGD(0.1)), **options, stop_diverged=stop) for stop in (False, True)
    )
    if "tape" not in going._run.setup.computed:
        pytest.skip(f"no tape here: {going._run.setup.computed}")
    calm = going.outcome != "diverged"
    assert stopped._run.resting.sum() == 2 == (~calm).sum()
    assert torch.equal(stopped.points[calm], going.points[calm])
    assert torch.equal(stopped.losses[calm], going.losses[calm])


def test_who_rests_is_not_computed():
    sizes, watch = [], module.Monitor.watch

    def watched(self, before, after):
        sizes.append(len(after[0]))
        watch(self, before, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Monitor, "watch", watched)
        _run(WILD, SGD, population=1, sweep=RATES, steps=300, stop_diverged=True)
        assert sizes == [4] * 100 + [2] * 200, "a first window is beyond the start"
        sizes.clear()
        _run(WILD, SGD, sweep={"rule.step.rate": gt.Values((2.0, 3.0))}, steps=300, stop_diverged=True)
        assert sizes == [2] * 100, "all rest"


# checkpoints


@pytest.mark.parametrize("game, rule", [(GAN, ADAM), (DIRAC, SGD)], ids=["steps in torch", "interpreter"])
def test_a_checkpoint_goes_on_to_the_same_bits(game, rule, tmp_path):
    class Stop(Exception):
        pass

    def stop(step, steps):
        if step == 100:
            raise Stop

    options = {"steps": 180, "population": 2, "record": 40}
    path = tmp_path / "run.pt"
    with pytest.raises(Stop):
        _run(game, rule, **options, checkpoint=path, save_every=0, progress=stop)
    assert 0 < gt.Trajectory.load(path)._run.step < 180
    again = _run(game, rule, **options, checkpoint=path)
    assert (
        _same(again, _run(game, rule, **options))
        and again.cost.field_calls == 180 * again._run.each.field_calls
    )
    assert _same(gt.Trajectory.load(path), again), "the end is saved too"
    assert _same(_run(game, rule, **options, checkpoint=path), again), "and read, not run"
    assert _run(game, rule, **options | {"steps": 200}, checkpoint=path).steps[-1] == 200
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


PROGRAM = """
import sys
import gantheory as gt
game = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)
gt.simulate(game, gt.Alternating(gt.Adam(0.01), critic_steps=2), steps=10**9, population=2, checkpoint=sys.argv[1],
            save_every=0.01, key=gt.Key(0))
"""


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    path = tmp_path / "run.pt"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    try:
        while not path.exists() or gt.Trajectory.load(path)._run.step < 20:
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    step = gt.Trajectory.load(path)._run.step
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        options = {"steps": step + 70, "population": 2}
        assert torch.equal(_run(**options, checkpoint=path).profile[1], _run(**options).profile[1])
    finally:
        torch.set_num_threads(before)


def test_another_run_s_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run.pt"
    _run(steps=5, checkpoint=path)
    for other, message in (
        ({"key": gt.Key(1)}, "its key is Key"),
        ({"population": 2}, "its population is 1, not 2"),
        ({"rule": SGD}, "its rule is Alternating"),
        ({"sweep": {"rule.step.rate": gt.Values((0.1,))}}, "its sweep is"),
        ({"start": torch.zeros(sum(GAN.sizes))}, "its start is drawn"),
        ({"stop_diverged": True}, "its stop_diverged is False"),
        ({"steps": 4}, "is at step 5, beyond the 4"),
    ):
        with pytest.raises(ValueError, match=message):
            _run(**{"steps": 9} | other, checkpoint=path)
    with pytest.raises(FileNotFoundError, match="not a file in a folder"):
        _run(steps=5, checkpoint=tmp_path / "none" / "run.pt")
    with pytest.raises(ValueError, match="save_every"):
        _run(steps=5, checkpoint=path, save_every=-1.0)


# what is shown, and what is refused


def test_progress_shows_itself(capsys, monkeypatch):
    from gantheory.dynamics import progress

    _run(steps=60, progress=True)
    assert capsys.readouterr() == ("", ""), "a quick run says nothing where there is no terminal"
    monkeypatch.setattr(progress, "LINE", 0.0)
    _run(steps=60, progress=True)
    assert capsys.readouterr().err.splitlines() == [
        "gantheory: step 50 of 60",
        "gantheory: step 60 of 60",
    ]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _run(steps=60, progress=True)
    assert "60/60" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "needs steps, or a budget"),
        ({"budget": gt.Budget(samples=5)}, "a step takes 16 samples, more than the whole"),
        ({"game": DIRAC, "budget": gt.Budget(samples=5)}, "a budget of samples never ends this run"),
        ({"budget": gt.Budget(seconds=0.1), "record": 5}, "with steps= how many"),
        ({"steps": 9, "probes": {"modes": "mode_coverage"}}, "probes map a name to a function"),
        ({"steps": 9, "probes": {"modes": lambda runs: 8}}, "must return an Estimate"),
        ({"steps": 9, "probes": [_modes]}, "probes map a name to a function"),
        ({"budget": 100}, r"budget must be a Budget, such as Budget\(samples"),
        ({"steps": 9, "key": 0}, r"key must be a Key, such as Key\(0\), got 0"),
        ({"steps": 9, "rule": gt.Adam(0.1)}, r"such as .* and Simultaneous\(Adam.*its rule is Adam"),
        ({"steps": 9, "population": 2.0}, "population must be at least 1, and whole, got 2.0"),
        (
            {"steps": 9, "probes": {"modes": _modes}, "probe_at": gt.Values((10,))},
            "probe_at asks for steps outside",
        ),
    ],
)
def test_wrong_arguments_are_one_clear_error(options, message):
    with pytest.raises(ValueError, match=message):
        _run(**options)


@dataclass(frozen=True)
class Rooted(gt.Distribution):
    """Data whose scale goes through a function of one number."""

    variance: float

    dim: ClassVar[int] = 2

    def sample(self, n, key, *, start=0):
        return math.sqrt(self.variance) * key.normal(n, 2, start=start)

    def facts(self):
        return gt.Tent(2).facts()

    @classmethod
    def examples(cls):
        return [cls(1.0)]


def test_a_field_that_cannot_vary_is_told_so():
    game = GAN.replace(data=Rooted(1.0))
    assert _run(game, steps=2).steps[-1] == 2
    with pytest.raises(ValueError, match=r"a swept field .*run one simulation for each"):
        _run(game, steps=2, sweep={"game.data.variance": gt.Values((1.0, 2.0))})


def test_an_error_in_a_probe_says_which_and_when():
    with pytest.raises(ZeroDivisionError) as caught:
        _run(steps=9, probes={"modes": _modes, "broken": lambda runs: 1 / 0})
    assert caught.value.__notes__ == ["in the probe 'broken', at step 0"]


@pytest.mark.parametrize("limits", [{}, {"samples": 0}, {"seconds": -1.0}, {"samples": 10, "seconds": 0.0}])
def test_a_budget_needs_limits_above_zero(limits):
    with pytest.raises(ValueError, match="at least one limit, and each above 0"):
        gt.Budget(**limits)


def test_what_memory_cannot_hold_is_said_with_what_to_do():
    with pytest.raises(MemoryError, match=r"a step would need .*smaller population, batch or network"):
        _run(GAN.replace(batch=10**13), steps=1)
    # what cannot be known before is torch's to say
    message = r"not enough memory.*smaller population, batch or network"
    with pytest.raises(MemoryError, match=message), explained("a step", GAN):
        torch.empty(10**15)


class Odd(torch.nn.Linear):
    """A module that looks at its numbers."""

    def forward(self, x):
        return super().forward(x) if x.sum() > 0 else super().forward(-x)


def test_a_module_that_cannot_be_vectorised_is_told_so():
    def game(vmap):
        critic = gt.Network("tests.dynamics.test_training:Odd", args=(2, 1), inputs=2, outputs=1, vmap=vmap)
        return GAN.replace(critic=critic)

    with pytest.raises(ValueError, match=r"cannot be computed: vmap.*vmap=False"):
        _run(game(True), steps=2, population=2)
    assert _run(game(False), steps=2, population=2).steps[-1] == 2


def test_networks_that_do_not_fit_are_refused():
    wide = gt.Network("torch.nn:Linear", args=(3, 1))  # says nothing of its inputs
    with pytest.raises(ValueError, match=r"the losses cannot be computed"):
        _run(GAN.replace(critic=wide), steps=1)
    with pytest.raises(ValueError, match=r"a step cannot be computed"):
        _run(GAN.replace(critic=wide), steps=9, record=gt.Values((9,)))
    with pytest.raises(ValueError, match="critic must have inputs=2 for data in 2 dimensions"):
        GAN.replace(critic=gt.MLP(3, (6,), 1))
    with pytest.raises(ValueError, match="has no likelihood"):
        gt.negative_log_likelihood(_run(steps=1), gt.Ring())

"""The simulator: arguments, records, outcomes, memory, files."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt


GAME = gt.DiracGAN(gt.Minimax())
RULE = gt.Simultaneous(gt.SGD(0.2))
GAN = gt.AdversarialGame(gt.MLP(2, (6,), 2), gt.MLP(2, (6,), 1), gt.Ring(), gt.NonSaturating(), batch=8)


def _with_critic(factory, *args):
    nets = gt.MLP(2, (6,), 2), gt.Network(factory, args=args)
    return gt.AdversarialGame(*nets, gt.Ring(), gt.Minimax(), batch=8)


def _run(game=GAME, rule=RULE, **options):
    return gt.simulate(game, rule, **{"steps": 10, "key": gt.Key(0)} | options)


def test_known_starts(key):
    assert _run(start=(1.0, 2.0)).points[0, 0].tolist() == [1.0, 2.0]
    rows = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert torch.equal(_run(start=rows, population=2).points[:, 0], rows.double())
    swept = _run(start=rows, population=2, sweep={"rule.step.rate": gt.Values((0.1, 0.2, 0.3))})
    assert torch.equal(swept.points[:, 0], rows.double().repeat(3, 1))
    assert swept.swept["rule.step.rate"].tolist() == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]


def test_records():
    assert _run().steps.tolist() == [0, 10]
    assert _run(record=4).steps.tolist() == [0, 4, 8, 10]
    assert _run(record=gt.Log(1, 10, 4)).steps.tolist() == [1, 2, 5, 10]
    assert _run(record=1).losses.shape == (1, 11, 2)
    assert _run(steps=0).steps.tolist() == [0]


def test_recorded_points_are_copies():
    """An update in place would make every stored point the last one."""
    points = _run(record=1, start=torch.tensor([[1.0, 1.0]])).points[0]
    assert len({tuple(point) for point in points.tolist()}) == 11


def test_start_is_not_changed():
    start = torch.ones(1, 2, dtype=torch.float64)
    _run(start=start, rule=gt.Alternating(gt.Adam(0.1)))
    assert start.tolist() == [[1.0, 1.0]]


def test_dtypes():
    assert _run().points.dtype == torch.float64
    assert _run(GAN).points.dtype == torch.float64, "below 100 parameters"
    wide = gt.AdversarialGame(gt.MLP(2, (20,), 2), gt.MLP(2, (20,), 1), gt.Ring(), gt.Minimax(), batch=4)
    assert _run(wide).points.dtype == torch.float32
    assert _run(wide, dtype=torch.float64).points.dtype == torch.float64


def test_draws_do_not_depend_on_the_population():
    many = _run(GAN, population=16)._run.setup.member_key.child("step", 3)
    alone = _run(GAN, population=1)._run.setup.member_key.child("step", 3)
    assert torch.equal(GAN.draw(many)[0][:1], GAN.draw(alone)[0])
    assert torch.equal(GAN.draw(many)[1][:1], GAN.draw(alone)[1])


@pytest.mark.parametrize("threads", [1, 2])
def test_resume_is_bitwise(threads, tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        whole = _run(GAN, gt.Alternating(gt.Adam(0.01)), population=3, steps=20)
        half = _run(GAN, gt.Alternating(gt.Adam(0.01)), population=3, steps=9)
        half.save(tmp_path / "half.pt")
        assert torch.equal(gt.Trajectory.load(tmp_path / "half.pt").extend(11).profile[0], whole.profile[0])
    finally:
        torch.set_num_threads(before)


def test_outcomes():
    steps = {"steps": 500, "start": (1.0, 1.0)}
    assert _run(gt.DiracGAN(gt.Wasserstein()), **steps).outcome[0] == "diverged"
    assert _run(rule=gt.Alternating(gt.SGD(0.2)), **steps).outcome[0] == "cycling"
    assert _run(gt.WithPenalty(GAME, gt.R1(0.5)), **steps).outcome[0] == "converged"
    creeping = _run(rule=gt.Simultaneous(gt.SGD(1e-6)), **steps)
    assert creeping.outcome[0] == "undecided", "it repeats its steps, but never turns back"
    assert _run(start=(1.0, 1.0), steps=50).outcome[0] == "undecided", "too short to tell"


@pytest.mark.parametrize("steps", [500, 5000])
def test_fleeing_into_flat_regions_is_no_convergence(steps):
    """Without a penalty simultaneous steps flee the equilibrium; their steps vanish where gradients do."""
    rates = {"rule.step.rate": gt.Log(1e-2, 4, 20)}
    runs = _run(steps=steps, start=(1.0, 1.0), sweep=rates)
    assert "converged" not in runs.outcome
    settled = _run(
        gt.WithPenalty(GAME, gt.R1(1.0)), steps=2000, start=(1.0, 1.0), sweep={"rule.step.rate": [0.1, 0.5]}
    )
    assert settled.outcome.tolist() == ["converged"] * 2 and settled.points[:, -1].abs().max() < 1e-3


def test_divergence_and_nan_are_outcomes():
    runaway = _run(gt.Bilinear(((1e30,),)), gt.Simultaneous(gt.SGD(1e30)), steps=30)
    assert runaway.outcome.tolist() == ["diverged"]
    assert not torch.isfinite(runaway.points[:, -1]).all()
    one = _run(gt.Bilinear(), population=2, start=torch.tensor([[0.0, 0.0], [float("inf"), 0.0]]))
    assert one.outcome.tolist() == ["undecided", "diverged"], "the others go on"


@pytest.mark.parametrize("steps", [50, 400])
def test_a_leap_within_the_first_window_is_divergence(steps, tmp_path):
    """The exponential cost throws one member out to 1e124 at once, where gradients are gone; files tell, too."""
    game, rule = gt.DiracGAN(gt.MaximumLikelihoodCost()), gt.Simultaneous(gt.SGD(50.0))
    runs = _run(game, rule, population=4, steps=steps)
    far = runs.points[:, -1].norm(dim=-1) > 1e6
    assert 0 < far.sum() < 4 and runs.points.isfinite().all()
    assert (runs.outcome == "diverged").tolist() == far.tolist()
    runs.save(tmp_path / "runs.pt")
    assert gt.Trajectory.load(tmp_path / "runs.pt").extend(5).outcome.tolist() == runs.outcome.tolist()
    old = torch.load(tmp_path / "runs.pt", weights_only=True)
    del old["monitor"]["start"]  # of before starts were kept
    torch.save(old, tmp_path / "runs.pt")
    assert gt.Trajectory.load(tmp_path / "runs.pt").points.isfinite().all()


def test_a_step_of_zero_rests():
    runs = _run(rule=gt.Simultaneous(gt.SGD(0.0)), steps=400, start=(1.0, 1.0))
    assert runs.points[0, -1].tolist() == [1.0, 1.0] and runs.outcome[0] == "undecided", (
        "and not at equilibrium"
    )
    assert _run(rule=gt.Simultaneous(gt.SGD(0.0)), steps=400, start=(0.0, 0.0)).outcome[0] == "converged"


def test_user_modules_run_member_by_member(key):
    fast, slow = (
        gt.AdversarialGame(
            gt.MLP(2, (6,), 2),
            gt.Network("torch.nn:Linear", args=(2, 1), inputs=2, outputs=1, vmap=vmap),
            gt.Ring(),
            gt.NonSaturating(),
            batch=8,
        )
        for vmap in (True, False)
    )
    a, b = (
        _run(game, gt.Alternating(gt.Adam(0.01)), population=3, dtype=torch.float64) for game in (fast, slow)
    )
    torch.testing.assert_close(a.points, b.points, rtol=1e-10, atol=1e-12)


def test_too_large_is_refused_with_its_size():
    with pytest.raises(MemoryError, match=r"GiB.*1000000 members x 2 parameters x 1000001 recorded"):
        _run(population=1_000_000, steps=1_000_000, record=1)
    with pytest.raises(MemoryError, match="recorded steps"):
        _run(steps=10**12, record=1)  # and at once: nothing as long as the steps is made before


@pytest.mark.parametrize(
    "options, message",
    [
        ({"population": 0}, "population"),
        ({"steps": -1}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"start": (1.0, 2.0, 3.0)}, "start must be"),
        ({"start": torch.ones(3, 2), "population": 2}, "3 rows for a population of 2"),
        ({"record": 0}, "record"),
        ({"record": True}, "record"),
        ({"record": gt.Linear(0, 100, 3)}, "outside"),
        ({"dtype": torch.int64}, "float32 or torch.float64"),
        ({"sweep": {"step.rate": gt.Linear(0, 1, 2)}}, "'rule.step.rate'"),
        ({"sweep": {"rule.step.speed": gt.Linear(0, 1, 2)}}, "no field 'speed'"),
        ({"sweep": {"rule.step.rate": gt.Linear(-1, 1, 2)}}, "rate of at least 0"),
        ({"sweep": {"game.objective": gt.Linear(0, 1, 2)}}, "cannot vary"),
        ({"rule": gt.Alternating(gt.SGD(0.1), order=("critic", "nobody"))}, "order must name all players"),
        ({"game": "DiracGAN"}, "needs a game"),
        ({"dtype": "float32"}, "float32 or torch.float64"),
        ({"dtype": torch.float16}, "float32 or torch.float64"),
        ({"device": "no such device"}, "cannot be used here"),
        ({"sweep": {("rule.step.rate",): gt.Linear(0, 1, 2)}}, "got the key"),
        ({"game": _with_critic("torch.nn:Linear", 3, 1)}, "losses cannot be computed"),
        ({"game": _with_critic("torch.nn:Linear", 1)}, "cannot call torch.nn:Linear"),
    ],
)
def test_wrong_arguments_are_one_clear_error(options, message):
    with pytest.raises(ValueError, match=message):
        _run(**options)


def test_no_samples_and_no_density_are_said(key):
    with pytest.raises(ValueError, match="makes no samples"):
        _run(gt.Bilinear()).sample(3, key)
    with pytest.raises(ValueError, match="no likelihood"):
        _run(GAN).log_prob(torch.zeros(3, 2))


def test_leaves_as_a_state_dict():
    runs = _run(GAN, population=2)
    module = torch.nn.utils.skip_init(torch.nn.Linear, 2, 6)
    module.load_state_dict(
        {k.removeprefix("0."): v for k, v in runs.state_dict(1)["critic"].items() if k[0] == "0"}
    )
    assert set(runs.state_dict(0)) == {"generator", "critic"}
    assert set(_run(gt.Bilinear()).state_dict(0)) == {"x", "y"}
    with pytest.raises(ValueError, match="member must lie between 0 and 1"):
        runs.state_dict(2)


def test_files_are_refused_clearly(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        gt.Trajectory.load(tmp_path / "none.pt")
    with pytest.raises(FileNotFoundError, match="not a file in a folder"):
        _run().save(tmp_path / "none" / "runs.pt")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(ValueError, match="not a saved trajectory"):
        gt.Trajectory.load(tmp_path / "text.pt")


def test_notebook_faces():
    runs = _run(record=1, population=2)
    assert "<table>" in runs._repr_html_() and "DiracGAN" in repr(runs)
    assert len(runs.plot().data) == 2
    assert len(_run(GAN, population=2).plot().data) == 2
    assert len(_run(gt.Bilinear(((1.0, 2.0),)), record=1).plot().data) == 2


def test_progress_is_told():
    seen = []
    _run(steps=120, progress=lambda step, steps: seen.append((step, steps)))
    assert seen == [(50, 120), (100, 120), (120, 120)]


def test_data_and_game_fields_vary():
    """A population may vary the data: each member's batch has its own scale."""
    sweep = {"game.data.scale": gt.Values((0.01, 0.3)), "game.data.radius": gt.Values((1.0, 2.0))}
    runs = _run(GAN, population=2, sweep=sweep, dtype=torch.float64)
    alone = _run(GAN.replace(data=gt.Ring(scale=0.3, radius=1.0)), population=2, dtype=torch.float64)
    torch.testing.assert_close(runs.points[4:6], alone.points, rtol=1e-10, atol=1e-12)

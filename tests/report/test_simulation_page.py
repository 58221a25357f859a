"""A simulation as a page or a file: what it says, and that it is the run."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest

import gantheory as gt
from gantheory.cli import main
from gantheory.report.simulation import affordable_record, simulation_page
from tests.report.test_report_page import unpack


GAME, RULE = "WithPenalty(DiracGAN(Minimax()), R1(0.3))", "Simultaneous(SGD(0.1))"
SWEEP = ["--sweep", "rule.step.rate=0.1:1:4:log", "--sweep", "game.penalty.weight=0,0.5,1"]


def figures(text: str) -> list[dict]:
    return [
        json.loads(part)
        for part in re.findall(r'<script type="application/json" id="figure-\d+">(.*?)</script>', text)
    ]


def test_a_page_of_orbits(tmp_path, capsys):
    path = tmp_path / "page.html"
    assert main(["simulate", GAME, RULE, "--start", "1,1", "--steps", "800", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    text = path.read_text(encoding="utf-8")
    runs = gt.simulate(gt.parse(GAME), gt.parse(RULE), steps=800, start=(1.0, 1.0), record=2, key=gt.Key(0))
    for part in (repr(runs.game), repr(runs.rule), "Key(seed=0", "w - rate * gradient", "By the interpreter"):
        assert part.replace("'", "&#x27;") in text, part
    assert "http://" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    portrait, distance, losses = figures(text)
    np.testing.assert_allclose(unpack(portrait["data"][1]["x"]), runs.points[0, :, 0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(unpack(distance["data"][0]["y"]), runs.points[0].norm(dim=-1), rtol=1e-6)
    np.testing.assert_allclose(unpack(losses["data"][1]["y"]), runs.losses[0, :, 1], rtol=1e-6)


def test_a_page_of_a_sweep_has_its_map(tmp_path):
    path = tmp_path / "page.html"
    assert main(["simulate", GAME, RULE, "--start", "1,1", *SWEEP, "--steps", "500", "-o", str(path)]) == 0
    sweep = {"rule.step.rate": gt.Log(0.1, 1.0, 4), "game.penalty.weight": gt.Values((0.0, 0.5, 1.0))}
    runs = gt.simulate(
        gt.parse(GAME), gt.parse(RULE), steps=500, start=(1.0, 1.0), sweep=sweep, key=gt.Key(0)
    )
    names = ["converged", "cycling", "diverged", "undecided"]
    chart = figures(path.read_text(encoding="utf-8"))[0]
    found = [names[int(z)] for row in chart["data"][0]["z"] for z in row]
    assert found == runs.outcome.tolist() and len(set(found)) > 1
    assert chart["data"][0]["y"] == pytest.approx(sweep["rule.step.rate"].values())


def test_one_swept_field_is_drawn_against_what_became_of_it():
    sweep = {"rule.step.rate": gt.Log(0.01, 30.0, 300)}
    runs = gt.simulate(
        gt.parse(GAME), gt.parse(RULE), steps=400, start=(1.0, 1.0), sweep=sweep, key=gt.Key(0)
    )
    drawn = figures(simulation_page(runs))[0]
    count = sum(len(unpack(t["x"])) if isinstance(t["x"], dict) else len(t["x"]) for t in drawn["data"])
    assert count == 300 and drawn["layout"]["xaxis"]["type"] == "log"


def test_pages_of_networks_and_of_what_exploded(key):
    gan = gt.AdversarialGame(gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.Minimax(), batch=4)
    runs = gt.simulate(gan, gt.Alternating(gt.Adam(0.01)), steps=20, population=3, record=5, key=key)
    samples, losses = figures(simulation_page(runs))
    assert [cloud["name"] for cloud in samples["data"]] == ["truth", "member 0", "member 1", "member 2"]
    assert len(losses["data"]) == 6
    wild = gt.simulate(gt.Bilinear(), gt.Simultaneous(gt.SGD(9.0)), steps=900, record=1, key=key)
    text = simulation_page(wild)
    assert "diverged" in text and "NaN" not in json.dumps(figures(text))


def test_points_as_files(tmp_path):
    options = [GAME, RULE, "--start", "1,1", *SWEEP, "--steps", "20", "--record", "10", "--population", "2"]
    sweep = {"rule.step.rate": gt.Log(0.1, 1.0, 4), "game.penalty.weight": gt.Values((0.0, 0.5, 1.0))}
    runs = gt.simulate(
        gt.parse(GAME),
        gt.parse(RULE),
        steps=20,
        start=(1.0, 1.0),
        sweep=sweep,
        population=2,
        record=10,
        key=gt.Key(5),
    )
    assert main(["simulate", *options, "--seed", "5", "-o", str(tmp_path / "points.npz")]) == 0
    with np.load(tmp_path / "points.npz", allow_pickle=False) as found:
        assert (found["points"] == runs.points.numpy()).all() and (found["outcome"] == runs.outcome).all()
        assert (
            gt.parse(str(found["game"])) == runs.game
            and (found["rule.step.rate"] == runs.swept["rule.step.rate"]).all()
        )
    assert main(["simulate", *options, "--seed", "5", "-o", str(tmp_path / "points.csv")]) == 0
    with (tmp_path / "points.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24 * 3
    assert [float(row["critic"]) for row in rows] == runs.points[:, :, 1].reshape(-1).tolist()
    assert [float(row["game.penalty.weight"]) for row in rows[::3]] == runs.swept[
        "game.penalty.weight"
    ].tolist()
    assert not list(tmp_path.glob(".*"))


def test_without_a_file_it_is_a_table(capsys):
    assert main(["simulate", GAME, RULE, "--steps", "2000", "--population", "25", "--dtype", "float32"]) == 0
    out = capsys.readouterr().out
    assert "float32" in out and "and 5 more members" in out and "25 converged" in out
    assert repr(gt.parse(GAME)) in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["DiracGun(Minimax())", RULE], "did you mean DiracGAN?"),
        ([RULE, GAME], "simulate needs a game and a rule"),
        ([GAME, "SGD(0.1)"], "simulate needs a game and a rule"),
        ([GAME, RULE, "--start", "1,x"], "--start must be numbers with commas, such as 1,1, but has '1,x'"),
        ([GAME, RULE, "--start", "1,1,1"], "start must be (2,) numbers"),
        ([GAME, RULE, "--sweep", "rule.step.rate"], "--sweep must be FIELD=LOW:HIGH:COUNT"),
        ([GAME, RULE, "--sweep", "rule.step.rate=1:2"], "--sweep must be FIELD=LOW:HIGH:COUNT"),
        ([GAME, RULE, "--sweep", "rule.step.rate=1:2:3:cubic"], "--sweep must be FIELD=LOW:HIGH:COUNT"),
        ([GAME, RULE, "--sweep", "rule.step.rate=0:2:3:log"], "Log needs positive ends"),
        ([GAME, RULE, "--sweep", "rule.step.size=0:2:3"], "no field 'size' in SGD"),
        ([GAME, RULE, "--sweep", "rule.step.rate=-1,2"], "SGD needs a finite rate of at least 0, got -1.0"),
        ([GAME, RULE, "--sweep", "rule.step.rate=1,2", "--sweep", "rule.step.rate=1,2"], "swept twice"),
        ([GAME, RULE, "-o", "page.pdf"], "the ending must be one of .html, .npz, .csv"),
        ([GAME, RULE, "-o", "no/such/page.html"], "not a file in a folder that exists"),
        ([GAME, RULE, "--steps", "-1"], "steps must be a whole number of at least 0"),
        ([GAME, RULE, "--population", "0"], "population must be at least 1"),
        ([GAME, RULE, "--population", "1000000000000"], "this run would need"),
    ],
)
def test_a_mistake_is_one_line(capsys, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("gantheory: ") and err.count("\n") == 1 and message in err
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_by_itself():
    game, rule = gt.parse(GAME), gt.parse(RULE)
    assert affordable_record(game, rule, steps=1000, population=1, start=None, sweep={}) == 3
    assert affordable_record(game, rule, steps=100, population=1, start=None, sweep={}) == 1
    assert affordable_record(game, rule, steps=100, population=300, start=None, sweep={}) is None
    many = {"rule.step.rate": gt.Log(0.1, 1, 200), "game.penalty.weight": gt.Linear(0, 1, 200)}
    assert affordable_record(game, rule, steps=100, population=1, start=None, sweep=many) is None


TRAINED = "WithPenalty(AdversarialGame(MLP(2, (16,), 2), MLP(2, (16,), 1), Ring(), NonSaturating(), batch=32), R1(0.1))"
ADAM = "Alternating(Adam(0.001, beta1=0.5))"


def test_networks_are_trained_from_the_command_line(tmp_path, capsys):
    page, kept = tmp_path / "page.html", tmp_path / "run.pt"
    command = ["simulate", TRAINED, ADAM, "--samples", "1000", "--population", "3", "--checkpoint", str(kept)]
    assert main([*command, "--probe", "mode_coverage", "--probe", "learning_outcome", "-o", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    runs = gt.Trajectory.load(kept)
    assert runs.cost.samples == 31 * 32 and list(runs.probes) == ["mode_coverage", "learning_outcome"]
    samples, coverage, learned = figures(text)
    truth, member = samples["data"][:2]
    assert truth["name"] == "truth" and len(samples["data"]) == 4
    true = gt.Ring().sample(1000, runs.key.child("plot", "truth"))
    np.testing.assert_allclose(unpack(truth["y"]), true[:, 1], rtol=1e-6)
    drawn = runs.sample(1000, runs.key.child("plot"))[0]
    np.testing.assert_allclose(unpack(member["x"]), drawn[:, 0], rtol=1e-6)
    reached = [value.value[1] for value in runs.probes["mode_coverage"].values()]
    assert coverage["data"][1]["y"] == reached and coverage["data"][-1]["name"] == "truth"
    assert set(learned["data"][0]["y"]) == {0.0}
    assert "out of budget" in text and "What was learned" in text and "lost modes" in text
    capsys.readouterr()
    assert main([*command, "--seconds", "100"]) == 0
    out = capsys.readouterr().out
    assert "3 out of budget" in out and "mode_coverage, mean of the members" in out, "from the checkpoint"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [TRAINED, ADAM, "--probe", "mode_cover"],
            "no metric is called 'mode_cover': there are energy_distance",
        ),
        ([GAME, RULE, "--probe", "mode_coverage"], "--probe needs a game with data"),
        ([GAME, RULE, "--samples", "100"], "a budget of samples never ends this run"),
        ([TRAINED, ADAM, "--seconds", "0"], "at least one limit, and each above 0"),
        ([TRAINED.replace("MLP(2, (16,), 1)", "MLP(3, (16,), 1)"), ADAM], "critic must have inputs=2"),
    ],
)
def test_a_mistake_in_training_is_one_line(capsys, arguments, message):
    assert main(["simulate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("gantheory: ") and err.count("\n") == 1 and message in err

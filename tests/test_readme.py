"""What the README shows runs as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gantheory as gt
from tests.contracts.find import concrete


ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
FIRST, RULES, TRAINING, CLAIM, LAWS = PROGRAMS
STUDY = '''
from dataclasses import dataclass
from typing import ClassVar

import gantheory as gt


@dataclass(frozen=True)
class Cell(gt.Noun):
    """A number."""

    number: int


@dataclass(frozen=True)
class MyStudy(gt.Study):
    """Squares of numbers."""

    question: ClassVar[str] = "What are squares?"
    version: ClassVar[int] = 1

    def cells(self, preset):
        return tuple(Cell(i) for i in range(3))

    def measure(self, cell, key):
        return {"square": cell.number**2}

    def findings(self, results):
        rows = [(r.cell.number, r.values["square"]) for r in results]
        return [gt.Finding("Squares", "They grow.", table=(("n", "n^2"), rows))]
'''


def test_the_program_runs(tmp_path):
    (tmp_path / "program.py").write_text(FIRST)
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert "floor" in done.stdout and "cycling" in done.stdout and "converged" in done.stdout


def test_the_program_about_rules_plays_them_all(capsys):
    exec(RULES, {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(str(gt.parse(line.split(" {")[0])) and line.endswith("}") for line in lines)


def test_the_program_about_training_judges_and_knows_likelihoods(capsys):
    exec(TRAINING, {})
    first, *rest = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"(\d (learned|not learned|collapsed|undecided)(, |; lost.*|$))+", first)
    assert "tensor" in rest[0] and "Fact" in rest[-1]


def test_the_program_about_claims_finds_the_counterexample(tmp_path):
    (tmp_path / "my_claims.py").write_text(CLAIM)
    done = subprocess.run(
        [sys.executable, "-W", "error", "my_claims.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.startswith("FAILS") and "instance = ((1.1,),)" in done.stdout, done.stderr


def test_every_model_and_normalisation_stands_in_the_table():
    table = README.split("| kind | models |")[1].split("\n\n")[0]
    public = {kind.__name__ for base in (gt.Model, gt.Normalisation) for kind in concrete(base)}
    assert public <= {*re.findall(r"`(\w+)`", table)}


def test_the_readme_counts_the_claims():
    assert f"The library makes {len(gt.claims.claims())} claims" in README


def test_the_program_about_distributions_prints_what_stands_beside_it(capsys):
    exec(LAWS, {})
    wanted = re.findall(r"print\(.*\)  # (.*)", LAWS)
    assert len(wanted) >= 6 and capsys.readouterr().out.splitlines() == wanted


def test_every_family_of_distributions_stands_in_the_table():
    table = README.split("| kind | families |")[1].split("\n\n")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    listed = re.findall(r"`(\w+)`", " ".join(rows))
    assert sorted(listed) == [family.__name__ for family in concrete(gt.Distribution)]


def _commands() -> list[str]:
    block = README.split("## From the command line")[1].split("A run can be")[0]
    return [line.split("#")[0].strip() for line in block.splitlines() if line.strip().startswith("gantheory")]


@pytest.mark.timeout(600)
def test_the_commands_run(tmp_path):
    np.savetxt(tmp_path / "my_points.csv", np.random.default_rng(0).normal(size=(60, 2)), delimiter=",")
    (tmp_path / "my_study.py").write_text(STUDY)
    (tmp_path / "my_claims.py").write_text(CLAIM)
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    assert len(_commands()) >= 8
    for command in _commands():
        words = shlex.split(command)
        words[0:1] = [sys.executable, "-m", "gantheory.cli"]
        if words[3] == "run" and "--preset" not in words:
            words += ["--preset", "smoke"]
        if words[3] == "check":
            words += ["--examples", "10"]
        done = subprocess.run(
            words, cwd=tmp_path, capture_output=True, text=True, timeout=280, env=environment
        )
        wrong = command.endswith("my_claims.py")  # the README's own is false
        assert done.returncode == wrong, f"{command}: {done.stdout}{done.stderr}"
    assert (tmp_path / "ring.csv").stat().st_size > 1_000_000
    assert (tmp_path / "outputs/tour/report.html").exists() and (
        tmp_path / "outputs/mystudy/report.html"
    ).exists()


def test_the_set_up_is_two_commands():
    assert "    pip install torch==2.13.0 -e . && gantheory run\n" in README
    assert "    pip install torch==2.13.0 -e '.[test]' && pytest\n" in README

"""Claims by the dozen: chosen by name, part or file, in one process or two, on the terminal and as tests."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from gantheory import Key
from gantheory.cli import main
from gantheory.study.survey import Checked, chosen, summary, survey
from tests.claims.toys import AllBelow, MeanOfUniforms, SquaresAverage


MINE = '''
from dataclasses import dataclass
import numpy as np
import gantheory as gt
from gantheory.claims.box import Box, grid

@dataclass(frozen=True)
class Below(gt.Claim):
    """A conjecture."""

    limit: float = 2.5

    statement = "Every number of the box lies below the limit"
    relation = "<="
    box = Box(number=grid(0, 2, 0.1))

    def predicted(self, rows):
        return [self.limit] * len(rows)

    def observed(self, rows, key):
        return np.array(rows)[:, 0]

    @property
    def neighbour(self):
        return Below(limit=1.0) if self.limit == 2.5 else None

wrong = Below(limit=1.5)
'''


@pytest.fixture
def mine(tmp_path) -> Path:
    path = tmp_path / "my_claims.py"
    path.write_text(MINE)
    return path


def test_a_users_file_is_checked(mine, capsys):
    assert main(["check", str(mine), "--examples", "20"]) == 1
    out = capsys.readouterr().out
    assert "Below(limit=2.5)" in out and "wrong" not in out
    assert "Below(limit=1.5) FAILS:" in out and "# needs the definition of Below" in out
    assert "2 claims: 1 HOLDS, 1 FAILS, 0 UNDECIDED; of 1 neighbours 1 fail" in out


def test_parts_and_names_choose():
    parts = {claim.part for claim, _ in chosen(part="B1")}
    assert parts == {"B10", "B11", "B12", "B13", "B14", "B15"}
    assert [type(claim).__name__ for claim, _ in chosen(["ConsensusField"])] == ["ConsensusField"]
    with pytest.raises(ValueError, match="no claim is called Nonsense"):
        chosen(["Nonsense"])
    with pytest.raises(ValueError, match="no claim is in part 'Z'"):
        chosen(part="Z")


def test_verdicts_do_not_hang_on_the_number_of_processes(mine):
    found = chosen(part="B1") + chosen([str(mine)])
    assert len(found) > 8
    alone = {repr(one.verdict.claim): one for one in survey(found, examples=5, key=Key(1))}
    together = {repr(one.verdict.claim): one for one in survey(found, examples=5, key=Key(1), jobs=2)}
    assert alone.keys() == together.keys()
    for name, one in alone.items():
        assert repr(one.verdict.instance) == repr(together[name].verdict.instance)
        assert one.verdict.margin == together[name].verdict.margin


def test_what_is_wrong_is_said():
    (holds,) = survey([(SquaresAverage(), "")], examples=5)
    assert holds.problem == "" and holds.neighbour is None
    (fails,) = survey([(AllBelow(), "")])
    assert "AllBelow(bound=37) FAILS:" in fails.problem
    blind = Checked(holds.verdict, holds.verdict)
    assert "the hunt is blind there" in blind.problem


def test_false_alarms_are_stated():
    (law,) = survey([(MeanOfUniforms(slack=0.2), "")], examples=5)
    assert "1 are statistical, of which a true one FAILS with probability 1e-06 at most" in summary([law])


def test_pytest_collects_a_users_claims(mine):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-q",
        "-rA",
        "--claim-examples",
        "20",
    ]
    if all(entry.value != "gantheory.pytest_plugin" for entry in entry_points(group="pytest11")):
        command += ["-p", "gantheory.pytest_plugin"]
    done = subprocess.run([*command, str(mine)], capture_output=True, text=True, cwd=mine.parent)
    assert done.returncode == 1
    assert "2 passed" in done.stdout and "1 failed" in done.stdout, done.stdout + done.stderr
    assert "PASSED my_claims.py::Below\n" in done.stdout
    assert "PASSED my_claims.py::Below-neighbour\n" in done.stdout
    assert "FAILED my_claims.py::wrong" in done.stdout
    assert "instance = ((2.0,),)" in done.stdout

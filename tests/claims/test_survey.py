"""Claims by the dozen: chosen by name, part or file, in one process or two, on the terminal and as tests."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from multiprocessing import active_children
from pathlib import Path
from time import perf_counter

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
    assert "Below(limit=1.5) FAILS: predicted 1.5, observed 2" in out
    assert f"\n\nBelow = load({os.path.relpath(mine)!r}).Below\n" in out
    assert "2 claims: 1 HOLDS, 1 FAILS, 0 UNDECIDED; of 1 neighbours 1 fail" in out


HEAD = """
from dataclasses import dataclass
import time
import numpy as np
import gantheory as gt
from gantheory.claims import Box, grid

@dataclass(frozen=True)
class Below(gt.Claim):
    number: int = 0
    statement = "Every number of the box is at most 2"
    relation = "<="
    box = Box(number=grid(0, 2, 0.1))
    def predicted(self, rows):
        return [2.0] * len(rows)
    def observed(self, rows, key):
        return np.array(rows)[:, 0]

"""


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("class X(gt.Claim:", 2, "my_claims.py, line 19: invalid syntax"),
        ("x = nump.zeros(3)", 2, "my_claims.py, line 19: NameError: name 'nump' is not defined"),
        ("del Below", 2, "my_claims.py holds no claim: define a subclass of gantheory.Claim"),
        ("class X(gt.Claim): pass\ndel Below", 2, "holds no claim: X lacks observed, predicted"),
        ("@dataclass(frozen=True)\nclass X(Below):\n    limit: float = 1.0\n    def __init__(self, limit): pass",
         2, "X cannot be made: X.__init__() missing 1 required positional argument: 'limit': give its fields defaults"),
        ("class X(Below):\n    def predicted(self, rows):\n        return [1 / 0]", 1,
         'line 21, in predicted\n    return [1 / 0]\n            ~~^~~\n'
         "ZeroDivisionError: division by zero\ninstance: (0.0,) and 255 more rows"),
        ("class X(Below):\n    def predicted(self, rows): return 2.0", 1,
         "predicted and observed must have one shape, but have (1,) and (256,): return as many numbers from both"),
        ("class X(Below):\n    def observed(self, rows, key): rows", 1, "X.observed returned None: return a number"),
        ("class X(Below):\n    def observed(self, rows, key): return np.full(len(rows), np.nan)", 1,
         "X(number=0) FAILS: predicted 2, observed nan; observed is NaN, which stands in no relation"),
        ("class X(Below): relation = '<'", 1, "X.relation must be"),
        ("class X(Below): statement = ''", 1, "X must say what it claims: statement = ..."),
        ("class X(Below): box = None", 1, "X draws nothing: give it a box, or write its instances()"),
    ],
)  # fmt: skip
def test_mistakes_in_a_users_file_are_said_and_cost_no_other_verdict(tmp_path, capsys, text, code, said):
    (tmp_path / "my_claims.py").write_text(HEAD + text)
    assert main(["check", str(tmp_path / "my_claims.py"), "--examples", "5"]) == code
    printed = capsys.readouterr()
    assert said in (printed.err if code == 2 else printed.out)
    assert code == 2 or re.search(r"\n +HOLDS .* Below\(number=0\)\n", printed.out)


def test_the_program_of_a_users_claim_runs_in_a_fresh_python(mine, monkeypatch):
    monkeypatch.chdir(mine.parent)
    (verdict,) = (
        one.verdict for one in survey(chosen([mine.name]), examples=20) if one.verdict.counterexample
    )
    done = subprocess.run(
        [sys.executable, "-c", verdict.counterexample or ""], capture_output=True, text=True, check=True
    )
    assert done.stdout == "predicted [1.5]\nobserved  [2.]\n"


INTERRUPTED = """
class Stopped(Below):
    def observed(self, rows, key):
        raise KeyboardInterrupt
"""


def test_ctrl_c_prints_the_verdicts_so_far(tmp_path, capsys):
    (tmp_path / "my_claims.py").write_text(HEAD + INTERRUPTED)
    page = tmp_path / "page.html"
    assert main(["check", str(tmp_path / "my_claims.py"), "--examples", "5", "--html", str(page)]) == 130
    printed = capsys.readouterr()
    assert "HOLDS" in printed.out and "1 claim: 1 HOLDS" in printed.out and not page.exists()
    assert "stopped after 1 of 2 claims; no page was written" in printed.err


SLOW = """
class Slow(Below):
    def observed(self, rows, key):
        time.sleep(600)
    @classmethod
    def examples(cls):
        return tuple(Slow(number) for number in range(8))
"""


def test_who_has_seen_enough_does_not_wait_for_the_rest(tmp_path):
    (tmp_path / "my_claims.py").write_text(HEAD + SLOW)
    found = chosen([str(tmp_path / "my_claims.py")])
    before, checked = set(active_children()), survey(found, examples=5, jobs=2)
    assert next(checked).verdict.verdict == "HOLDS"
    start = perf_counter()
    checked.close()
    assert perf_counter() - start < 60
    assert set(active_children()) <= before


def test_a_folder_is_no_page(tmp_path, capsys):
    assert main(["check", "OptimalDiscriminator", "--html", str(tmp_path)]) == 2
    assert "is a folder: name the page's file" in capsys.readouterr().err


def test_parts_and_names_choose():
    parts = {claim.part for claim, _ in chosen(part="B1")}
    assert parts == {"B10", "B11", "B12", "B13", "B14", "B15"}
    assert [type(claim).__name__ for claim, _ in chosen(["ConsensusField"])] == ["ConsensusField"]
    with pytest.raises(ValueError, match="no claim is called ConsensusFeld: did you mean ConsensusField"):
        chosen(["ConsensusFeld"])
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
    assert "1 is statistical, of which a true one FAILS with probability 1e-06 at most" in summary([law])


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

"""A file of conjectures, three right and three wrong, as a user's: right verdicts, and counterexamples that run."""

import contextlib
import io
from pathlib import Path

import pytest

from gantheory.study.survey import chosen, survey


FILE = Path(__file__).parent / "conjectures.py"
RIGHT = ["QuarterTurn", "ImportanceMean", "EnergyScales"]
WRONG = ["AdamKeepsToItsRate", "ThreeSamplesAMode", "PeakAtTheBase"]


@pytest.fixture(scope="module")
def verdicts():
    found = list(survey(chosen([str(FILE)]), examples=60))
    assert not [one.error for one in found if one.error]
    return {type(one.verdict.claim).__name__: one for one in found}


def test_the_right_ones_hold_and_the_wrong_ones_fail(verdicts):
    assert {name: one.verdict.verdict for name, one in verdicts.items()} == {
        **dict.fromkeys(RIGHT, "HOLDS"),
        **dict.fromkeys(WRONG, "FAILS"),
    }
    assert verdicts["EnergyScales"].neighbour.verdict == "FAILS"


@pytest.mark.parametrize("name", WRONG)
def test_counterexamples_are_small_and_run_as_they_are_printed(verdicts, name):
    verdict = verdicts[name].verdict
    assert len(repr(verdict.instance)) < 20
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(verdict.counterexample, name, "exec"), {})
    predicted, observed = printed.getvalue().splitlines()
    assert float(predicted.split()[1].strip("[]")) == pytest.approx(verdict.predicted)
    assert float(observed.split()[1].strip("[]")) == pytest.approx(verdict.observed)

"""The hunt, its verdicts and the printed counterexample, on claims whose verdict is known."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scipy import stats

from gantheory import Key, check
from tests.claims.toys import (
    AllBelow,
    Broken,
    EqualMeans,
    MeanOfUniforms,
    NeedleBelow,
    NotANumber,
    Nothing,
    OpenBelow,
    SquaresAverage,
)


HERE = Path(__file__).parent


def test_a_true_inequality_holds_and_its_equality_case_is_found():
    verdict = check(SquaresAverage())
    assert verdict.verdict == "HOLDS"
    assert verdict.examples == 200
    assert verdict.margin == pytest.approx(1e-12, rel=1e-3)
    assert verdict.counterexample is None


def test_a_false_claim_shrinks_to_its_smallest_counterexample():
    verdict = check(AllBelow(bound=37))
    assert verdict.verdict == "FAILS"
    assert verdict.instance == (37,)
    assert (verdict.predicted, verdict.observed) == (36.0, 37.0)
    assert verdict.margin < 0


def test_the_search_steers_towards_the_smallest_margin():
    # 200 blind draws would meet the 1 in 5000 that fail with probability 4 percent
    found = [check(NeedleBelow(), examples=400, key=Key(seed)).verdict for seed in range(5)]
    assert found.count("FAILS") >= 4


def test_nothing_to_draw_is_undecided():
    verdict = check(Nothing())
    assert (verdict.verdict, verdict.instance, verdict.reason) == (
        "UNDECIDED",
        None,
        "no instance could be drawn",
    )


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (MeanOfUniforms(slack=0.2), "HOLDS"),
        (MeanOfUniforms(slack=0.0), "UNDECIDED"),
        (MeanOfUniforms(factor=2.0), "FAILS"),
    ],
)
def test_statistical_claims_are_decided_by_their_interval(claim, expected):
    verdict = check(claim, examples=20)
    assert verdict.verdict == expected
    assert bool(verdict.reason) == (expected == "UNDECIDED")


def test_an_undecided_claim_says_how_many_more_samples_would_decide():
    """Of n uniform numbers whose mean misses 1/2 + slack by d, (z sd / d)^2 are wanted."""
    verdict = check(MeanOfUniforms(slack=0.01), examples=20)
    assert verdict.verdict == "UNDECIDED"
    said, had = re.search(r"about (\S+) more samples than its (\d+)", verdict.reason).groups()
    z = stats.norm.isf(MeanOfUniforms.false_alarm / 20 / 2)
    needed = (z * math.sqrt(1 / 12) / (verdict.predicted - verdict.observed)) ** 2 - int(had)
    assert float(said) == pytest.approx(needed, rel=0.15)  # its own spread, and two digits


def test_no_number_of_samples_shows_equality():
    verdict = check(EqualMeans(), examples=20)
    assert verdict.verdict == "UNDECIDED" and "say within which tolerance they are" in verdict.reason


def test_an_open_question_never_holds_but_can_fail():
    found = check(OpenBelow(bound=20_000))
    assert (found.verdict, found.reason) == (
        "UNDECIDED",
        "an open question: no counterexample was found",
    )
    assert str(found).endswith("\n  more is measured by: gantheory run studies/convergence.py")
    assert check(OpenBelow()).verdict == "FAILS"


def test_nan_is_a_failure_and_not_an_agreement():
    verdict = check(NotANumber())
    assert (verdict.verdict, verdict.instance, verdict.margin) == ("FAILS", (0,), float("-inf"))


def test_errors_of_the_claim_pass():
    with pytest.raises(ZeroDivisionError, match="own mistake"):
        check(Broken())


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match="examples must be at least 1, got 0"):
        check(SquaresAverage(), examples=0)


@pytest.mark.parametrize("claim", [SquaresAverage(), AllBelow(), MeanOfUniforms()])
def test_equal_keys_give_equal_verdicts(claim):
    assert check(claim, key=Key(3)) == check(claim, key=Key(3))


def test_different_keys_search_differently():
    margins = {check(NeedleBelow(bound=1), examples=5, key=Key(seed)).margin for seed in range(4)}
    assert len(margins) > 1


DRAWS = """
import sys
sys.path[:0] = {paths!r}
{extra}
from gantheory import Key, check
from toys import NeedleBelow
print(check(NeedleBelow(), examples=40, key=Key(1)).instance)
"""


def test_draws_do_not_depend_on_loaded_modules_and_leave_no_files(tmp_path):
    """Hypothesis would otherwise harvest the constants of every local module."""
    (tmp_path / "constants.py").write_text("\n".join(f"x{i} = {1000 + i}" for i in range(3000)))
    (tmp_path / "cwd").mkdir()
    printed = []
    for extra in ("", "import constants"):
        code = DRAWS.format(paths=[str(HERE), str(tmp_path), *filter(None, sys.path)], extra=extra)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=tmp_path / "cwd"
        )
        assert done.stderr == ""
        printed.append(done.stdout)
    assert printed[0] == printed[1] != ""
    assert os.listdir(tmp_path / "cwd") == []


def test_the_counterexample_is_a_program():
    text = check(AllBelow(bound=5)).counterexample
    assert text is not None
    assert "from tests.claims.toys import AllBelow" in text
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, cwd=HERE, env=_with_path()
    )
    assert done.stdout == "predicted [4]\nobserved  [5.]\n", done.stderr


def test_a_class_without_an_address_is_named_in_the_program():
    class Local(AllBelow):
        pass

    text = check(Local()).counterexample
    assert text is not None
    assert "# needs the definition of " in text


def test_a_verdict_reads_as_a_line():
    line, *rest = str(check(AllBelow(bound=5))).splitlines()
    assert line.startswith("FAILS     AllBelow(bound=5): ")
    assert "predicted 4, observed 5, margin -0.25" in line
    assert 'print("predicted", claim.predicted(instance))' in rest


def _with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

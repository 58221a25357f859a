"""Running studies: resume, failures, killed workers, and the same values whatever runs them."""

from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path

import numpy as np
import pytest

import gantheory as gt
from gantheory.study import Failure, Store, find, load, study_in
from gantheory.study.cell import Outcome
from gantheory.study.progress import Pace, Progress, duration
from tests.study.studies_for_tests import Square, Squares, Trouble
from tests.study.test_study_records import same


HERE = Path(__file__).parent


def run(study, **options) -> gt.Results:
    return gt.run(study, **{"preset": "smoke", "progress": False, **options})


def test_results_come_in_the_order_of_the_cells(tmp_path):
    results = run(Squares(), output=tmp_path)
    assert [r.values["square"] for r in results] == [0, 1, 4]
    assert results.failures == results.missing == results.notes == ()
    assert results[0].about["environment"]["torch"] and results[0].about["key"] == repr(gt.Key(0))


def test_a_second_run_measures_nothing(tmp_path):
    first = run(Squares(), output=tmp_path)
    again = run(Squares(), output=tmp_path)
    assert [r.about["finished"] for r in first] == [r.about["finished"] for r in again]
    assert [r.seconds for r in first] == [r.seconds for r in again]


def test_a_larger_preset_uses_the_smaller_one(tmp_path):
    first = run(Squares(), output=tmp_path)
    larger = run(Squares(), output=tmp_path, preset="small")
    assert len(larger) == 6 and [r.seconds for r in larger[:3]] == [r.seconds for r in first]


def test_two_processes_measure_what_one_does(tmp_path):
    one, two, none = (
        run(Squares(), output=tmp_path / "1"),
        run(Squares(), output=tmp_path / "2", jobs=2),
        run(Squares()),
    )
    for results in (two, none):
        assert [r.cell for r in results] == [r.cell for r in one]
        assert all(same(dict(a.values), dict(b.values)) for a, b in zip(one, results))


def test_another_key_is_refused_in_the_same_folder(tmp_path):
    run(Squares(), output=tmp_path)
    with pytest.raises(ValueError, match="another output folder"):
        run(Squares(), output=tmp_path, key=gt.Key(1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_is_listed_and_tried_again_and_stops_nothing(tmp_path, jobs):
    flag = tmp_path / "flag"
    flag.touch()
    study = Squares(
        (
            Trouble("raise while the flag is there", str(flag)),
            Trouble("exit", ""),
            Trouble("return an object", ""),
        )
    )
    results = run(study, output=tmp_path / "out", jobs=jobs)
    assert [r.cell for r in results] == [Square(0), Square(1), Square(2)]
    reasons = [failure.reason for failure in results.failures]
    assert reasons[0] == "RuntimeError: the flag is there" and "SystemExit" in reasons[1]
    assert "a record cannot keep" in reasons[2] and len(reasons) == 3
    assert "studies_for_tests.py" in results.failures[0].traceback
    flag.unlink()
    results = run(study, output=tmp_path / "out", jobs=jobs)
    assert len(results) == 4 and len(results.failures) == 2
    assert len(list((tmp_path / "out" / "failures").iterdir())) == 2


def test_a_killed_worker_costs_only_a_second_try(tmp_path):
    study = Squares((Trouble("die once", str(tmp_path / "flag")),))
    results = run(study, output=tmp_path / "out", jobs=2)
    assert len(results) == 4 and results.failures == ()


def test_a_cell_that_kills_its_worker_twice_fails_alone(tmp_path):
    study = Squares((Trouble("die always", ""), Trouble("fine", "")))
    results = run(study, output=tmp_path / "out", jobs=2)
    assert [f.cell.kind for f in results.failures] == ["die always"]
    assert "died twice" in results.failures[0].reason and len(results) == 4


@dataclasses.dataclass(frozen=True)
class Loose:
    """A cell that is no noun: its text has the list in place of the tuple that parse reads."""

    items: object


@dataclasses.dataclass(frozen=True)
class Strange(Squares):
    cell: str = "loose"

    def cells(self, preset):
        return {"loose": (Loose([1]),), "twice": (Square(1), Square(1)), "text": ("Square(1)",)}[self.cell]


@pytest.mark.parametrize(
    ("cell", "message"),
    [("loose", "does not read back"), ("twice", "more than once"), ("text", "frozen dataclass")],
)
def test_cells_that_are_not_their_texts_are_refused(cell, message):
    with pytest.raises(ValueError, match=message):
        run(Strange(cell=cell))


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="jobs"):
        run(Squares(), jobs=0)
    with pytest.raises(ValueError, match="preset must be one of smoke, small, full"):
        run(Squares(), preset="huge")


def test_a_study_of_an_interactive_session_runs_in_this_process_alone(monkeypatch):
    monkeypatch.setattr(Squares, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "__file__", None, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "Squares", Squares, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "Square", Square, raising=False)
    with pytest.raises(ValueError, match="write it to a file"):
        run(Squares(), jobs=2)


def test_the_study_of_a_file_is_found(tmp_path):
    assert repr(find(str(HERE / "kill_study.py"))) == "Waiting()"
    assert study_in(load(HERE / "studies_for_tests.py")).question.startswith("What is")
    head = "from tests.study.studies_for_tests import *\nfrom dataclasses import dataclass\n"
    two = head + "class A(Squares): pass\nclass B(Squares): pass\n"
    needs = head + "@dataclass(frozen=True)\nclass A(gt.Study):\n    a: int\n"
    needs += "    cells = measure = findings = lambda self, *a: ()\n"
    for text, message in (
        ("x = 1\n", "found none"),
        (two, "found A, B"),
        (needs, "study = A"),
        ("x = (\n", "line 1"),
    ):
        path = tmp_path / "file.py"
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            find(str(path))
    path.write_text(two + "study = B()\n")
    assert type(find(str(path))).__name__ == "B"
    with pytest.raises(FileNotFoundError, match="no file"):
        find(str(tmp_path / "none.py"))
    with pytest.raises(ValueError, match="cannot import"):
        find("no_such_module")


def test_results_are_a_table():
    results = run(Squares())
    frame = results.to_pandas()
    assert list(frame.columns) == [
        "cell",
        "number",
        "square",
        "mean",
        "mean_stderr",
        "mean_floor",
        "half.low",
        "seconds",
    ]
    assert frame["square"].tolist() == [0, 1, 4] and frame["half.low"].tolist() == [-np.inf] * 3
    assert float(results[1].values["mean"]) == frame["mean"][1]
    assert "<td>4</td>" in results._repr_html_()


def test_results_without_pandas_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"gantheory\[pandas\]"):
        run(Squares()).to_pandas()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_results_are_exported(tmp_path, suffix):
    import pandas

    path = tmp_path / f"results.{suffix}"
    results = run(Squares())
    results.export(path)
    back = pandas.read_csv(path) if suffix == "csv" else pandas.read_parquet(path)
    pandas.testing.assert_frame_equal(back, results.to_pandas(), check_dtype=False)
    with pytest.raises(ValueError, match="exported to"):
        results.export(tmp_path / "results.xlsx")


def test_results_are_selected_by_cell(tmp_path):
    results = run(Squares((Trouble("fine", ""),)), output=tmp_path)
    assert [r.cell for r in results.select(Trouble)] == [Trouble("fine", "")]
    assert len(results.select(Square)) == 3
    assert [r.cell.number for r in results.select(Square).select(lambda cell: cell.number > 0)] == [1, 2]


def test_the_time_left_follows_the_classes_of_cells():
    done = (gt.Result(Square(0), {}, 2.0), gt.Result(Square(1), {}, 4.0))
    left = gt.Results(done, (Failure(Square(2), ""),), (Square(3), Trouble("new", "")))
    pace = Pace(left)
    assert np.isnan(pace.remaining()), "nothing is known of the slow class yet"
    pace.finished(Outcome(repr(Trouble("new", "")), 100.0))
    assert pace.remaining() == pytest.approx(2 * 3.0)
    assert (
        np.isnan(Pace(gt.Results((), (), (Square(0),))).remaining()) and Pace(gt.Results(())).remaining() == 0
    )


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_every_cell(monkeypatch, terminal):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(gt.Results((), (), (Square(0), Square(1))), jobs=1) as display:
        display.finished(Outcome(repr(Square(0)), 0.5))
        display.finished(Outcome(repr(Square(1)), 0.5, "ValueError: [red] no"))
    text = stream.getvalue()
    assert "2/2" in text and "FAILED Square(number=1): 500 ms: ValueError: [red] no" in text


def test_a_duration_of_no_time_is_short():
    assert duration(0.0) == "0 ms"


def test_a_study_with_no_cells_left_out_reads_from_its_store(tmp_path):
    run(Squares(), output=tmp_path)
    assert len(Store(tmp_path).read(Squares(), [Square(2), Square(8)])) == 1

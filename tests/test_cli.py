"""The command line: quick, clear about mistakes, and each verb does what it says."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gantheory as gt
from gantheory import cli
from gantheory.cli import main
from gantheory.cli_show import exported


STUDY = str(Path(__file__).parent / "report" / "study_for_report.py")
FINE = """
from dataclasses import dataclass
from tests.report.study_for_report import ManyThings, Point

@dataclass(frozen=True)
class Fine(ManyThings):
    fails: bool = False
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def test_help_is_quick():
    times = []
    for _ in range(5):
        start = time.perf_counter()
        answer = python("-m", "gantheory.cli", "--help")
        times.append(time.perf_counter() - start)
        assert answer.returncode == 0 and "status" in answer.stdout and "\x1b" not in answer.stdout
    assert min(times) < 0.3


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["list", "nonsense"]])
def test_no_torch_is_imported_before_a_verb_runs(arguments):
    program = (
        f"import sys; from gantheory.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'scipy', 'pandas', 'plotly'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    answer = python("-c", program)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nothing.py"], "no file 'nothing.py'"),
        (["run", STUDY, "--data", "nothing.csv"], "nothing.csv: no such file"),
        (["run", STUDY, "-j", "0"], "jobs must be at least 1, got 0"),
        (["status", "nowhere"], "no records in 'nowhere'"),
        (["report", "nowhere"], "no records in 'nowhere'"),
        (["sample", "Rong()", "-n", "5", "-o", "x.csv"], "did you mean Ring?"),
        (["sample", "MLP(2, (4,), 1)", "-n", "5", "-o", "x.csv"], "is not a distribution"),
        (["sample", "Ring()", "-n", "0", "-o", "x.csv"], "at least 1, got 0"),
        (["sample", "Ring()", "-n", "5", "-o", "x.txt"], "cannot write .txt"),
        (["sample", "Ring()", "-n", "5", "-o", "no/such/folder/x.csv"], "no such folder"),
        (["sample", "Ring()", "-n", "5", "-o", "/proc/x.csv"], "and 0 GiB are free"),
        (["sample", "Ring()", "-n", "5", "-o", "/dev/null/x.csv"], "no such folder: /dev/null"),
        (["sample", "Ring(", "-n", "5", "-o", "x.csv"], "cannot read 'Ring('"),
        (
            ["sample", "Ring()", "-n", "5", "-o", "x", "--splits", "0.8,many"],
            "such as 0.8,0.1,0.1, but has 'many'",
        ),
        (["sample", "Ring()", "-n", "50", "-o", "x", "--splits", "0.8,0.1"], "add up to 0.9"),
        (["sample", "Ring()", "-n", "3", "-o", "x"], "leaves no row for"),
        (["sample", "Ring()", "-n", "1000000000000000", "-o", "x.npy"], "would take 7.45e+06 GiB, and"),
        (["sample", "Ring()", "-n", "5"], "needs a distribution, -n and -o"),
        (["sample", "Ring()", "--verify", "x"], "--verify takes a folder and nothing else"),
        (["sample", "--verify", "."], "has no card.json"),
        (["check", "NoClaim"], "no claim is called NoClaim: a file of your own ends in .py"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(capsys, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("gantheory: ") and err.count("\n") == 1 and message in err
    assert list(tmp_path.iterdir()) == []


def test_debugging_shows_the_traceback(monkeypatch):
    monkeypatch.setenv("GANTHEORY_DEBUG", "1")
    with pytest.raises(FileNotFoundError):
        main(["status", "nowhere"])


@pytest.mark.parametrize("arguments", [["bogus"], ["run", "--preset", "huge"], ["sample", "Ring()"]])
def test_wrong_usage_exits_with_2(capsys, arguments):
    assert main(arguments) == 2


def test_a_full_disk_is_one_line(capsys, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["run", STUDY, "-j", "1", "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "gantheory: [Errno 28] No space left on device"
    assert list(tmp_path.rglob(".tmp-*")) == []


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m gantheory.cli list metrics | head -n 1"
    answer = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert "Traceback" not in answer.stderr and answer.stdout.startswith("name")


def test_a_study_is_run_resumed_shown_and_reported(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fine.py").write_text(FINE)
    assert main(["run", "fine.py", "--dry-run"]) == 0
    assert "12 cells, 0 finished, 12 to do: an unknown time" in capsys.readouterr().out
    assert not (tmp_path / "outputs").exists()
    assert main(["run", "fine.py"]) == 0
    out, err = capsys.readouterr()
    page = tmp_path / "outputs" / "fine" / "report.html"
    assert out == "outputs/fine/report.html\n" and err.count("[") == 12
    text = page.read_text()
    assert main(["run", "fine.py", "--dry-run"]) == 0 and main(["status", "outputs/fine"]) == 0
    out = capsys.readouterr().out
    assert "12 finished, 0 to do: 0 ms" in out and "small: 12 of 12 cells" in out
    page.unlink()
    assert main(["report", "outputs/fine"]) == 0
    assert page.read_text() == text
    (tmp_path / "fine.py").rename("moved.py")
    assert main(["report", "outputs/fine"]) == 2
    assert "it was there when Fine(fails=False) was measured" in capsys.readouterr().err
    assert main(["report", "outputs/fine", "--study", "moved.py", "-o", "other.html"]) == 0
    assert (tmp_path / "other.html").exists()


def test_a_run_with_failures_exits_with_1_and_is_retried(capsys, tmp_path):
    for _ in range(2):
        assert main(["run", STUDY, "-o", str(tmp_path)]) == 1
        err = capsys.readouterr().err
        assert "FAILED Point(rule='</script><script>broken', rate=1.0)" in err and "1 cell failed" in err
    assert main(["status", str(tmp_path)]) == 0
    assert "1 failure\n" in capsys.readouterr().out


def test_another_seed_needs_another_folder(capsys, tmp_path):
    (tmp_path / "fine.py").write_text(FINE)
    command = ["run", str(tmp_path / "fine.py"), "-o", str(tmp_path / "out")]
    assert main(command) == 0
    assert main([*command, "--seed", "1"]) == 2
    assert "use another output folder" in capsys.readouterr().err


def test_check_prints_a_verdict_for_every_claim(capsys):
    assert main(["check", "OptimalDiscriminator", "--examples", "5"]) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"\nA01   HOLDS      \S+ +\S+  FAILS      OptimalDiscriminator\(jsd_multiple=2.0\)\n", out
    )


def test_check_of_a_false_claim_prints_its_counterexample(capsys, monkeypatch):
    from gantheory.study import survey

    false = gt.OptimalDiscriminator().neighbour
    assert false is not None
    monkeypatch.setattr(survey, "claims", lambda: (false,))
    assert main(["check", "--examples", "5", "--jobs", "1"]) == 1
    assert f"{false!r} FAILS:" in capsys.readouterr().out


def test_list_shows_each_exported_class_once(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for word in ("Ring", "MLP", "DiracGAN", "Minimax", "R1", "Alternating", "SGD", "energy_distance"):
        assert word in out
    assert main(["list", "distributions"]) == 0
    assert "MLP" not in capsys.readouterr().out


def test_list_finds_whatever_can_be_made():
    kinds = cli.Kind.__args__
    found = [name for kind in kinds for name, _ in exported(kind)]
    assert len(found) == len(set(found))
    for name in set(gt.__all__) - set(found):
        value = getattr(gt, name)
        noun = isinstance(value, type) and dataclasses.is_dataclass(value) and hasattr(value, "examples")
        assert not noun or value.__abstractmethods__, f"{name} is in no list"


def test_info_says_what_computes_and_why(capsys):
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    from gantheory.ops import native

    assert gt.__version__ in out and native.backend() in out
    assert " ".join(native.reason().split()) in " ".join(out.split())


def test_the_command_is_installed_under_its_name():
    from importlib.metadata import entry_points

    [entry] = [e for e in entry_points(group="console_scripts") if e.name == "gantheory"]
    assert entry.load() is main

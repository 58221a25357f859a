"""Runs that are killed or interrupted at any moment lose no finished cell, and the same command resumes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gantheory.cli import main
from gantheory.study import Store, cells_of
from tests.study.kill_study import Waiting


STUDY = Path(__file__).with_name("kill_study.py")
DEADLINE = 60.0  # seconds: far beyond what any wait here takes


def committed(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "records").glob("??/*.json")}


def wait_until(condition: Callable[[], bool]) -> None:
    """Ask often until it is so; a fixed sleep would be too short on some day and too long on all others."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.0005)


def arguments(folder: Path, jobs: int, preset: str) -> list[str]:
    return ["run", str(STUDY), "--preset", preset, "-o", str(folder), "-j", str(jobs)]


def start(folder: Path, log: Path, *, jobs: int, preset: str) -> subprocess.Popen[str]:
    """Start the command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "gantheory.cli", *arguments(folder, jobs, preset)],
        env={**os.environ, "KILL_STUDY_LOG": str(log)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


ZYGOTE = """
import os, sys
import gantheory.report, gantheory.study.preload
from gantheory.cli import main
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(main(line.split()))
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Zygote:
    """A process that has imported everything and forks for every run: 40 starts in seconds."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.into, self.out = self.process.stdin, self.process.stdout

    def start(self, folder: Path) -> int:
        print(*arguments(folder, 1, "full"), file=self.into, flush=True)
        pid = int(self.out.readline())
        wait_until(lambda: os.getpgid(pid) == pid)
        return pid

    def ended(self) -> int:
        return int(self.out.readline())

    def close(self) -> None:
        self.process.communicate()


def lines(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


def kill_once(folder: Path, log: Path, zygote: Zygote, *, real: bool, wait: bool, delay: float) -> None:
    """Start the study and kill its process group ``delay`` seconds after its start or its first commit."""
    before = len(committed(folder))
    process = start(folder, log, jobs=2, preset="full") if real else None
    pid = process.pid if process else zygote.start(folder)
    if wait:
        wait_until(lambda: len(committed(folder)) > before)
    time.sleep(delay)
    os.killpg(pid, signal.SIGKILL)
    if process:
        process.communicate()
    code = process.returncode if process else zygote.ended()
    assert code == -signal.SIGKILL, "the study was over before it was killed"


def test_forty_kills_lose_no_finished_cell(tmp_path, monkeypatch):
    folder, log, moments = tmp_path / "out", tmp_path / "log", random.Random(20260101)
    names = {Store.name(Waiting(), cell): cell.index for cell in cells_of(Waiting(), "full")}
    monkeypatch.setenv("KILL_STUDY_LOG", str(log))
    zygote = Zygote()
    kept: set[str] = set()
    in_flight = 0
    for kill in range(40):
        real = kill % 20 == 0  # these pay for a new interpreter, and have two workers
        seen, delay = len(lines(log)), moments.uniform(0, 0.06)
        kill_once(folder, log, zygote, real=real, wait=kill % 4 != 1, delay=delay)
        now = committed(folder)
        assert kept <= now, "a finished cell was lost"
        again = {names[name] for name in kept} & set(lines(log)[seen:])
        assert not again, "a finished cell was computed again"
        kept, in_flight = now, in_flight + (2 if real else 1)
    zygote.close()
    assert main(arguments(folder, 1, "full")) == 0
    assert committed(folder) == set(names)
    assert list(folder.rglob(".tmp-*")) == [] and not (folder / "lock").exists()
    assert not (folder / "corrupt").exists()
    assert len(lines(log)) <= len(names) + in_flight, "more ran twice than was in flight"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_to_the_group_finishes_the_running_cells(tmp_path, number, code, jobs):
    folder, log = tmp_path / "out", tmp_path / "log"
    process = start(folder, log, jobs=jobs, preset="full")
    wait_until(lambda: len(committed(folder)) > 2)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=DEADLINE)
    assert process.returncode == code, errors
    assert "interrupted: the same command resumes" in errors and "Traceback" not in errors
    begun = lines(log)
    assert len(committed(folder)) == len(begun) < 200, "a cell that had begun was not finished"
    assert not (folder / "lock").exists() and list(folder.rglob(".tmp-*")) == []
    if jobs == 1 and number == signal.SIGINT:
        assert main(arguments(folder, 1, "full")) == 0
        assert len(committed(folder)) == 200


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_signal_ends_at_once(tmp_path, monkeypatch, jobs):
    monkeypatch.setenv("KILL_STUDY_SLOW", "1")
    folder, log = tmp_path / "out", tmp_path / "log"
    process = start(folder, log, jobs=jobs, preset="smoke")
    wait_until(lambda: len(lines(log)) == jobs)
    os.killpg(process.pid, signal.SIGINT)
    assert process.stderr is not None
    while "once more to kill" not in process.stderr.readline():
        pass
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130 and "killed: the same command resumes" in errors
    assert committed(folder) == set() and not (folder / "lock").exists()


def test_workers_end_with_a_runner_that_is_killed_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("KILL_STUDY_SLOW", "1")
    process = start(tmp_path / "out", tmp_path / "log", jobs=2, preset="smoke")
    wait_until(lambda: len(lines(tmp_path / "log")) == 2)
    process.kill()
    process.communicate(timeout=DEADLINE)  # the pipes close when the last of the workers is gone
    assert len(lines(tmp_path / "log")) == 2

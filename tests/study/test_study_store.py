"""The store: the first commit wins, what is there stays, and only one process writes."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gantheory.study import Store, status
from gantheory.study.lock import holder, lock
from gantheory.study.records import Record
from tests.study.studies_for_tests import Square, Squares


def record(cell: Square | None = None, **changes) -> Record:
    fields = {
        "study": repr(Squares()), "version": 1, "cell": repr(cell or Square(1)), "key": "Key(seed=0, path=())",
        "source": str(Path(__file__).with_name("studies_for_tests.py")), "values": {"square": 1},
        "seconds": 0.1, "finished": "2026-01-01T00:00:00+00:00", "environment": {},
    }  # fmt: skip
    return Record(**{**fields, **changes})


def commit(store: Store, one: Record) -> None:
    store.commit(one.name, one.to_text())


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(tmp_path / "out")
    with store.lock():
        return store


def temporaries(folder: Path) -> list[Path]:
    return list(folder.rglob(".tmp-*"))


def test_a_committed_cell_is_read_back(store):
    commit(store, record())
    results = store.read(Squares(), [Square(0), Square(1)])
    assert [r.cell for r in results] == [Square(1)] and results[0].values == {"square": 1}
    assert results.missing == (Square(0),)
    name = record().name
    assert (store.folder / "records" / name[:2] / f"{name}.json").is_file()
    assert temporaries(store.folder) == []


def test_the_first_commit_wins(store):
    commit(store, record())
    commit(store, record(values={"square": 2}))
    assert store.read(Squares(), [Square(1)])[0].values == {"square": 1}
    assert temporaries(store.folder) == []


def test_another_version_is_another_record(store):
    commit(store, record(version=2))
    assert store.read(Squares(), [Square(1)]).missing == (Square(1),)


def test_a_failure_stays_until_the_cell_succeeds(store):
    name = record().name
    store.fail(name, repr(Square(1)), "Traceback\nValueError: no")
    [failure] = store.read(Squares(), [Square(1)]).failures
    assert (failure.cell, failure.reason) == (Square(1), "ValueError: no")
    assert [f.cell for f in store.failures()] == [repr(Square(1))]
    commit(store, record())
    assert store.read(Squares(), [Square(1)]).failures == () == tuple(store.failures())


@pytest.mark.parametrize("damage", [b"", b'{"gantheory record": 1', b"\xff\xfe\x00", b'{"other": 2}'])
def test_a_damaged_record_is_set_aside_and_measured_again(store, damage):
    commit(store, record())
    store.path(record().name).write_bytes(damage)
    results = store.read(Squares(), [Square(1)])
    assert results.missing == (Square(1),) and "could not be read" in results.notes[0]
    [aside] = (store.folder / "corrupt").iterdir()
    assert aside.read_bytes() == damage
    commit(store, record())
    assert len(store.read(Squares(), [Square(1)])) == 1


def test_a_record_under_a_wrong_name_is_not_believed(store):
    commit(store, record())
    other = store.path(record(Square(2)).name)
    other.parent.mkdir(exist_ok=True)
    store.path(record().name).rename(other)
    assert store.read(Squares(), [Square(2)]).missing == (Square(2),)


def test_temporaries_of_a_killed_run_are_removed(store):
    for folder in ("records", "failures"):
        (store.folder / folder).mkdir(exist_ok=True)
        (store.folder / folder / ".tmp-host-1-abc").write_text("torn")
    store.clean()
    assert temporaries(store.folder) == []


def test_the_lock_refuses_a_second_runner_in_this_and_in_another_process(tmp_path):
    path = tmp_path / "lock"
    program = f"from gantheory.study.lock import lock; from pathlib import Path\nwith lock(Path({str(path)!r})): pass"
    with lock(path):
        assert holder(path) == f"process {os.getpid()} on {socket.gethostname()}"
        with pytest.raises(ValueError, match=f"in use by process {os.getpid()}"), lock(path):
            pass
        other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert other.returncode == 1 and f"in use by process {os.getpid()}" in other.stderr
    assert holder(path) is None and not path.exists()
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize("text", ["", "torn {", None])
def test_the_lock_of_a_dead_process_is_taken_over(tmp_path, text):
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": dead_pid(), "host": socket.gethostname()}) if text is None else text)
    assert holder(path) is None
    with lock(path):
        assert holder(path) == f"process {os.getpid()} on {socket.gethostname()}"
    assert not path.exists()


def test_the_lock_of_another_host_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": 12, "host": "elsewhere"}))
    with pytest.raises(ValueError, match=r"process 12 on elsewhere.*remove .*lock"), lock(path):
        pass
    assert path.exists() and holder(path) == "process 12 on elsewhere"


def test_status_keeps_what_no_longer_parses_or_is_no_longer_asked_for(store):
    commit(store, record())
    commit(store, record(Square(77)))
    commit(store, dataclasses.replace(record(), cell="Forgotten(a=1)"))
    [one] = status(store.folder).studies
    assert one.presets == {"smoke": (1, 3), "small": (1, 6), "full": (1, 9)}
    assert one.kept == ("Forgotten(a=1)", "Square(number=77)")


def test_status_of_a_study_that_moved_says_so(store):
    commit(store, record(source="/nowhere/study.py"))
    [one] = status(store.folder).studies
    assert "/nowhere/study.py" in one.problem and len(one.kept) == 1


def test_status_of_no_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no records"):
        status(tmp_path)

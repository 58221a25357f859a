"""The folder of a study: one record file per finished cell, so that nothing finished is ever lost."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gantheory.study.lock import lock
from gantheory.study.records import Record, record_name
from gantheory.study.results import Failure, Result, Results
from gantheory.study.study import Study


class Store:
    """The records, failures and lock of one output folder.

    A record is written to a temporary file, synced to disk, and linked to its name: it is there whole
    or not at all, and of two writers the first wins. Layout: ``records/ab/abcdef....json``,
    ``failures/NAME.txt``, ``corrupt/`` for files that could not be read, ``lock``.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self._records = self.folder / "records"

    @staticmethod
    def name(study: Study, cell: Any) -> str:
        """Return the name of a cell's record: 20 hexadecimal digits of its study, version and text."""
        return record_name(repr(study), study.version, repr(cell))

    def path(self, name: str) -> Path:
        """Return where the record of that name is, once it exists."""
        return self._records / name[:2] / f"{name}.json"

    def _failure_path(self, name: str) -> Path:
        return self.folder / "failures" / f"{name}.txt"

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Return the context that makes this process the folder's only runner."""
        self._records.mkdir(parents=True, exist_ok=True)
        return lock(self.folder / "lock")

    def clean(self) -> None:
        """Remove the temporaries of killed runs; only the holder of the lock may call this."""
        for folder in (self._records, self.folder / "failures"):
            for path in folder.glob(".tmp-*"):
                path.unlink(missing_ok=True)

    def commit(self, name: str, text: str) -> None:
        """Keep the text of a finished cell's record for good, unless one is there already."""
        final = self.path(name)
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            _sync(self._records)
        with _temporary(self._records, text) as temporary, contextlib.suppress(FileExistsError):
            os.link(temporary, final)
        _sync(final.parent)
        self._failure_path(name).unlink(missing_ok=True)

    def fail(self, name: str, cell: str, traceback: str) -> None:
        """Keep the traceback of a failed cell, in place of an older one."""
        final = self._failure_path(name)
        final.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(final.parent, f"{cell}\n\n{traceback}") as temporary:
            os.replace(temporary, final)

    def read(self, study: Study, cells: Sequence[Any]) -> Results:
        """Return what is known of the cells; a record that cannot be read is set aside and noted."""
        results, failures, missing, notes = [], [], [], []
        for cell in cells:
            name = self.name(study, cell)
            record = self._load(self.path(name), notes)
            if record is not None:
                about = {n: getattr(record, n) for n in ("key", "source", "finished", "environment")}
                results.append(Result(cell, record.values, record.seconds, about))
                continue
            try:
                text = self._failure_path(name).read_text(encoding="utf-8")
                failures.append(Failure(cell, text.partition("\n\n")[2]))
            except FileNotFoundError:
                missing.append(cell)
        return Results(tuple(results), tuple(failures), tuple(missing), tuple(notes))

    def records(self) -> Iterator[Record]:
        """Yield every record in the folder, of whatever study, version and cell, in order of name."""
        for path in sorted(self._records.glob("??/*.json")):
            record = self._load(path, [])
            if record is not None:
                yield record

    def failures(self) -> Iterator[Failure]:
        """Yield every failure in the folder; the cells are texts."""
        for path in sorted((self.folder / "failures").glob("*.txt")):
            cell, _, traceback = path.read_text(encoding="utf-8").partition("\n\n")
            yield Failure(cell, traceback)

    def _load(self, path: Path, notes: list[str]) -> Record | None:
        try:
            record = Record.from_text(path.read_text(encoding="utf-8"))
            if record.name != path.stem:
                raise ValueError(f"it holds the record {record.name}")
            return record
        except FileNotFoundError:
            return None
        except ValueError as failure:
            aside = self.folder / "corrupt" / f"{path.stem}-{secrets.token_hex(4)}.json"
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)
            notes.append(f"{path.name} could not be read ({failure}); it is kept as {aside}")
            return None


@contextlib.contextmanager
def _temporary(folder: Path, text: str) -> Iterator[Path]:
    """Write a new file beside its final place and on the disk, and remove it afterwards."""
    path = folder / f".tmp-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(8)}"
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the names in a folder last through a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

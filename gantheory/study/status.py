"""What a folder of records holds, seen from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gantheory.notation import parse
from gantheory.study.lock import holder
from gantheory.study.records import Record
from gantheory.study.results import Failure
from gantheory.study.source import load, nouns
from gantheory.study.store import Store
from gantheory.study.study import PRESETS, Study, cells_of


@dataclass(frozen=True)
class Status:
    """One study in a folder: its records, and how far they cover each preset.

    ``presets`` maps a preset to its finished and its asked cells. ``kept`` are the texts of records that
    no preset asks for, or that no longer parse; ``problem`` says why the study could not be read.
    """

    study: str
    version: int
    source: str
    records: tuple[Record, ...]
    presets: dict[str, tuple[int, int]]
    kept: tuple[str, ...]
    problem: str = ""

    @property
    def seconds(self) -> float:
        return sum(record.seconds for record in self.records)


@dataclass(frozen=True)
class Folder:
    """All that is in an output folder, the study measured last first; ``runner`` is who holds its lock."""

    studies: tuple[Status, ...]
    failures: tuple[Failure, ...]
    runner: str | None


def status(folder: str | Path) -> Folder:
    """Return what an output folder holds. Raises `FileNotFoundError` where it holds no records."""
    store = Store(folder)
    if not (store.folder / "records").is_dir():
        raise FileNotFoundError(
            f"no records in {str(folder)!r}: give the folder that `gantheory run` wrote to"
        )
    groups: dict[tuple[str, int], list[Record]] = {}
    for record in store.records():
        groups.setdefault((record.study, record.version), []).append(record)
    latest = sorted(groups.values(), key=lambda group: max(r.finished for r in group), reverse=True)
    studies = tuple(_status(tuple(group)) for group in latest)
    return Folder(studies, tuple(store.failures()), holder(store.folder / "lock"))


def read_study(record: Record) -> Study:
    """Return the study that a record belongs to, from its source and text. Raises `ValueError`."""
    try:
        study = parse(record.study, names=nouns(load(record.source)))
    except FileNotFoundError as failure:
        raise ValueError(f"{failure}: it was there when {record.study} was measured") from failure
    if study.version != record.version:
        raise ValueError(
            f"the records are of version {record.version}, {record.source} is at {study.version}"
        )
    return study


def _status(records: Sequence[Record]) -> Status:
    first = max(records, key=lambda record: record.finished)
    texts = {record.cell for record in records}
    try:
        study = read_study(first)
        asked = {preset: [repr(cell) for cell in cells_of(study, preset)] for preset in PRESETS}
    except ValueError as failure:
        return Status(
            first.study, first.version, first.source, tuple(records), {}, tuple(sorted(texts)), str(failure)
        )
    presets = {preset: (len(texts.intersection(cells)), len(cells)) for preset, cells in asked.items()}
    kept = tuple(sorted(texts.difference(*asked.values())))
    return Status(first.study, first.version, first.source, tuple(records), presets, kept)

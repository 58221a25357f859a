"""A report made again from what a folder holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from gantheory.report.page import write_report
from gantheory.study import PRESETS, Store, cells_of, read_study, status


def rebuild(
    folder: str | Path,
    *,
    preset: str | None = None,
    source: str | None = None,
    path: str | Path | None = None,
) -> Path:
    """Write the report of the study measured last in a folder, from its records, and return its path.

    ``preset`` is by default the one that is nearest to complete, the larger of two. ``source`` is the
    study's file where it is no longer where it was. Raises `ValueError` when the study cannot be read.
    """
    held = status(folder)
    if not held.studies:
        raise ValueError(f"{folder} holds no finished cell")
    record = held.studies[0].records[0]
    study = read_study(dataclasses.replace(record, source=source) if source else record)
    store = Store(folder)
    found = {name: store.read(study, cells_of(study, name)) for name in ([preset] if preset else PRESETS)}
    results = max(
        reversed(found.values()), key=lambda r: len(r) / max(1, len(r) + len(r.failures) + len(r.missing))
    )
    return write_report(study, results, path or Path(folder) / "report.html")

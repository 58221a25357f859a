"""One cell, measured and kept."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gantheory.random import Key
from gantheory.study.records import Record
from gantheory.study.store import Store
from gantheory.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """What became of one cell: its seconds, and the last line of its error when it failed."""

    cell: str
    seconds: float
    error: str = ""


def measure(
    store: Store, study: Study, cell: Any, key: Key, *, source: str, environment: Mapping[str, Any]
) -> Outcome:
    """Measure a cell and keep its record, or its traceback; either is on the disk when this returns.

    Raises `OSError` when the record cannot be written: a full disk is no fault of the cell.
    """
    started = time.perf_counter()
    try:
        values = study.measure(cell, key)
        seconds = time.perf_counter() - started
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        record = Record(
            repr(study), study.version, repr(cell), repr(key), source, values, seconds, finished, environment
        )
        text = record.to_text()
    except (Exception, SystemExit) as failure:
        store.fail(store.name(study, cell), repr(cell), traceback.format_exc())
        return Outcome(repr(cell), time.perf_counter() - started, f"{type(failure).__name__}: {failure}")
    store.commit(record.name, text)
    return Outcome(repr(cell), seconds)

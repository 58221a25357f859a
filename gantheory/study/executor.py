"""Running a study: what is finished is found, the rest is measured, and both are read from the records."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gantheory.notation import parse
from gantheory.random import Key
from gantheory.study.cell import Outcome, measure
from gantheory.study.environment import environment
from gantheory.study.progress import Progress, Silence
from gantheory.study.results import Results
from gantheory.study.signals import Interrupted, Stop
from gantheory.study.source import nouns_beside, source_of
from gantheory.study.store import Store
from gantheory.study.study import Study, cells_of
from gantheory.study.workers import Task, in_pool


def run(
    study: Study,
    *,
    preset: str = "small",
    output: str | Path | None = None,
    jobs: int = 1,
    key: Key = Key(0),  # noqa: B008 (a key is a frozen value)
    progress: bool | None = None,
) -> Results:
    """Measure the cells of a study that have no record yet, and return the results of all.

    ``output`` is the folder of the records; without one they last as long as the call. ``jobs`` cells are
    measured at once, each in a process of its own where it is above 1. A cell that raises is listed
    in ``failures`` and tried again by the next run. ``progress=False`` shows nothing.

    A first Ctrl-C, or SIGTERM, lets the running cells finish and raises `Interrupted`; the same call
    resumes. Raises `ValueError` for a study that is not its text, a folder in use, or one measured with
    another key.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    cells = cells_of(study, preset)
    _check_texts(study, cells, jobs)
    if output is None:
        with TemporaryDirectory(prefix="gantheory-") as folder:
            return _run(study, cells, Store(folder), jobs, key, progress is not False)
    return _run(study, cells, Store(output), jobs, key, progress is not False)


def _run(study: Study, cells: Sequence, store: Store, jobs: int, key: Key, shown: bool) -> Results:
    with store.lock():
        store.clean()
        found = store.read(study, cells)
        _check_key(found, key, store)
        finished = {result.cell for result in found}
        left = [cell for cell in cells if cell not in finished]
        about = environment(source_of(study))
        with Stop() as stop, Progress(found, jobs=jobs) if shown else Silence() as display:
            arguments = (study, left, store, key, about)
            outcomes = _in_process(*arguments, stop) if jobs == 1 else _in_pool(*arguments, stop, jobs)
            with closing(outcomes):
                for outcome in outcomes:
                    display.finished(outcome)
        if stop.requested is not None:
            raise Interrupted(stop.requested)
        results = store.read(study, cells)
    notes = (*found.notes, *results.notes)
    return Results(results.results, results.failures, results.missing, notes)


def _in_process(
    study: Study, cells: Sequence, store: Store, key: Key, about: Mapping[str, Any], stop: Stop
) -> Generator[Outcome]:
    for cell in cells:
        if stop.requested is not None:
            return
        yield measure(store, study, cell, key, source=source_of(study), environment=about)


def _in_pool(
    study: Study, cells: Sequence, store: Store, key: Key, about: Mapping[str, Any], stop: Stop, jobs: int
) -> Generator[Outcome]:
    fixed = {
        "folder": str(store.folder.resolve()),
        "source": source_of(study),
        "study": repr(study),
        "key": repr(key),
        "environment": json.dumps(about),
    }
    tasks = (Task(name=store.name(study, cell), cell=repr(cell), **fixed) for cell in cells)
    return in_pool(tasks, jobs, lambda: stop.requested is not None)


def _check_texts(study: Study, cells: Sequence, jobs: int) -> None:
    names = nouns_beside(study)
    for noun in (study, *cells):
        if parse(repr(noun), names=names) != noun:
            raise ValueError(f"{noun!r} does not read back as itself: derive its class from gantheory.Noun")
    if jobs > 1 and not source_of(study):
        raise ValueError(
            f"{type(study).__name__} is known to this process alone: write it to a file, or jobs=1"
        )


def _check_key(found: Results, key: Key, store: Store) -> None:
    for result in found:
        if result.about["key"] != repr(key):
            raise ValueError(
                f"{store.folder} was measured with {result.about['key']}, not with {key!r}: "
                "use another output folder for another seed"
            )

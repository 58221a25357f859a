"""How far a simulation is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


Told = Callable[[int, int], None]

LINE = 10.0
"""The seconds between two lines."""


@contextmanager
def shown(progress: bool | Told | None) -> Iterator[Told | None]:
    """Give the function that is told ``(step, steps)``: the one given, or for True one that shows them."""
    if not isinstance(progress, bool):
        yield progress
    elif not progress:
        yield None
    elif sys.stderr.isatty():
        with _bar() as told:
            yield told
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("steps"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, steps: bar.update(task, completed=step, total=steps)


def _lines() -> Told:
    said = time.perf_counter()

    def told(step: int, steps: int) -> None:
        nonlocal said
        if time.perf_counter() - said >= LINE:
            said = time.perf_counter()
            print(f"gantheory: step {step} of {steps}", file=sys.stderr, flush=True)

    return told

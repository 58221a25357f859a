"""How far a run is: a bar on a terminal, a line a cell elsewhere."""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict

from gantheory.study.cell import Outcome
from gantheory.study.results import Results


class Pace:
    """The seconds that cells of each class took so far, and what that says of those left."""

    def __init__(self, found: Results):
        self._left = Counter(_kind(repr(cell)) for cell in found.missing)
        self._left.update(_kind(repr(failure.cell)) for failure in found.failures)
        self._count: Counter[str] = Counter()
        self._sum: defaultdict[str, float] = defaultdict(float)
        for result in found:
            self._learn(_kind(repr(result.cell)), result.seconds)

    def finished(self, outcome: Outcome) -> None:
        """Learn from one more outcome."""
        kind = _kind(outcome.cell)
        self._left[kind] -= 1
        self._learn(kind, outcome.seconds)

    def remaining(self) -> float:
        """Return the seconds for the cells left, one after another; NaN where that is unknown.

        It is unknown while a class is left of which none has finished: another class says nothing of it.
        """
        left = {kind: count for kind, count in self._left.items() if count}
        if any(not self._count[kind] for kind in left):
            return math.nan
        return sum(count * self._sum[kind] / self._count[kind] for kind, count in left.items())

    def _learn(self, kind: str, seconds: float) -> None:
        self._count[kind] += 1
        self._sum[kind] += seconds


def _kind(text: str) -> str:
    return text.partition("(")[0]


def duration(seconds: float) -> str:
    """Return seconds as a short text.

    Example:
        >>> duration(0.0123), duration(75), duration(7300)
        ('12 ms', '1 min 15 s', '2 h 1 min')
    """
    if math.isnan(seconds):
        return "an unknown time"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """A ``with`` block that shows on the error stream how the cells of a run finish."""

    def __init__(self, found: Results, *, jobs: int):
        self._pace, self._jobs = Pace(found), jobs
        self._done = self._found = len(found)
        self._total = len(found) + len(found.failures) + len(found.missing)
        self._bar = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task(self._left(), total=self._total, completed=self._done)
            self._bar.start()
        else:
            before = f", {self._found} finished before" if self._found else ""
            _line(f"{self._total} cells{before}; {self._left()}")
        return self

    def __exit__(self, *_exception) -> None:
        if self._bar is not None:
            self._bar.stop()

    def finished(self, outcome: Outcome) -> None:
        """Show that a cell has finished or failed."""
        self._done += 1
        self._pace.finished(outcome)
        text = f"{outcome.cell}: {duration(outcome.seconds)}"
        text = f"FAILED {text}: {outcome.error}" if outcome.error else text
        if self._bar is None:
            _line(f"[{self._done}/{self._total}] {text}")
            return
        if outcome.error:
            self._bar.console.print(text, style="red", markup=False, highlight=False)
        self._bar.update(self._task, advance=1, description=self._left())

    def _left(self) -> str:
        if self._done == self._total:
            return "nothing left to measure"
        return f"{duration(self._pace.remaining() / self._jobs)} left"


class Silence:
    """A progress that shows nothing."""

    def __enter__(self) -> Silence:
        return self

    def __exit__(self, *_exception) -> None:
        pass

    def finished(self, outcome: Outcome) -> None:
        """Say nothing."""


def _line(text: str) -> None:
    print(f"gantheory: {text}", file=sys.stderr, flush=True)

"""The search for the instance on which a claim is tightest, by hypothesis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any, NamedTuple
from unittest.mock import patch

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from gantheory.claims.box import Box


class Trial(NamedTuple):
    """One instance, both its numbers where it is tightest, the margin there and what it means.

    ``place`` is where that is among all numbers, flattened, and ``failing`` says of each whether it fails.
    ``width`` is half the confidence interval of the observed number there, ``n`` the samples behind it;
    ``statistical`` says whether there is such an interval at all.
    """

    instance: Any
    predicted: float
    observed: float
    margin: float
    failed: bool
    undecided: bool
    place: int = 0
    failing: tuple[bool, ...] = ()
    width: float = 0.0
    n: int = 0
    statistical: bool = False


class Hunt(NamedTuple):
    """What a search found: the smallest failing trial, else the undecided or the tightest; and its length."""

    trial: Trial | None
    examples: int


class _Found(Exception):
    def __init__(self, trial: Trial):
        self.trial = trial


def hunt(
    instances: SearchStrategy,
    attempt: Callable[[Any], Trial],
    *,
    examples: int,
    seed: int,
    box: Box | None = None,
    shrink: bool = True,
) -> Hunt:
    """Draw instances, steer towards the smallest margin, and shrink the first that fails.

    Instances of a box shrink as `smallest_row` says, others as hypothesis shrinks, none without ``shrink``. The
    search is a pure function of its arguments, provided that ``attempt`` is one of its own: no database, no deadline,
    nothing printed. An error that ``attempt`` raises is the claim's own and passes.
    """
    tightest: Trial | None = None
    count = 0

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.target, *([Phase.shrink] if shrink and not box else [])),
        suppress_health_check=list(HealthCheck),  # type: ignore[arg-type]
    )
    @hypothesis.given(instances)
    def search(instance: Any) -> None:
        nonlocal tightest, count
        trial = attempt(instance)
        count += 1
        if trial.failed:
            raise _Found(trial)
        if math.isfinite(trial.margin):
            hypothesis.target(-trial.margin)
        # an undecided instance outweighs any that holds, however tightly
        if tightest is None or (not trial.undecided, trial.margin) < (
            not tightest.undecided,
            tightest.margin,
        ):
            tightest = trial

    try:
        with _no_harvested_constants():
            search()
    except _Found as found:
        trial = found.trial
        return Hunt(smallest_row(trial, attempt, box) if shrink and box else trial, count)
    except Unsatisfiable:
        return Hunt(None, count)
    return Hunt(tightest, count)


def smallest_row(trial: Trial, attempt: Callable[[Any], Trial], box: Box) -> Trial:
    """Reduce a failing batch to one failing row, and its numbers to shorter ones while it still fails.

    All rows that differ from the last one in one shorter number are tried as one batch.
    """
    rows = trial.instance
    alone = attempt((rows[trial.place * len(rows) // len(trial.failing)],))
    if not alone.failed:  # the rows depend on one another, or the interval of a single one is wider
        return trial
    while True:
        others = box.simpler(alone.instance[0])
        failing = attempt(tuple(others)).failing if others else ()
        width = len(failing) // max(1, len(others))
        better = [row for i, row in enumerate(others) if any(failing[i * width : (i + 1) * width])]
        nexts = (attempt((row,)) for row in better)
        found = next((other for other in nexts if other.failed), None)
        if found is None:
            return alone
        alone = found


_LOCK = RLock()


@contextmanager
def _no_harvested_constants() -> Iterator[None]:
    """Keep hypothesis from drawing the constants that it reads in the sources of the loaded modules.

    They would make the draws depend on which modules happen to be imported, and leave a folder
    `.hypothesis` where the user stands. Hypothesis has no setting for it; everything is put back.
    """
    if not hasattr(providers, "_get_local_constants"):  # before hypothesis 6.131 there was no harvest
        yield
        return
    nothing = type(providers.GLOBAL_CONSTANTS)()
    with _LOCK, patch.object(providers, "_get_local_constants", lambda: nothing):
        providers.CONSTANTS_CACHE.cache.clear()  # holds selections from the harvest
        try:
            yield
        finally:
            providers.CONSTANTS_CACHE.cache.clear()

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


class Trial(NamedTuple):
    """One instance, both its numbers at the tightest row, the margin there and what it means."""

    instance: Any
    predicted: float
    observed: float
    margin: float
    failed: bool
    undecided: bool


class Hunt(NamedTuple):
    """What a search found: the smallest failing trial, else the undecided or the tightest; and its length."""

    trial: Trial | None
    examples: int


class _Found(Exception):
    def __init__(self, trial: Trial):
        self.trial = trial


def hunt(instances: SearchStrategy, attempt: Callable[[Any], Trial], *, examples: int, seed: int) -> Hunt:
    """Draw instances, steer towards the smallest margin, and shrink the first that fails.

    The search is a pure function of its arguments, provided that ``attempt`` is one of its own: no
    database, no deadline, nothing printed. An error that ``attempt`` raises is the claim's own and passes.
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
        phases=(Phase.generate, Phase.target, Phase.shrink),
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
        return Hunt(found.trial, count)
    except Unsatisfiable:
        return Hunt(None, count)
    return Hunt(tightest, count)


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

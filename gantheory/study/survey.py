"""Many claims and their neighbours, checked in processes of their own."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import NamedTuple

from gantheory.claims import Claim, Verdict, check, claims
from gantheory.claims.listing import classes
from gantheory.notation import parse
from gantheory.random import Key
from gantheory.study.source import load, nouns
from gantheory.study.workers import start_server


SEARCH = 200
"""The instances tried for a neighbour at least: the search ends with the first that fails."""

FEW = 8
"""So many claims are checked sooner than processes start."""


_MACHINERY = Path(check.__code__.co_filename).parent


class Checked(NamedTuple):
    """A claim's verdict, and that of its known-false neighbour, which should be FAILS.

    ``error`` is the traceback of what the claim's own code raised: then nothing is decided.
    """

    verdict: Verdict
    neighbour: Verdict | None
    error: str = ""

    @property
    def problem(self) -> str:
        """What is wrong: its code raises, the claim fails, or its neighbour does not; empty where all is well."""
        claim = self.verdict.claim
        if self.error:
            return f"{claim!r} could not be checked:\n{self.error}"
        if self.verdict.verdict == "FAILS":
            numbers = f"predicted {self.verdict.predicted:.10g}, observed {self.verdict.observed:.10g}"
            reason = f"; {self.verdict.reason}" if self.verdict.reason else ""
            return f"{claim!r} FAILS: {numbers}{reason}\n\n{self.verdict.counterexample}"
        if self.neighbour is not None and self.neighbour.verdict != "FAILS":
            return f"the false neighbour of {claim!r} is {self.neighbour.verdict}: the hunt is blind there"
        return ""


def chosen(names: Sequence[str] = (), *, part: str = "") -> list[tuple[Claim, str]]:
    """Return claims, each with the file it comes from, empty for the library's own.

    ``names`` are classes of the library's claims, or paths of Python files of which all claims are taken;
    without names it is all of the library's. ``part`` keeps those whose part begins so.

    Raises `ValueError` for a name that no claim has, a file without claims, and where nothing is left.
    """
    files = [name for name in names if name.endswith(".py")]
    own = [name for name in names if not name.endswith(".py")]
    library = [(claim, "") for claim in claims() if (not names or type(claim).__name__ in own)]
    unknown = set(own) - {type(claim).__name__ for claim, _ in library}
    if unknown:
        known = {type(claim).__name__ for claim in claims()}
        near = [match for name in sorted(unknown) for match in get_close_matches(name, known)]
        meant = f"did you mean {' or '.join(near)}?" if near else "a file of your own ends in .py;"
        names_them = ", ".join(sorted(unknown))
        raise ValueError(f"no claim is called {names_them}: {meant} `gantheory list claims` lists all")
    found = library + [(claim, file) for file in files for claim in claims_in(load(Path(file)))]
    kept = [(claim, file) for claim, file in found if claim.part.startswith(part)]
    if not kept:
        raise ValueError(f"no claim is in part {part!r}: parts are a letter and two digits, such as B07")
    return kept


def claims_in(module: ModuleType) -> list[Claim]:
    """Return the claims of a module: those it names, and the examples of the classes that it defines.

    Raises `ValueError` where there is none.
    """
    named = [value for value in vars(module).values() if isinstance(value, Claim)]
    made = [claim for cls in classes(module) for claim in _examples(cls)]
    if not named and not made:
        raise ValueError(f"{module.__file__} holds no claim{_unfinished(module)}")
    return list(dict.fromkeys([*made, *named]))


def _examples(cls: type[Claim]) -> tuple[Claim, ...]:
    try:
        return cls.examples()
    except TypeError as failure:
        advice = "give its fields defaults, or return its instances from examples()"
        raise ValueError(f"{cls.__name__} cannot be made: {failure}: {advice}") from failure


def _unfinished(module: ModuleType) -> str:
    """Say which classes would be claims, had they what is missing."""
    lacking = [
        f"{name} lacks {', '.join(sorted(value.__abstractmethods__))}"
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Claim)
        and value.__module__ == module.__name__
        and value.__abstractmethods__
    ]
    return f": {'; '.join(lacking)}" if lacking else ": define a subclass of gantheory.Claim"


def summary(checked: Sequence[Checked]) -> str:
    """Return one sentence: how many claims have which verdict, and what false alarms are to be expected.

    Example:
        >>> summary([])
        '0 claims: 0 HOLDS, 0 FAILS, 0 UNDECIDED; of 0 neighbours 0 fail'
    """
    words = [one.verdict.verdict for one in checked]
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("HOLDS", "FAILS", "UNDECIDED"))
    broken = sum(bool(one.error) for one in checked)
    raised = f" ({broken} could not be checked)" if broken else ""
    neighbours = [one.neighbour.verdict for one in checked if one.neighbour]
    found = f"of {len(neighbours)} neighbours {neighbours.count('FAILS')} fail"
    laws = [one.verdict.claim for one in checked if one.verdict.statistical]
    alarms = sum(claim.false_alarm for claim in laws)
    those = f"{len(laws)} {'is' if len(laws) == 1 else 'are'} statistical"
    said = f"; {those}, of which a true one FAILS with probability {alarms:.1g} at most" if laws else ""
    what = "1 claim" if len(checked) == 1 else f"{len(checked)} claims"
    return f"{what}: {counts}{raised}; {found}{said}"


def survey(
    found: Sequence[tuple[Claim, str]],
    *,
    examples: int = 200,
    key: Key = Key(0),  # noqa: B008 (a value)
    jobs: int = 1,
) -> Generator[Checked]:
    """Check claims, given with the files they come from, and their neighbours; yield each in its turn.

    Verdicts are those of `check`, whatever the number of ``jobs``.
    """
    if jobs == 1 or len(found) <= FEW:
        yield from (_checked(claim, examples, key) for claim, _ in found)
        return
    start_server()
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("forkserver"), _alone) as pool:
        tasks = [pool.submit(_checked_text, repr(claim), file, examples, key) for claim, file in found]
        try:
            yield from (task.result() for task in tasks)
        except BaseException:
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()  # who presses Ctrl-C, or has seen enough, shall not wait for what runs
            pool.shutdown(cancel_futures=True)
            raise


def _alone() -> None:
    import torch

    torch.set_num_threads(1)


def _checked_text(text: str, file: str, examples: int, key: Key) -> Checked:
    names = nouns(load(Path(file))) if file else {}
    return _checked(parse(text, names=names), examples, key)


def _checked(claim: Claim, examples: int, key: Key) -> Checked:
    start, verdict = perf_counter(), None
    try:
        verdict, neighbour = check(claim, examples=examples, key=key), claim.neighbour
        if neighbour is None:
            return Checked(verdict, None)
        return Checked(verdict, check(neighbour, examples=max(examples, SEARCH), key=key))
    except Exception as failure:  # one claim's mistake must not cost the verdicts of the others
        return Checked(
            verdict or _undecided(claim, failure, perf_counter() - start), None, _own_frames(failure)
        )


def _undecided(claim: Claim, failure: Exception, seconds: float) -> Verdict:
    nan, reason = float("nan"), f"its own code raised {type(failure).__name__}: {failure}"
    return Verdict(claim, "UNDECIDED", 0, nan, None, nan, nan, None, reason, seconds)


def _own_frames(failure: Exception) -> str:
    """Return the traceback from where it leaves the machinery of checking, for good."""
    frames = traceback.extract_tb(failure.__traceback__)
    inner = max(
        (i for i, frame in enumerate(frames) if Path(frame.filename).parent == _MACHINERY), default=-1
    )
    own = frames[inner + 1 :]
    return "".join((*traceback.format_list(own), *traceback.format_exception_only(failure))).rstrip()

"""Many claims and their neighbours, checked in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from gantheory.claims import Claim, Verdict, check, claims
from gantheory.claims.listing import classes
from gantheory.notation import parse
from gantheory.random import Key
from gantheory.study.source import load, nouns


SEARCH = 200
"""The instances tried for a neighbour at least: the search ends with the first that fails."""

FEW = 8
"""So many claims are checked sooner than processes start."""


class Checked(NamedTuple):
    """A claim's verdict, and that of its known-false neighbour, which should be FAILS."""

    verdict: Verdict
    neighbour: Verdict | None

    @property
    def problem(self) -> str:
        """What is wrong: the claim fails, or its neighbour does not; empty where all is well."""
        claim = self.verdict.claim
        if self.verdict.verdict == "FAILS":
            return f"{claim!r} FAILS:\n{self.verdict.counterexample}"
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
        known = ", ".join(sorted({type(claim).__name__ for claim in claims()}))
        raise ValueError(f"no claim is called {', '.join(sorted(unknown))}: there are {known}")
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
    made = [claim for cls in classes(module) for claim in cls.examples()]
    if not named and not made:
        raise ValueError(f"{module.__file__} holds no claim: define a subclass of gantheory.Claim")
    return list(dict.fromkeys([*made, *named]))


def summary(checked: Sequence[Checked]) -> str:
    """Return one sentence: how many claims have which verdict, and what false alarms are to be expected.

    Example:
        >>> summary([])
        '0 claims: 0 HOLDS, 0 FAILS, 0 UNDECIDED; of 0 neighbours 0 fail'
    """
    words = [one.verdict.verdict for one in checked]
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("HOLDS", "FAILS", "UNDECIDED"))
    neighbours = [one.neighbour.verdict for one in checked if one.neighbour]
    laws = [one.verdict.claim for one in checked if one.verdict.statistical]
    alarms = sum(claim.false_alarm for claim in laws)
    said = (
        f"; {len(laws)} are statistical, of which a true one FAILS with probability {alarms:.1g} at most"
        if laws
        else ""
    )
    return f"{len(checked)} claims: {counts}; of {len(neighbours)} neighbours {neighbours.count('FAILS')} fail{said}"


def survey(
    found: Sequence[tuple[Claim, str]],
    *,
    examples: int = 200,
    key: Key = Key(0),  # noqa: B008 (a value)
    jobs: int = 1,
) -> Iterator[Checked]:
    """Check claims, given with the files they come from, and their neighbours; yield each as it is done.

    Verdicts are those of `check`, whatever the number of ``jobs``.
    """
    if jobs == 1 or len(found) <= FEW:
        yield from (_checked(claim, examples, key) for claim, _ in found)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_alone) as pool:
        tasks = [pool.submit(_checked_text, repr(claim), file, examples, key) for claim, file in found]
        try:
            yield from (task.result() for task in as_completed(tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _alone() -> None:
    import torch

    torch.set_num_threads(1)


def _checked_text(text: str, file: str, examples: int, key: Key) -> Checked:
    names = nouns(load(Path(file))) if file else {}
    return _checked(parse(text, names=names), examples, key)


def _checked(claim: Claim, examples: int, key: Key) -> Checked:
    verdict, neighbour = check(claim, examples=examples, key=key), claim.neighbour
    if neighbour is None:
        return Checked(verdict, None)
    return Checked(verdict, check(neighbour, examples=max(examples, SEARCH), key=key))

"""Verdicts on the terminal, a line each, as they are found."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from textwrap import wrap
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.text import Text

from gantheory.cli_show import terminal
from gantheory.study.progress import duration
from gantheory.study.survey import Checked, chosen, summary, survey


_COLOURS = {"HOLDS": "green", "FAILS": "red", "UNDECIDED": "yellow"}
_HEAD = f"{'part':<5} {'verdict':<9}  {'margin':<9} {'seconds':>7}  {'neighbour':<10} claim"
_BEFORE = _HEAD.index("claim")


def check_claims(
    names: Sequence[str], *, part: str, examples: int, key: Any, jobs: int, html: Path | None
) -> int:
    """Check claims and their neighbours, print a line each, and return the exit code.

    Ctrl-C ends it with what was found so far.
    """
    if html is not None and html.is_dir():
        raise ValueError(f"--html {html} is a folder: name the page's file, such as {html / 'verdicts.html'}")
    found, console = chosen(names, part=part), terminal()
    begun, checked = perf_counter(), []
    try:
        for one in _shown(console, len(found), survey(found, examples=examples, key=key, jobs=jobs)):
            checked.append(one)
    except KeyboardInterrupt:
        _conclude(console, checked, perf_counter() - begun)
        page = "; no page was written" if html is not None else ""
        raise KeyboardInterrupt(f"stopped after {len(checked)} of {len(found)} claims{page}") from None
    problems = _conclude(console, checked, perf_counter() - begun)
    if html is not None:
        from gantheory.report.claims import write_claims

        console.print(write_claims(checked, html, key=key), soft_wrap=True)
    return 1 if problems else 0


def _shown(console: Console, count: int, checked: Iterator[Checked]) -> Iterator[Checked]:
    """Print each verdict, below a line that says how far it is."""
    console.print(_HEAD, style="bold", soft_wrap=True)
    # two consoles on one screen would write over each other's lines
    screen = console if sys.stdout.isatty() else Console(stderr=True)
    said = f"of {count} claims checked"
    with screen.status(f"0 {said}") if screen.is_terminal else nullcontext() as status:
        for i, one in enumerate(checked, start=1):
            console.print(_line(console, one), soft_wrap=True)
            if status is not None:
                status.update(f"{i} {said}")
            yield one


def _line(console: Console, one: Checked) -> Text:
    verdict = one.verdict
    neighbour = one.neighbour.verdict if one.neighbour else ""
    name = repr(verdict.claim)
    if sys.stdout.isatty():  # a pipe has no width: what reads it wants a line a claim
        name = ("\n" + " " * _BEFORE).join(wrap(name, max(30, console.width - _BEFORE)))
    return Text.assemble(
        f"{verdict.claim.part:<5} ",
        (f"{verdict.verdict:<9}", _COLOURS[verdict.verdict]),
        f"  {'' if one.error else format(verdict.margin, '.3g'):<9} {verdict.seconds:>7.1f}  ",
        (f"{neighbour:<10}", "green" if neighbour == "FAILS" else "red"),
        f" {name}",
    )


def _conclude(console: Console, checked: Sequence[Checked], seconds: float) -> list[str]:
    """Print why claims are undecided, what is wrong, and the sum of it; return what is wrong."""
    for one in checked:
        if one.verdict.verdict == "UNDECIDED" and not one.error:
            console.print(f"\n{one.verdict}", soft_wrap=True)
    problems = [one.problem for one in checked if one.problem]
    for problem in problems:
        console.print(f"\n{problem}", soft_wrap=True)
    console.print(f"\n{summary(checked)}, in {duration(seconds)}", soft_wrap=not sys.stdout.isatty())
    return problems

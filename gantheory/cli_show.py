"""Tables on the terminal for the command line."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

import gantheory as gt
from gantheory.study import Folder, Results
from gantheory.study.progress import Pace, duration


_BASES = {
    "distributions": "Distribution",
    "maps": "Map",
    "models": "Model",
    "normalisations": "Normalisation",
    "games": "Game",
    "objectives": "Objective",
    "penalties": "Penalty",
    "rules": "Rule",
    "steps": "Stepping",
    "schedules": "Schedule",
    "ages": "Staleness",
    "metrics": None,
    "claims": "Claim",
}
_OUTCOMES = {
    "converged": "green",
    "cycling": "yellow",
    "diverged": "red",
    "undecided": "dim",
    "out of budget": "dim",
}
ROWS = 20


def terminal() -> Console:
    """Return the console of standard output."""
    # a pipe has no width: wide lines are better there than broken ones
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def plan(found: Results, jobs: int) -> None:
    """Print the cells of a run, which are finished, and what is left to do."""
    console, cells = terminal(), _table("state", "cell", "seconds")
    for result in found:
        cells.add_row("finished", repr(result.cell), f"{result.seconds:.3g}")
    for failure in found.failures:
        cells.add_row("failed", repr(failure.cell), "")
    for cell in found.missing:
        cells.add_row("to do", repr(cell), "")
    console.print(cells)
    left = len(found.missing) + len(found.failures)
    time = duration(Pace(found).remaining() / jobs)
    console.print(f"{len(found) + left} cells, {len(found)} finished, {left} to do: {time}")


def folder_status(folder: Folder) -> None:
    """Print what an output folder holds."""
    console = terminal()
    console.print(f"running: {folder.runner or 'nothing'}")
    for study in folder.studies:
        console.print(f"\n{study.study}, version {study.version}", style="bold")
        console.print(f"  {study.source}")
        console.print(f"  {len(study.records)} records, {duration(study.seconds)} measured")
        for preset, (finished, asked) in study.presets.items():
            console.print(f"  {preset}: {finished} of {asked} cells")
        if study.problem:
            console.print(f"  kept, but not readable as cells: {study.problem}", style="yellow")
        elif study.kept:
            console.print(f"  kept, but no preset asks for them: {len(study.kept)}", style="yellow")
            for text in study.kept:
                console.print(f"    {text}")
    if folder.failures:
        count = len(folder.failures)
        console.print(f"\n{count} {'failure' if count == 1 else 'failures'}", style="bold red")
    for failure in folder.failures:
        console.print(f"  {failure.cell}: {failure.reason}")


def simulation_table(runs: gt.Trajectory) -> None:
    """Print what became of a run: its outcomes, and the end of its first members."""
    from gantheory.report.simulation import about, member_table

    console = terminal()
    for name, text in about(runs):
        console.print(f"{name:<9} {text}", soft_wrap=True)
    header, rows = member_table(runs, most=ROWS)
    table = _table(*header)
    for row in rows:
        texts = [value if isinstance(value, str) else f"{value:.6g}" for value in row]
        table.add_row(*texts[:-1], Text(texts[-1], style=_OUTCOMES[texts[-1]]))
    console.print("", table)
    for name, values in runs.probes.items():
        console.print(f"{name}, mean of the members", style="bold")
        for step, value in values.items():
            console.print(f"  step {step:<8} {value.mean()}")
    if runs.population > ROWS:
        console.print(f"and {runs.population - ROWS} more members: -o shows or saves them")


def names_of(kind: str | None) -> None:
    """Print the exported names of one kind, or of all, with the first line of their docstrings."""
    console = terminal()
    for one in [kind] if kind else _BASES:
        table = _table("name", "")
        for name, value in exported(one):
            table.add_row(name, (inspect.getdoc(value) or "").partition("\n")[0])
        if kind is None:
            console.print(one, style="bold")
        console.print(table, "")


def exported(kind: str) -> list[tuple[str, Any]]:
    """Return gantheory's exported names of a kind, found by base class, or by module for metrics."""
    values = {name: getattr(gt, name) for name in gt.__all__}
    if kind == "metrics":
        return [(n, v) for n, v in values.items() if inspect.isfunction(v) and ".metrics." in v.__module__]
    base = getattr(gt, str(_BASES[kind]))
    return [
        (name, value)
        for name, value in values.items()
        if isinstance(value, type)
        and issubclass(value, base)
        and dataclasses.is_dataclass(value)
        and not inspect.isabstract(value)
    ]


def machine() -> None:
    """Print versions, machine, and what computes and why."""
    from gantheory.ops import native
    from gantheory.study.environment import environment

    table = _table("what", "")
    facts = {**environment(), "native": native.reason(), "CUDA": native.cuda_reason()}
    for name, value in facts.items():
        if name != "command" and value != "":
            table.add_row(name, str(value))
    terminal().print(table)

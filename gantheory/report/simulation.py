"""A simulation as one page, or as a file of its points."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gantheory.dynamics import Rule, Trajectory
from gantheory.dynamics.diagnostics.vector_field import parameter_names
from gantheory.games import Game
from gantheory.notation import Noun
from gantheory.report.document import document, findings_html, header_html, origin_html, write_whole
from gantheory.report.points import write_csv, write_npz
from gantheory.report.simulation_findings import simulation_findings
from gantheory.report.tables import ROWS
from gantheory.study.environment import environment
from gantheory.study.progress import duration
from gantheory.sweeps import sweep_points


ENDINGS = (".html", ".npz", ".csv")
RECORDED, KEPT, MEMBERS = 400, 2 * 10**7, 256
"""Steps recorded for a page, numbers kept for them at the most, and members above which only ends are kept."""


def check_output(path: Path) -> None:
    """Refuse, before anything runs, a path that cannot be written."""
    if path.suffix not in ENDINGS:
        raise ValueError(f"cannot write {path.name!r}: the ending must be one of {', '.join(ENDINGS)}")
    if not path.parent.is_dir() or path.is_dir():
        raise FileNotFoundError(f"{path}: not a file in a folder that exists")


def affordable_record(
    game: Game, rule: Rule, *, steps: int, population: int, start: Any, sweep: Mapping[str, Any]
) -> int | None:
    """Return how often to record so that a page can show it; `None` where the ends alone are affordable."""
    if not isinstance(game, Game) or not isinstance(rule, Rule):
        return None  # `simulate` says so
    members = population * len(sweep_points(sweep)[1])
    count = min(RECORDED, KEPT // max(1, members * sum(game.sizes)))
    return max(1, math.ceil(steps / count)) if members <= MEMBERS and count >= 10 else None


def write_simulation(runs: Trajectory, path: str | Path) -> Path:
    """Write a run as one self-contained page (.html), or its recorded points (.npz, .csv); return the path.

    The page needs no network. It has the outcomes, a map of them for two swept fields, orbits in the plane,
    distances and losses, the texts that make the run again, and the conventions that its numbers follow.

    Raises `ValueError` for another ending and `FileNotFoundError` for a folder that does not exist.
    """
    path = Path(path)
    check_output(path)
    if path.suffix == ".html":
        return write_whole(path, simulation_page(runs))
    return (write_npz if path.suffix == ".npz" else write_csv)(runs, path)


def simulation_page(runs: Trajectory) -> str:
    """Return a run as the text of one HTML document."""
    title = f"{_name(runs.game)} under {_name(runs.rule)}"
    counts = Counter(runs.outcome.tolist())
    last = int(runs._run.step)
    facts = [("members", f"{runs.population:,}"), ("steps", f"{last:,}")]
    facts += [(name, f"{count:,}") for name, count in counts.most_common()]
    facts.append(("computed in", duration(runs.cost.seconds)))
    *findings, members = simulation_findings(runs)
    findings.append(dataclasses.replace(members, table=member_table(runs, most=ROWS)))
    made = environment()
    origin = [
        ("Command", str(made["command"])),
        *((name, text) for name, text in about(runs) if name != "Outcomes"),
        *CONVENTIONS,
        ("Versions", ", ".join(f"{n} {made[n]}" for n in ("gantheory", "torch", "numpy", "python"))),
        ("Machine", f"{made['processor']}, {made['cores']} cores, {made['threads']} threads"),
    ]
    body = findings_html(findings) + origin_html(origin)
    question = f"Where do {'its players' if len(runs.game.players) > 1 else 'its parameters'} go?"
    return document(title, header_html(title, question, facts), body, figures=True)


def _name(noun: Noun) -> str:
    """Return a noun's class with the classes of the nouns in it, without numbers."""
    parts = [type(part).__name__ for part in vars(noun).values() if isinstance(part, Noun)]
    return f"{type(noun).__name__}({', '.join(parts)})" if parts else type(noun).__name__


CONVENTIONS = (
    ("Field", "every player minimises its loss; a plain step is w - rate * gradient"),
    ("Order", "Alternating: the last player of the game moves first, unless the rule says otherwise"),
    ("Outcomes", "decided from the first window and the last two complete ones, of 100 steps each"),
)


def about(runs: Trajectory) -> list[tuple[str, str]]:
    """Return what a run is and what became of it, as names and texts."""
    setup = runs._run.setup
    sweep = ", ".join(f"{path}={noun!r}" for path, noun in setup.sweep.items())
    counts = Counter(runs.outcome.tolist())
    return [
        ("Game", repr(runs.game)),
        ("Rule", repr(runs.rule)),
        ("Sweep", sweep or "none"),
        ("Key", f"{runs.key!r}, population {setup.population}, {str(setup.dtype).removeprefix('torch.')}"),
        ("Computed", setup.computed),
        ("Outcomes", ", ".join(f"{count} {name}" for name, count in counts.most_common())),
    ]


def member_table(runs: Trajectory, *, most: int) -> tuple[Sequence[str], list[list[Any]]]:
    """Return the ends of the first members: swept fields, parameters (of small games), losses, outcome."""
    names = parameter_names(runs.game) if sum(runs.game.sizes) <= 8 else []
    header = ["member", *runs.swept, *names, *(f"loss {player}" for player in runs.game.players), "outcome"]
    points, losses = runs.points[:most, -1].tolist(), runs.losses[:most, -1].tolist()
    swept = [values[:most].tolist() for values in runs.swept.values()]
    rows = []
    for m in range(min(most, runs.population)):
        own = points[m] if names else []
        rows.append([m, *(column[m] for column in swept), *own, *losses[m], runs.outcome[m]])
    return header, rows

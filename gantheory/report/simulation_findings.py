"""What a simulation shows: outcomes, orbits, distances, losses."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from gantheory.dynamics import Trajectory
from gantheory.dynamics.diagnostics import phase_diagram, phase_portrait
from gantheory.dynamics.diagnostics.phase_diagram import OUTCOMES, evenly_logarithmic
from gantheory.dynamics.diagnostics.picture import axis
from gantheory.dynamics.diagnostics.rates import distances_to
from gantheory.dynamics.diagnostics.vector_field import DRAWN
from gantheory.report.numbers import number
from gantheory.report.tables import ROWS
from gantheory.report.training_findings import training_findings
from gantheory.study import Finding


MOST = 12
"""The number of members drawn in one figure at the most."""

NEAR, FAR = 1e-18, 1e6
"""Distances are drawn between these."""


def simulation_findings(runs: Trajectory) -> list[Finding]:
    """Return the sections of a run's page, the last of which stands above the table of members."""
    found = [_outcomes(runs)]
    many_steps = len(runs.steps) > 2
    if many_steps and sum(runs.game.sizes) == 2:
        found.append(_orbits(runs))
    if many_steps and runs.game.equilibria():
        found.append(_distances(runs))
    found += training_findings(runs)
    if many_steps:
        found.append(_losses(runs))
    shown = min(ROWS, runs.population)
    text = f"Where {'every member' if shown == runs.population else _of(shown, runs.population)} ended."
    if not many_steps:
        text += " The steps between are not kept for so many: `--record` asks for them, files (-o) have all members."
    return [*found, Finding("Members", text)]


def _outcomes(runs: Trajectory) -> Finding:
    counts = Counter(runs.outcome.tolist())
    all_of = runs.population
    shares = {name: number(100 * count / all_of, digits=3) for name, count in counts.items()}
    parts = [f"**{count:,}** {name} ({shares[name]} %)" for name, count in counts.most_common()]
    text = (
        f"Of {all_of:,} {'member' if all_of == 1 else 'members'}: {', '.join(parts)}.\n\n"
        "Converged: what is left of the path is at most a thousandth of the path so far, and where equilibria "
        "are known, one is near. Cycling: the path turns back and repeats within 5 percent. Diverged: not finite, "
        "a million times as far out as at the start, or still growing. Undecided, or where a budget ended the run out "
        "of budget: all else."
    )
    figure = _outcome_figure(runs)
    if figure is not None and figure["data"][0]["type"] == "scatter" and runs.game.equilibria():
        text += f"\n\nDistances below {NEAR:g} and above {FAR:g} are drawn there."
    return Finding("Outcomes", text, figure)


def _outcome_figure(runs: Trajectory) -> dict[str, Any] | None:
    if len(runs.swept) == 2:
        try:
            return phase_diagram(runs).figure()
        except ValueError:  # two fields that move together have no map
            return None
    if len(runs.swept) != 1:
        return None
    ((path, values),) = runs.swept.items()
    known = bool(runs.game.equilibria())
    height = distances_to(runs)[0][:, -1] if known else runs.losses[:, -1, 0].double().cpu().numpy()
    title = "last distance to an equilibrium" if known else f"last loss of {runs.game.players[0]}"
    low = NEAR if known else -DRAWN
    height = np.nan_to_num(height, nan=DRAWN, posinf=DRAWN, neginf=-DRAWN).clip(low, FAR if known else DRAWN)
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": values[runs.outcome == name],
            "y": height[runs.outcome == name],
            "marker": {"color": colour, "size": 6, "opacity": 0.8},
        }
        for name, colour in OUTCOMES.items()
        if (runs.outcome == name).any()
    ]
    layout = {
        "xaxis": axis(path, type="log" if evenly_logarithmic(np.unique(values)) else "linear"),
        "yaxis": axis(title, type="log" if known else "linear", exponentformat="power"),
        "showlegend": True,
    }
    return {"data": data, "layout": layout}


def _orbits(runs: Trajectory) -> Finding:
    drawn = min(runs.population, 8)
    which = "The orbit" if runs.population == 1 else f"The orbits of {_of(drawn, runs.population)}"
    text = (
        f"{which}, from ring to dot, over the field: arrows point where both players are drawn, `-v`, and grow "
        "with its length by rank."
    )
    return Finding("Orbits", text, phase_portrait(runs, members=range(drawn)).figure())


def _of(drawn: int, all_of: int) -> str:
    return f"all {all_of} members" if drawn == all_of else f"the first {drawn} of {all_of:,} members"


def _distances(runs: Trajectory) -> Finding:
    distances, _ = distances_to(runs)
    drawn = range(min(MOST, runs.population))
    data = [
        _line(runs, m, np.where(distances[m] > 1 / DRAWN, distances[m], np.nan), f"member {m}") for m in drawn
    ]
    layout = {"xaxis": axis("step"), "yaxis": axis("distance", type="log", exponentformat="power")}
    which = "" if runs.population == 1 else f" of {_of(len(drawn), runs.population)}"
    text = f"The Euclidean distance{which} to the nearest known equilibrium."
    figure = {"data": data, "layout": layout | {"showlegend": len(drawn) > 1}}
    return Finding("Distance to equilibrium", text, figure)


def _losses(runs: Trajectory) -> Finding:
    drawn = range(min(MOST // len(runs.game.players), runs.population))
    losses = runs.losses.double().cpu().numpy()
    data = [
        _line(runs, m, losses[m, :, i], player if len(drawn) == 1 else f"{player}, member {m}")
        for m in drawn
        for i, player in enumerate(runs.game.players)
    ]
    layout = {"xaxis": axis("step"), "yaxis": axis("loss"), "showlegend": True}
    batch = ", on a fresh batch at every recorded step" if runs._run.setup.batches else ""
    text = f"The players' losses{batch}."
    return Finding("Losses", text, {"data": data, "layout": layout})


def _line(runs: Trajectory, member: int, y: np.ndarray, name: str) -> dict[str, Any]:
    shown = np.where(np.abs(y) < DRAWN, y, np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": runs.steps,
        "y": shown,
        "line": {"width": 1.6},
    }

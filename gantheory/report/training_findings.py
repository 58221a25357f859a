"""What a run learned: samples beside the truth, verdicts, and what probes measured on the way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import torch

from gantheory.distributions import Distribution
from gantheory.dynamics import Trajectory
from gantheory.dynamics.diagnostics.picture import axis
from gantheory.games import Game, Generates
from gantheory.metrics import learning_outcome
from gantheory.study import Finding


SHOWN, DRAWN = 4, 1000
"""Members whose samples are drawn, and how many of them."""

JUDGED, SAMPLES = 64, 4000
"""Members who are judged at the most, and by how many samples."""


def truth_of(game: Game) -> Distribution | None:
    """Return the distribution that a game learns, its own or that of the game inside, or `None`."""
    while not isinstance(data := getattr(game, "data", None), Distribution):
        game = getattr(game, "game", None)  # type: ignore[assignment]
        if not isinstance(game, Game):
            return None
    return data


def training_findings(runs: Trajectory) -> list[Finding]:
    """Return the sections on samples, verdicts and probes, as far as the run has them."""
    found = [_probe(runs, name) for name in runs.probes]
    if not isinstance(runs.game, Generates) or not runs.game.models():
        return found
    truth = truth_of(runs.game)
    if runs.game.models()[0].outputs == 2:
        found.insert(0, _samples(runs, truth))
    if truth is not None and truth.dim == runs.game.models()[0].outputs:
        found.insert(0, _learned(runs, truth))
    return found


def _learned(runs: Trajectory, truth: Distribution) -> Finding:
    samples = runs.sample(SAMPLES, runs.key.child("metric", "learning_outcome"))[:JUDGED]
    outcome = learning_outcome(samples, truth, n=SAMPLES, key=runs.key.child("metric"))
    counts = Counter(outcome.verdict.tolist())
    parts = [f"**{count}** {name}" for name, count in counts.most_common()]
    text = (
        f"Of {len(samples)} {'member' if len(samples) == 1 else 'members'}: {', '.join(parts)}, by {SAMPLES:,} samples "
        "of each. Collapsed: a mode has below a tenth of its share. Learned: no mode has, the energy distance is at "
        "most a hundredth of the mean distance between true samples, and there are nine tenths as many good samples."
    )
    header = ["member", "verdict", "energy distance, relative"]
    columns: list[Any] = [range(len(samples)), outcome.verdict.tolist(), outcome.distance]
    if outcome.quality is not None:
        header.append("share of good samples")
        columns.append(outcome.quality)
    header.append("lost modes")
    columns.append([", ".join(map(str, modes)) for modes in outcome.lost])
    rows = [[column[m] for column in columns] for m in range(len(samples))]
    return Finding("What was learned", text, table=(header, rows))


def _samples(runs: Trajectory, truth: Distribution | None) -> Finding:
    clouds = dict(enumerate(runs.sample(DRAWN, runs.key.child("plot"))[:SHOWN]))
    names: dict[Any, torch.Tensor] = {f"member {m}": cloud for m, cloud in clouds.items()}
    text = "A thousand samples of each of the first members, at the end."
    if truth is not None:
        names = {"truth": truth.sample(DRAWN, runs.key.child("plot", "truth"))} | names
        text = "A thousand true samples, and as many of each of the first members at the end."
    data = []
    for name, cloud in names.items():
        x, y = cloud.double().cpu().numpy().T
        marker: dict[str, Any] = {"size": 3.5, "opacity": 0.6}
        if name == "truth":
            marker = {"size": 3.5, "opacity": 0.5, "color": "#a9afb5"}
        data.append({"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marker})
    layout = {"xaxis": axis(""), "yaxis": axis("", scaleanchor="x"), "height": 520}
    return Finding("Samples", text, {"data": data, "layout": layout})


def _probe(runs: Trajectory, name: str) -> Finding:
    values = runs.probes[name]
    steps, last = list(values), next(reversed(values.values()))
    rows = np.stack([np.atleast_1d(value.value) for value in values.values()], axis=-1)
    data: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines+markers", "name": f"member {m}", "x": steps, "y": row}
        for m, row in enumerate(rows[:12])
    ]
    text = f"On the way, for the first of {len(rows):,} members." if len(rows) > 12 else "On the way."
    floor = np.atleast_1d(last.floor)[0]
    if np.isfinite(floor):
        text += " The dashed line is what true samples reach."
        line = {"dash": "dash", "color": "#a9afb5"}
        ends = [steps[0], steps[-1]]
        data.append(
            {"type": "scatter", "mode": "lines", "name": "truth", "x": ends, "y": [floor] * 2, "line": line}
        )
    layout = {"xaxis": axis("step"), "yaxis": axis(name), "showlegend": True}
    table = (
        ["step", f"{name}, mean of all members"],
        [[step, value.mean()] for step, value in values.items()],
    )
    return Finding(name.capitalize(), text, {"data": data, "layout": layout}, table)

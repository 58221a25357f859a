"""The recorded points of a run as a file of numbers."""

from __future__ import annotations

import csv
import io
import os
import secrets
from pathlib import Path

import numpy as np

from gantheory.dynamics import Trajectory
from gantheory.dynamics.diagnostics.vector_field import parameter_names
from gantheory.report.document import write_whole


def write_npz(runs: Trajectory, path: Path) -> Path:
    """Write points, losses, steps, outcomes and swept numbers as arrays, and the texts that make them again."""
    arrays = {
        "points": runs.points.cpu().numpy(),
        "losses": runs.losses.cpu().numpy(),
        "steps": runs.steps,
        "outcome": runs.outcome.astype(str),
        "parameters": np.array(parameter_names(runs.game)),
        "game": np.array(repr(runs.game)),
        "rule": np.array(repr(runs.rule)),
        "key": np.array(repr(runs.key)),
        **runs.swept,
    }
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_csv(runs: Trajectory, path: Path) -> Path:
    """Write a row for every member and recorded step, numbers with all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    losses = [f"loss {player}" for player in runs.game.players]
    writer.writerow(["member", "step", *runs.swept, *parameter_names(runs.game), *losses, "outcome"])
    points, paid, steps = runs.points.tolist(), runs.losses.tolist(), runs.steps.tolist()
    swept = [values.tolist() for values in runs.swept.values()]
    for m, outcome in enumerate(runs.outcome):
        numbers = [column[m] for column in swept]
        for i, step in enumerate(steps):
            writer.writerow([m, step, *numbers, *points[m][i], *paid[m][i], outcome])
    return write_whole(path, text.getvalue())

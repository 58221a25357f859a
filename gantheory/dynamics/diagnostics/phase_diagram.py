"""Which outcome where: a sweep over two fields as a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gantheory.dynamics.diagnostics.picture import Picture, axis
from gantheory.dynamics.outcome import CONVERGED, CYCLING, DIVERGED, OUT_OF_BUDGET, UNDECIDED
from gantheory.dynamics.trajectory import Trajectory


OUTCOMES = {
    CONVERGED: "#3f8fc4",
    CYCLING: "#e0a526",
    DIVERGED: "#c8502d",
    UNDECIDED: "#a9afb5",
    OUT_OF_BUDGET: "#7d6b91",
}
"""The outcomes in the order of their numbers, and their colours."""


@dataclass(frozen=True, eq=False)
class PhaseDiagram(Picture):
    """The outcomes of a sweep over two fields: ``share[outcome]`` ``(rows, columns)`` of each cell's population.

    ``paths`` are the fields of rows and columns, in the order of the sweep, ``rows`` and ``columns`` their values.
    """

    paths: tuple[str, str]
    rows: np.ndarray
    columns: np.ndarray
    share: Mapping[str, np.ndarray]

    @property
    def outcome(self) -> np.ndarray:
        """The most frequent outcome of every cell, texts ``(rows, columns)``."""
        return np.array(list(self.share))[np.stack(list(self.share.values())).argmax(0)]

    def figure(self) -> dict[str, Any]:
        names = list(OUTCOMES)
        z = np.stack([self.share[name] for name in names]).argmax(0)
        steps = [(i + end) / len(names) for i in range(len(names)) for end in (0, 1)]
        colours = [colour for colour in OUTCOMES.values() for _ in (0, 1)]
        heat = {
            "type": "heatmap",
            "x": self.columns,
            "y": self.rows,
            "z": z.astype(float),
            "zmin": -0.5,
            "zmax": len(names) - 0.5,
            "colorscale": [list(pair) for pair in zip(steps, colours)],
            "colorbar": {"tickvals": list(range(len(names))), "ticktext": names, "ticklen": 0},
            "hovertemplate": f"{self.paths[1]} %{{x:.4g}}<br>{self.paths[0]} %{{y:.4g}}<extra></extra>",
        }
        layout: dict[str, Any] = {"height": 560}
        for side, path, values in (("x", self.paths[1], self.columns), ("y", self.paths[0], self.rows)):
            layout[f"{side}axis"] = axis(path, type="log" if evenly_logarithmic(values) else "linear")
        return {"data": [heat], "layout": layout}


def phase_diagram(runs: Trajectory) -> PhaseDiagram:
    """Return the outcomes of a sweep over two crossed fields as a map, data and picture.

    Raises `ValueError` for a run that did not sweep two crossed fields.

    Example:
        >>> from gantheory import R1, SGD, DiracGAN, Key, Linear, Log, Minimax, Simultaneous, WithPenalty, simulate
        >>> game, rule = WithPenalty(DiracGAN(Minimax()), R1(1.0)), Simultaneous(SGD(0.1))
        >>> sweep = {"rule.step.rate": Log(0.1, 10, 3), "game.penalty.weight": Linear(0, 1, 2)}
        >>> runs = simulate(game, rule, steps=400, sweep=sweep, start=(1.0, 1.0), key=Key(0))
        >>> phase_diagram(runs).outcome[:, 1].tolist()
        ['converged', 'converged', 'diverged']
    """
    swept, population = runs.swept, runs._run.setup.population
    if len(swept) != 2:
        raise ValueError(f"a phase diagram needs two swept fields, this run has {', '.join(swept) or 'none'}")
    first, second = (values[::population] for values in swept.values())
    rows, columns = (np.array(list(dict.fromkeys(values.tolist()))) for values in (first, second))
    shape = len(rows), len(columns)
    crossed = len(first) == len(rows) * len(columns)
    if (
        not crossed
        or (first.reshape(shape) != rows[:, None]).any()
        or (second.reshape(shape) != columns).any()
    ):
        raise ValueError("a phase diagram needs two fields that are crossed: sweep them under two keys")
    outcome = runs.outcome.reshape(*shape, population)
    share = {name: (outcome == name).mean(-1) for name in OUTCOMES}
    paths = tuple(swept)
    return PhaseDiagram((paths[0], paths[1]), rows, columns, share)


def evenly_logarithmic(values: np.ndarray) -> bool:
    """Return whether values over more than a decade are spaced like a logarithm's."""
    if len(values) < 3 or values.min() <= 0 or values.max() < 10 * values.min():
        return False
    steps = np.diff(np.log(values))
    return bool(np.ptp(steps) <= 1e-6 * np.abs(steps).max())

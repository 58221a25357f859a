"""The field of a game in a plane, alone or under orbits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.diagnostics.flow_lines import FlowLines
from gantheory.dynamics.diagnostics.picture import Picture, axis
from gantheory.dynamics.diagnostics.placed import Points, placed, rows_of
from gantheory.dynamics.trajectory import Trajectory
from gantheory.games import Game
from gantheory.random import Key


MOST = 16
"""The number of orbits drawn at the most."""

DRAWN = 1e30
"""Points as far out are left out of a picture: the squares of float32 end soon after."""

ARROWS = "#8d969e"
"""Between ink and paper, on a light page and on a dark one."""


@dataclass(frozen=True, eq=False)
class VectorField(Picture):
    """Where players are drawn, ``-v``, over a grid: ``x`` ``(columns,)``, ``y`` ``(rows,)``, and its two components
    ``across`` and ``up``, ``(rows, columns)`` each; ``names`` of the two parameters, and ``orbits`` drawn over it, one
    ``(recorded, 2)`` a member, with their labels."""

    x: np.ndarray
    y: np.ndarray
    across: np.ndarray
    up: np.ndarray
    names: tuple[str, str]
    orbits: tuple[tuple[str, np.ndarray], ...] = ()

    def figure(self) -> dict[str, Any]:
        sides = [axis(name, zeroline=False) for name in self.names]
        for side, places in zip(sides, (self.x, self.y)):
            pad = (places[-1] - places[0]) / (2 * len(places))
            side["range"] = [float(places[0] - pad), float(places[-1] + pad)]
        layout = {
            "xaxis": sides[0] | {"constrain": "domain"},
            "yaxis": sides[1] | {"scaleanchor": "x", "constrain": "domain"},
            "height": 560,
            "showlegend": len(self.orbits) > 0,
        }
        return {"data": [self._arrows(), *self._lines()], "layout": layout}

    def _arrows(self) -> dict[str, Any]:
        x, y = np.meshgrid(self.x, self.y)
        length = np.hypot(self.across, self.up)
        shown = np.isfinite(length) & (length > 0)
        order = length[shown].argsort().argsort() / max(
            1, shown.sum() - 1
        )  # by rank: lengths range over decades
        return {
            "type": "scatter",
            "mode": "markers",
            "name": "where players are drawn",
            "showlegend": False,
            "x": x[shown],
            "y": y[shown],
            "customdata": length[shown],
            "hovertemplate": "length %{customdata:.3g}<extra></extra>",
            "marker": {
                "symbol": "arrow",
                "color": ARROWS,
                "size": 5 + 8 * order,
                "angle": 90 - np.degrees(np.arctan2(self.up[shown], self.across[shown])),
                "line": {"width": 0},
                "opacity": 0.65,
            },
        }

    def _lines(self) -> list[dict[str, Any]]:
        traces: list[dict[str, Any]] = []
        for i, (label, path) in enumerate(self.orbits):
            shared = {"type": "scatter", "legendgroup": label, "name": label}
            traces.append(
                shared | {"mode": "lines", "x": path[:, 0], "y": path[:, 1], "line": {"width": 1.8}}
            )
            traces.append(
                shared
                | {
                    "mode": "markers",
                    "showlegend": False,
                    "x": path[[0, -1], 0],
                    "y": path[[0, -1], 1],
                    "text": ["start", "end"],
                    "hoverinfo": "text+x+y+name",
                    "marker": {"symbol": ["circle-open", "circle"], "size": 9},
                }
            )
            for trace in traces[-2:]:
                trace["line" if trace["mode"] == "lines" else "marker"]["color"] = COLOURS[i % len(COLOURS)]
        return traces


COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b4599a", "#c98a00", "#3fa0d6", "#7d6cc4", "#6b7278")
"""Told apart by every kind of colour vision, after Okabe and Ito; line and end points of an orbit share one."""


def vector_field(
    game: Game,
    *,
    centre: Points | None = None,
    reach: float = 2.0,
    axes: tuple[int, int] = (0, 1),
    count: int = 21,
    key: Key | None = None,
) -> VectorField:
    """Evaluate where players are drawn, ``-v``, on a square grid in the plane of two parameters.

    ``centre`` is by default the first known equilibrium, or the origin; the others stay at its values. The grid has
    ``count`` points to a side, ``reach`` from the centre to each edge. In float64, on one batch.

    Raises `ValueError` for arguments that do not fit, and for a game that draws without a key.

    Example:
        >>> from gantheory import Bilinear
        >>> field = vector_field(Bilinear(), reach=1.0, count=3)
        >>> field.across[2].tolist()  # at y = 1, x falls
        [-1.0, -1.0, -1.0]
    """
    middle = _centre(game, centre)
    _check_axes(game, axes)
    if not 0 < reach < np.inf or count < 2:
        raise ValueError(f"reach must be positive and count at least 2, got {reach} and {count}")
    low, high = ([float(middle[a]) + s * reach for a in axes] for s in (-1, 1))
    return _field_in(game, middle, axes, low, high, count, key)


def phase_portrait(
    runs: Trajectory | FlowLines,
    *,
    axes: tuple[int, int] = (0, 1),
    count: int = 21,
    members: Sequence[int] | None = None,
) -> VectorField:
    """Return a game's field under the recorded orbits, in the plane of two parameters.

    The first 16 ``members`` are drawn unless others are named; the window holds their points, but
    none that lies three times as far out as the starts. The other parameters stay at the first known equilibrium, or 0.

    Raises `ValueError` for axes or members that are not there.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> runs = simulate(Bilinear(), Simultaneous(SGD(0.1)), steps=9, record=1, key=Key(0))
        >>> phase_portrait(runs).orbits[0][1].shape
        (10, 2)
    """
    _check_axes(runs.game, axes)
    chosen = list(range(min(MOST, len(runs.points)))) if members is None else list(members)
    if not chosen or min(chosen) < 0 or max(chosen) >= len(runs.points):
        raise ValueError(f"members must lie between 0 and {len(runs.points) - 1}, got {chosen}")
    paths = runs.points[chosen][:, :, list(axes)].double().cpu().numpy()
    middle = _centre(runs.game, None)
    outcome = getattr(runs, "outcome", None)
    labels = [f"member {m}" if outcome is None else f"member {m}, {outcome[m]}" for m in chosen]
    low, high = _window(paths, middle[list(axes)].numpy())
    field = _field_in(runs.game, middle, axes, low, high, count, getattr(runs, "key", None))
    shown = (np.abs(path).max(-1) < DRAWN for path in paths)  # not for a NaN
    kept = tuple((label, path[near]) for label, path, near in zip(labels, paths, shown))
    return VectorField(field.x, field.y, field.across, field.up, field.names, kept)


def _window(paths: np.ndarray, middle: np.ndarray) -> tuple[list[float], list[float]]:
    points = paths[np.isfinite(paths).all(-1)].reshape(-1, 2)
    begun = paths[:, 0][np.isfinite(paths[:, 0]).all(-1)]
    # what leaves for far away would make all else a dot: three times the starts' distance is the most that is shown
    most = 3 * max(1e-9, np.abs(begun - middle).max(initial=0.0))
    held = np.concatenate([points.clip(middle - most, middle + most), begun, middle[None]])
    low, high = held.min(0), held.max(0)
    half = max(0.6 * (high - low).max(), 1e-9)
    centre = (low + high) / 2
    return (centre - half).tolist(), (centre + half).tolist()


def _field_in(
    game: Game, middle: Tensor, axes: tuple[int, int], low, high, count: int, key: Key | None
) -> VectorField:
    x, y = (torch.linspace(a, b, count, dtype=torch.float64) for a, b in zip(low, high))
    rows = middle.repeat(count * count, 1)
    rows[:, axes[0]], rows[:, axes[1]] = x.repeat(count), y.repeat_interleave(count)
    many, profile, batch = placed(game, rows, key)
    v = -torch.cat(many.field(profile, batch), dim=-1).detach().reshape(count, count, -1)
    first, second = parameter_names(game)[axes[0]], parameter_names(game)[axes[1]]
    across, up = v[:, :, axes[0]].numpy() + 0.0, v[:, :, axes[1]].numpy() + 0.0
    return VectorField(x.numpy(), y.numpy(), across, up, (first, second))


def _centre(game: Game, centre: Points | None) -> Tensor:
    known = game.equilibria()
    given = centre if centre is not None else known[0] if known else torch.zeros(sum(game.sizes))
    return rows_of(game, given, name="centre")[0]


def _check_axes(game: Game, axes: tuple[int, int]) -> None:
    n = sum(game.sizes)
    if len(axes) != 2 or axes[0] == axes[1] or not all(0 <= a < n for a in axes):
        raise ValueError(f"axes must be two different parameters from 0 to {n - 1}, got {axes}")


def parameter_names(game: Game) -> list[str]:
    """Return a name for every parameter: the player's, with a number where it has several.

    Example:
        >>> from gantheory import Bilinear
        >>> parameter_names(Bilinear(((1.0, 2.0),)))
        ['x', 'y 0', 'y 1']
    """
    return [
        player if size == 1 else f"{player} {j}"
        for player, size in zip(game.players, game.sizes)
        for j in range(size)
    ]

"""What studies of update rules share: factors fitted to orbits, edges of stability, and figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gantheory as gt


COLOURS = ("#3f8fc4", "#c8502d", "#4d9a57", "#a06cc2", "#e0a526", "#3aa6a0", "#b5587f", "#7a828a")


def factors(orbits: Any, *, memory: int = 1, between: tuple[float, float] = (0.0, np.inf)) -> np.ndarray:
    """Return the spectral radius ``(members,)`` of the linear step fitted to each orbit ``(members, steps, k)``.

    A rule with a state moves ``memory`` points together. Rows are scaled to unit length, so that no step counts for
    more than another; a ratio of two distances would be biased where orbits turn, a fitted matrix is not. Only steps
    from distances ``between`` two bounds count: nearer ones are rounding, farther ones may be linear no longer.
    """
    points = np.asarray(orbits, dtype=np.float64)
    last = points.shape[1] - memory + 1
    state = np.concatenate([points[:, i : i + last] for i in range(memory)], axis=-1)
    with np.errstate(over="ignore"):  # orbits that have left
        size = np.linalg.norm(state[:, :-1], axis=-1, keepdims=True)
    usable = (size > between[0]) & (size < between[1]) & np.isfinite(state[:, 1:]).all(axis=-1, keepdims=True)
    scale = np.where(usable, size, 1.0)
    before, after = (np.where(usable, z, 0.0) / scale for z in (state[:, :-1], state[:, 1:]))
    return np.abs(np.linalg.eigvals(np.linalg.pinv(before, rcond=1e-9) @ after)).max(axis=-1)


def largest_stable(measure: Callable[[gt.Values], np.ndarray], high: float, rounds: int = 4) -> float:
    """Return the end of the interval of step sizes whose measured factor is below 1, by nested sweeps of 16 sizes.

    ``measure`` takes the sizes and returns their factors; the answer is the largest stable size tried before the
    first that is not, 0 where there is none.
    """
    low = 0.0
    for _ in range(rounds):
        sizes = np.linspace(low, high, 17)[1:]
        stable = measure(gt.Values(tuple(sizes.tolist()))) < 1 - 1e-9
        if stable.all():
            return high
        first = int(np.argmin(stable))
        low, high = (sizes[first - 1] if first else low), sizes[first]
    return float(low)


def turned(attraction: float, rotation: float) -> gt.Quadratic:
    """Return the game of two players whose field has the eigenvalues ``attraction +- i rotation``."""
    return gt.Quadratic((1, 1), ((attraction, 0.0), (0.0, attraction)), ((0.0, rotation), (-rotation, 0.0)))


def line(
    x: Any, y: Any, name: str, colour: int = 0, *, dash: str = "solid", legend: bool = True
) -> dict[str, Any]:
    """Return a trace for what theory predicts."""
    style = {"color": COLOURS[colour % len(COLOURS)], "dash": dash, "width": 2}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": style,
        "showlegend": legend,
    }


def dots(x: Any, y: Any, name: str, colour: int = 0, *, legend: bool = True) -> dict[str, Any]:
    """Return a trace for what was measured."""
    style = {"color": COLOURS[colour % len(COLOURS)], "size": 6}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": name,
        "marker": style,
        "showlegend": legend,
    }


def axes(x: str, y: str, *, log: str = "", height: int = 480, limits: Any = ()) -> dict[str, Any]:
    """Return a layout with titled axes; ``log`` names the logarithmic ones, ``limits`` maps an axis to its ends."""
    layout: dict[str, Any] = {"height": height}
    for side, title in (("x", x), ("y", y)):
        layout[f"{side}axis"] = {"title": {"text": title}, "type": "log" if side in log else "linear"}
        if side in limits:
            ends = limits[side]
            layout[f"{side}axis"]["range"] = [float(np.log10(v)) if side in log else v for v in ends]
    return layout

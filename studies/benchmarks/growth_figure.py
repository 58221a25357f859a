"""How costs grow, as fits, words, a table and a figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from gantheory.estimate import Estimate
from gantheory.statistics import power_fit


AXES = {"population": "members", "width": "parameters", "batch": "samples a batch", "steps": "steps"}
COLOURS = {"time": "#0072b2", "memory": "#d55e00"}
UNITS = {"time": "ms", "memory": "MB"}
TITLES = {"time": "time of a run, ms", "memory": "peak memory, MB"}
FIXED = {"GAN": "32 members, width 32, batch 64, 20 steps", "Dirac-GAN": "10,000 members, 1,000 steps"}


@dataclass(frozen=True)
class Fit:
    """A cost in ms or MB at some sizes, as a power ``y = c n^k`` and as ``y = a + b n``."""

    cost: str
    kind: str
    axis: str
    sizes: tuple[float, ...]
    values: tuple[float, ...]
    power: Estimate
    factor: float
    fixed: float
    each: float


def level_and_slope(sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Fit ``y = a + b n`` with a and b of at least 0, by least squares of relative differences."""
    n, y = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    (a, b), _ = nnls(np.stack((1 / y, n / y), axis=1), np.ones(len(n)))
    return float(a), float(b)


def fitted(found: Mapping[tuple[str, str, str], Any], parameters: Callable[[int], int]) -> list[Fit]:
    """Fit every row of sizes and costs; widths count as the parameters that they mean."""
    fits = []
    for (cost, kind, axis), (sizes, values) in found.items():
        n = [float(parameters(size) if axis == "width" else size) for size in sizes]
        y = [1000 * value if cost == "time" else value for value in values]
        power, level = power_fit(n, y)
        numbers = math.exp(level.value), *level_and_slope(n, y)
        fits.append(Fit(cost, kind, axis, tuple(n), tuple(y), power, *numbers))
    return fits


def said(fits: Sequence[Fit], kind: str) -> str:
    """Return in words what a finding shows."""
    parts = [f"Fixed where nothing else is said: {FIXED[kind]}."]
    for cost in ("time", "memory"):
        powers = [f"{float(f.power):.2f} in {AXES[f.axis]}" for f in fits if (f.kind, f.cost) == (kind, cost)]
        parts.append(f"Fitted powers of {cost}: {', '.join(powers)}." if powers else "")
    parts.append(
        "A power below 1 over such a range is mostly a fixed cost that is spread: the solid line is `a + b n`, the "
        "dotted one the power. Memory is the most that the process held during the whole run above what it held "
        "before; time that of a run that stands ready, the median of rounds by turns."
    )
    return " ".join(part for part in parts if part)


def table(fits: Sequence[Fit], kind: str) -> tuple[Sequence[str], list[list[Any]]]:
    """Return the fits as a table."""
    header = ("cost", "against", "range of n", "power", "a", "b", "a = b n at")
    rows = [
        [
            *(
                f"{f.cost}, {UNITS[f.cost]}",
                AXES[f.axis],
                f"{f.sizes[0]:,.0f} to {f.sizes[-1]:,.0f}",
                f.power,
            ),
            *(_short(f.fixed), _short(f.each), _short(f.fixed / f.each) if f.each else None),
        ]
        for f in fits
        if f.kind == kind
    ]
    return header, rows


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def figure(fits: Sequence[Fit], kind: str) -> dict[str, Any]:
    """Return time above memory, a column for each thing that grows, with one scale a row."""
    own = [fit for fit in fits if fit.kind == kind]
    axes = [axis for axis in AXES if any(fit.axis == axis for fit in own)]
    wide = (1 - 0.035 * (len(axes) - 1)) / len(axes)
    layout: dict[str, Any] = {"height": 640, "annotations": [], "showlegend": True, "hovermode": "closest"}
    layout["legend"] = {"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0}
    layout["margin"] = {"l": 64, "r": 16, "t": 56, "b": 56}
    data: list[dict[str, Any]] = []
    for row, cost in enumerate(("time", "memory")):
        shown = [value for fit in own if fit.cost == cost for value in fit.values]
        for column, axis in enumerate(axes):
            i = row * len(axes) + column + 1
            _axes(layout, i, column, wide, axis, cost, shown)
            for fit in own:
                if (fit.cost, fit.axis) == (cost, axis):
                    data += _traces(fit, i, legend=i == 1)
                    layout["annotations"].append(_label(fit, i))
    return {"data": data, "layout": layout}


def _axes(
    layout: dict[str, Any], i: int, column: int, wide: float, axis: str, cost: str, shown: Sequence[float]
) -> None:
    left, upper = column * (wide + 0.035), cost == "time"
    x: dict[str, Any] = {"type": "log", "dtick": 1, "anchor": f"y{i}"}
    x["domain"] = [left, left + wide]
    if not upper:
        x["title"] = {"text": AXES[axis]}
    y: dict[str, Any] = {
        "type": "log",
        "dtick": 1,
        "anchor": f"x{i}",
        "domain": [0.56, 1] if upper else [0, 0.44],
    }
    y["range"] = [math.log10(min(shown) / 2), math.log10(max(shown) * 4)]
    y["showticklabels"] = column == 0
    if column == 0:
        y["title"] = {"text": TITLES[cost]}
    layout[f"xaxis{i}"], layout[f"yaxis{i}"] = x, y


def _traces(fit: Fit, i: int, *, legend: bool) -> list[dict[str, Any]]:
    n = np.geomspace(fit.sizes[0], fit.sizes[-1], 60)
    place = {"type": "scatter", "xaxis": f"x{i}", "yaxis": f"y{i}", "showlegend": legend}
    colour = COLOURS[fit.cost]
    straight = {"color": colour, "width": 2}
    dashed = {"color": colour, "width": 1.5, "dash": "dot"}
    marks = {"color": colour, "size": 8}
    hover = f"%{{x:,}} {AXES[fit.axis]}: %{{y:.3g}} {UNITS[fit.cost]}<extra></extra>"
    return [
        place | {"mode": "lines", "x": n, "y": fit.fixed + fit.each * n, "name": "a + b n"}
        | {"line": straight, "hoverinfo": "skip"},
        place | {"mode": "lines", "x": n, "y": fit.factor * n ** float(fit.power), "name": "power law"}
        | {"line": dashed, "hoverinfo": "skip"},
        place | {"mode": "markers", "x": fit.sizes, "y": fit.values, "name": "measured"}
        | {"marker": marks, "hovertemplate": hover},
    ]  # fmt: skip


def _label(fit: Fit, i: int) -> dict[str, Any]:
    low, high = fit.power.interval()
    text = f"<b>n<sup>{float(fit.power):.2f}</sup></b>  ({low:.2f} to {high:.2f})"
    if fit.each and fit.fixed:
        text += f"<br>{fit.fixed:.3g} + {fit.each:.2g} n {UNITS[fit.cost]}"
    return {
        "text": text,
        **{"xref": f"x{i} domain", "yref": f"y{i} domain", "x": 0.04, "y": 0.97, "showarrow": False},
        **{
            "xanchor": "left",
            "yanchor": "top",
            "align": "left",
            "font": {"size": 12, "color": COLOURS[fit.cost]},
        },
    }

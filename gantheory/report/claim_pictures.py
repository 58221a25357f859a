"""The picture of a claim: what is measured over what is predicted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gantheory.claims import Box, Claim, Curve, Verdict
from gantheory.estimate import Estimate
from gantheory.random import Key
from gantheory.report.numbers import number


FLAT = 1e-6
"""Numbers that differ by less, beside the largest of them and 1, make no picture."""

DECADES = 3
"""An axis is logarithmic where its positive numbers span so many powers of ten."""

LONG = 5
"""A column of fewer numbers is no line."""

_SIDE = {"=": "predicted", "<=": "upper bound", ">=": "lower bound"}


def picture(verdict: Verdict, key: Key) -> dict[str, Any] | None:
    """Return the figure of both sides, or None where there is nothing to see.

    It runs along the claim's own `Claim.curve`, or else along that column of its box along which the
    measured number changes most. A claim without either shows the instances that `check` tried.
    """
    claim = verdict.claim
    curve = claim.curve()
    if curve is not None:
        return _along(claim, curve, *_sides(claim, curve, key))
    found = _steepest(claim, claim.box, key) if claim.box is not None else None
    return found or _tried(verdict)


Sides = tuple[np.ndarray, np.ndarray, np.ndarray]
"""What is predicted and observed along a curve, and half the interval of what is observed."""


def _sides(claim: Claim, curve: Curve, key: Key) -> Sides:
    if claim.box is not None:  # all rows as one batch
        rows = [row for value in curve.values for row in curve.instance(value)]
        sides = _evaluated(claim, tuple(rows), key, len(curve.values))
    else:
        points = [_evaluated(claim, curve.instance(value), key, 1) for value in curve.values]
        sides = [np.concatenate(side) for side in zip(*points)]
    return _place(sides, curve.row)


def _evaluated(claim: Claim, instance: Any, key: Key, points: int) -> list[np.ndarray]:
    """Return both sides and the half interval, each ``(points, numbers)``."""
    found = claim.observed(instance, key)
    estimate = found if isinstance(found, Estimate) else Estimate(found)
    low, high = estimate.interval()
    sides = (claim.predicted(instance), estimate.value, (high - low) / 2)
    return [np.asarray(side, np.float64).reshape(points, -1) for side in sides]


def _place(sides: Sequence[np.ndarray], row: int | None) -> Sides:
    """Return one number a point: the one asked for, or the one that changes most along the curve."""
    predicted, observed, half = sides
    place = int(np.argmax([_steepness(numbers) for numbers in observed.T])) if row is None else row
    return predicted[:, place], observed[:, place], half[:, place]


def _steepest(claim: Claim, box: Box, key: Key) -> dict[str, Any] | None:
    """Return the figure along the column that tells most; the others stand at their middle or upper quartile.

    At the middle of a column about 0 much vanishes. All candidates are evaluated as one batch.
    """
    upper = {name: sorted(column)[3 * len(column) // 4] for name, column in box.columns.items()}
    names = [name for name, column in box.columns.items() if len(set(column)) >= LONG]
    curves = [
        box.curve(name, log=_log_of(box.columns[name]), **{other: upper[other] for other in others})  # type: ignore[arg-type]
        for name in names
        for others in ([], [other for other in upper if other != name])
    ]
    if not curves:
        return None
    rows = [row for curve in curves for value in curve.values for row in curve.instance(value)]
    ends = np.cumsum([len(curve.values) for curve in curves])[:-1]
    parts = zip(*(np.split(side, ends) for side in _evaluated(claim, tuple(rows), key, len(rows))))
    split = [_place(sides, None) for sides in parts]
    steepness = [_steepness(observed) for _, observed, _ in split]
    best = int(np.argmax(steepness))
    return _along(claim, curves[best], *split[best]) if steepness[best] > FLAT else None


def _steepness(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite) / max(1.0, np.abs(finite).max())) if len(finite) > 1 else 0.0


def _along(claim: Claim, curve: Curve, predicted: np.ndarray, observed: np.ndarray, half: np.ndarray) -> Any:
    marks = {"mode": "markers", "marker": {"size": 5}}
    error = {"error_y": {"type": "data", "array": half}} if half.any() else {}
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": _SIDE[claim.relation],
            "x": curve.values,
            "y": predicted,
        },
        {"type": "scatter", "name": "observed", "x": curve.values, "y": observed, **marks, **error},
    ]
    x = {"title": {"text": curve.name + _held(claim, curve)}}
    log_y = "y" in curve.log or "y" in _log_of([*predicted, *observed], axis="y")
    return _figure(data, x, {}, log="x" * ("x" in curve.log) + "y" * log_y)


def _held(claim: Claim, curve: Curve) -> str:
    """Return what the other columns of a box stand at."""
    if claim.box is None:
        return ""
    (row,) = curve.instance(curve.values[0])
    others = [f"{n} = {number(v)}" for n, v in zip(claim.box.names, row) if n != curve.name]
    return f" ({', '.join(others)})" if others else ""


def _tried(verdict: Verdict) -> dict[str, Any] | None:
    pairs = np.array([pair for pair in verdict.tried if np.isfinite(pair).all()]).reshape(-1, 2)
    if len(np.unique(pairs.round(12), axis=0)) < LONG or max(map(_steepness, pairs.T)) < FLAT:
        return None
    predicted, observed = pairs.T
    ends = [pairs.min(), pairs.max()]
    sign = {"=": "equal", "<=": "upper bound", ">=": "lower bound"}[verdict.claim.relation]
    data = [
        {"type": "scatter", "mode": "lines", "name": sign, "x": ends, "y": ends},
        {
            "type": "scatter", "mode": "markers", "name": "instances tried", "x": predicted, "y": observed,
            "marker": {"size": 5, "opacity": 0.7},
        },
    ]  # fmt: skip
    log = "xy" if _log_of(pairs.ravel()) else ""
    return _figure(data, {"title": {"text": "predicted"}}, {"title": {"text": "observed"}}, log=log)


def _log_of(values: Sequence[float] | np.ndarray, axis: str = "x") -> str:
    finite = np.array(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    wide = len(finite) and finite.min() > 0 and math.log10(finite.max() / finite.min()) >= DECADES
    return axis if wide else ""


def _figure(data: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], *, log: str) -> dict[str, Any]:
    kinds = {axis: {"type": "log" if axis in log else "linear"} for axis in "xy"}
    layout = {
        "xaxis": {**x, **kinds["x"]},
        "yaxis": {**y, **kinds["y"]},
        "height": 240,
        "margin": {"l": 48, "r": 16, "t": 30, "b": 44},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }
    return {"data": data, "layout": layout}

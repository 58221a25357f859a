"""Figures as JSON for plotly.js: plain numbers, packed where there are many."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gantheory.estimate import Estimate


PACK = 64  # numbers from which on base64 is shorter than digits


def figure_json(figure: Mapping[str, Any], *, points: int) -> tuple[str, bool]:
    """Return a figure as JSON that is safe inside a script element, and whether it was thinned.

    Arrays and tensors may stand for lists. A trace of more than ``points`` points keeps every k-th of
    them; many numbers are packed as float32, which is finer than any screen.
    """
    thinned, traces = False, []
    for trace in figure.get("data", ()):
        step = math.ceil(_length(trace) / points)
        thinned |= step > 1
        traces.append(_thin(trace, step) if step > 1 else trace)
    plain = {"data": [_plain(trace) for trace in traces], "layout": _plain(figure.get("layout", {}))}
    text = json.dumps(plain, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c"), thinned


def _length(trace: Mapping[str, Any]) -> int:
    """Return the points of a trace along a line; 1 for a trace of another kind, such as a heat map."""
    if "x" not in trace or "y" not in trace or np.ndim(trace.get("z", 0)) > 1:
        return 1
    lengths = {len(trace[name]) for name in ("x", "y") if hasattr(trace[name], "__len__")}
    return lengths.pop() if len(lengths) == 1 else 1


def _thin(trace: Mapping[str, Any], step: int) -> dict[str, Any]:
    length = _length(trace)

    def part(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: part(item) for name, item in value.items()}
        per_point = hasattr(value, "__len__") and not isinstance(value, str) and len(value) == length
        return value[::step] if per_point else value

    return {name: part(value) for name, value in trace.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Estimate):
        value = value.value
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return _packed(value) if value.size >= PACK and value.ndim <= 2 else _plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _packed(np.array(value, dtype=float)) if _numbers(value) else [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _numbers(value: Sequence[Any]) -> bool:
    return len(value) >= PACK and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)


def _packed(array: np.ndarray) -> Any:
    if array.dtype.kind not in "iuf":
        return [_plain(item) for item in array.tolist()]
    fits = np.abs(np.nan_to_num(array.astype(np.float64), posinf=0.0, neginf=0.0)).max() < 3e38
    # a float32 tells numbers apart to 7 digits: a curve that lives beyond them keeps its doubles
    spread = np.ptp(array[np.isfinite(array)]) if np.isfinite(array).any() else 0.0
    fine = not spread or np.abs(array[np.isfinite(array)]).max() < 1e4 * spread
    kind = "f4" if fits and fine else "f8"
    data = base64.b64encode(np.ascontiguousarray(array, dtype=f"<{kind}").tobytes()).decode("ascii")
    shape = {"shape": ", ".join(map(str, array.shape))} if array.ndim > 1 else {}
    return {"dtype": kind, "bdata": data, **shape}

"""What the tour's results say, as texts, tables and figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gantheory.study.results import Result, Results
from gantheory.study.study import Finding


NAMES = {"gan": "GAN", "flow": "RealNVP flow"}


def orbit_findings(results: Results) -> list[Finding]:
    """Say whether Dirac-GAN converges and how fast, measured beside predicted."""
    if not len(results):
        return []
    rows = [
        (
            r.cell.rule,
            r.cell.weight,
            f"{float(r.values['measured factor']):.6f}",
            f"{r.values['predicted factor']:.6f}",
            r.values["nearer"],
        )
        for r in results
    ]
    header = (
        "rule",
        "R1 weight",
        "measured factor a step",
        "predicted",
        "of 1,024 starts, ended ten times nearer",
    )
    worst = max(abs(float(r.values["measured factor"]) - r.values["predicted factor"]) for r in results)
    text = (
        "Dirac-GAN is a generator of one point, a critic of one slope, and data at 0: its equilibrium is the "
        f"origin. Every orbit below is one of 1,024 run at once, with step size {results[0].values['rate']:g}. "
        "A factor below 1 means that the distance to the equilibrium shrinks. Theory predicts it from the "
        "eigenvalues of the Jacobian and never sees the simulation; measured and predicted differ by "
        f"{worst:.1e} at the most. "
        f"{_fates(results)}"
    )
    return [Finding("Who converges on Dirac-GAN", text, _orbit_figure(results), (header, rows))]


def _fates(results: Results) -> str:
    """Sort the rules by what their measured factors say: away from 1 by more than rounding of the fit."""
    fates: dict[str, list[str]] = {
        "Orbits shrink under": [],
        "They grow under": [],
        "Their distance neither shrinks nor grows under": [],
    }
    shrink, grow, neither = fates.values()
    for result in results:
        low, high = result.values["measured factor"].interval(0.999)
        (shrink if high < 1 - 1e-9 else grow if low > 1 + 1e-9 else neither).append(_label(result))
    return " ".join(f"{start} {', '.join(names)}." for start, names in fates.items() if names)


def _label(result: Result) -> str:
    return result.cell.rule + (f" with R1 {result.cell.weight:g}" if result.cell.weight else "")


def _orbit_figure(results: Results) -> dict[str, Any]:
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"height": 720, "showlegend": False, "annotations": []}
    for i, result in enumerate(results):
        suffix = "" if i == 0 else str(i + 1)
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        column, row = i % 3, i // 3
        x = [column * 0.345, column * 0.345 + 0.31]
        y = [0.54, 0.96] if row == 0 else [0.0, 0.42]
        shared = {"range": [-2.6, 2.6], "zeroline": False}
        layout[f"xaxis{suffix}"] = shared | {"domain": x, "anchor": f"y{suffix}", "title": {"text": "θ"}}
        layout[f"yaxis{suffix}"] = shared | {"domain": y, "anchor": f"x{suffix}"}
        if column == 0:
            layout[f"yaxis{suffix}"]["title"] = {"text": "ψ"}
        layout["annotations"].append(
            {
                "text": _label(result).replace(" with", "<br>with"),
                "font": {"size": 11},
                "x": sum(x) / 2,
                "y": y[1] + 0.005,
                "xref": "paper",
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
        traces += [trace | axes for trace in _portrait(result)]
    return {"data": traces, "layout": layout}


def _portrait(result: Result) -> list[dict[str, Any]]:
    grid, direction = result.values["grid"], result.values["direction"]
    angle = np.degrees(np.arctan2(direction[:, 0], direction[:, 1]))  # clockwise from upwards
    arrows = {
        "type": "scatter",
        "mode": "markers",
        "x": grid[:, 0],
        "y": grid[:, 1],
        "marker": {"symbol": "arrow", "angle": angle, "size": 6, "color": "rgba(128,128,128,0.45)"},
        "hoverinfo": "skip",
    }
    orbits = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": orbit[:, 0],
            "y": orbit[:, 1],
            "line": {"width": 1.3},
            "name": f"start ({orbit[0, 0]:.2f}, {orbit[0, 1]:.2f})",
        }
        for orbit in result.values["orbits"]
    ]
    return [arrows, *orbits]


def ring_findings(results: Results) -> list[Finding]:
    """Compare the GAN and the flow on the ring."""
    if not len(results):
        return []
    quantities = ("modes", "good share", "energy distance", "sliced Wasserstein", "likelihood")
    labels = (
        "modes captured, of 8",
        "share of good samples",
        *quantities[2:4],
        "negative log-likelihood, nats",
    )
    table = _compared(results, quantities, labels)
    text = _budget(results) + (
        " A sample is good if it lies as near its mode as 98.9 % of true samples do. The floor is what true "
        "samples reach against true samples of the same size. The flow's negative log-likelihood has the "
        f"entropy, {results[0].values['entropy']:.4f} nats, for its floor; a GAN has none."
    )
    return [
        Finding("A GAN and a flow on eight Gaussians", text, _sample_figure(results), table),
        Finding("How they got there", "Energy distance on the way, one line a seed.", _curve_figure(results)),
    ]


def data_finding(results: Results) -> list[Finding]:
    """Compare the GAN and the flow on the user's points."""
    if not len(results):
        return []
    quantities = ("energy distance", "sliced Wasserstein", "likelihood")
    header, rows = _compared(results, quantities, (*quantities[:2], "negative log-likelihood, nats"))
    first = results[0].values
    rows += [
        ("energy distance", "the training points themselves", first["training against held-out"]),
        ("negative log-likelihood, nats", "Gaussian with their moments", first["Gaussian likelihood"]),
    ]
    data = results[0].cell.data
    text = _budget(results) + (
        f" The data are {data.path}: every fifth row at random is held out, and all figures are against the "
        "held-out rows. Columns are standardised, with normal noise of scale "
        f"{data.noise:g} added, without which points on a grid have no density. The true law is unknown, so "
        "the training points themselves and a fitted Gaussian stand beside the models."
    )
    title = "A GAN and a flow on your points (first two coordinates)"
    return [Finding(title, text, _sample_figure(results), (header, rows))]


def _compared(results: Results, quantities: tuple, labels: tuple) -> tuple[tuple[str, ...], list[tuple]]:
    rows = [
        (label, NAMES[r.cell.kind], r.values[quantity].mean())
        for quantity, label in zip(quantities, labels)
        for r in results
        if quantity in r.values
    ]
    return ("quantity", "model", "mean over seeds"), rows


def _budget(results: Results) -> str:
    parts = [
        f"{NAMES[r.cell.kind]}: {r.values['parameters']:,} parameters, {r.values['samples']:,} real samples, "
        f"{r.values['training seconds']:.0f} s for all seeds"
        for r in results
    ]
    seeds = len(results[0].values["energy distance"])
    return (
        f"{seeds} seeds each, on equal budgets of parameters (all players) and samples. {'; '.join(parts)}."
    )


def _sample_figure(results: Results) -> dict[str, Any]:
    shown = [("truth", results[0].values["true points"])]
    shown += [(NAMES[r.cell.kind], r.values["points"][0]) for r in results]
    spread = 1.15 * float(np.quantile(np.abs(shown[0][1]), 0.999))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"height": 300, "showlegend": False, "annotations": []}
    width = 1 / len(shown)
    for i, (label, points) in enumerate(shown):
        suffix = "" if i == 0 else str(i + 1)
        domain = [i * width + 0.02, (i + 1) * width - 0.02]
        shared = {"range": [-spread, spread], "zeroline": False}
        layout[f"xaxis{suffix}"] = shared | {"domain": domain, "anchor": f"y{suffix}"}
        layout[f"yaxis{suffix}"] = shared | {"anchor": f"x{suffix}", "scaleanchor": f"x{suffix}"}
        layout["annotations"].append(
            {"text": label, "x": sum(domain) / 2, "y": 1.02, "xref": "paper", "yref": "paper"}
            | {"showarrow": False, "yanchor": "bottom"}
        )
        traces.append(
            {"type": "scattergl", "mode": "markers", "x": points[:, 0], "y": points[:, 1], "name": label}
            | {"marker": {"size": 3, "opacity": 0.6}, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        )
    return {"data": traces, "layout": layout}


def _curve_figure(results: Results) -> dict[str, Any]:
    traces = []
    for i, result in enumerate(results):
        curve = result.values["curve"]
        steps = [point["step"] for point in curve]
        distances = np.stack([point["energy distance"].value for point in curve], axis=1)
        for seed, line in enumerate(distances):
            traces.append(
                {"type": "scatter", "mode": "lines+markers", "x": steps, "y": np.maximum(line, 1e-6)}
                | {"name": NAMES[result.cell.kind], "legendgroup": result.cell.kind, "showlegend": seed == 0}
                | {"line": {"color": ("#c2410c", "#1d4ed8")[i % 2], "width": 1.5}}
            )
    floor = max(float(results[0].values["energy distance"].floor[0]), 1e-6)
    line = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": floor,
        "y1": floor,
        "line": {"dash": "dot"},
    }
    layout = {
        "height": 380,
        "xaxis": {"type": "log", "title": {"text": "step"}},
        "yaxis": {"type": "log", "title": {"text": "energy distance"}},
        "shapes": [line] if math.isfinite(floor) else [],
    }
    return {"data": traces, "layout": layout}

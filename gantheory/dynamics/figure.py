"""A trajectory as a picture and as a small page."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from gantheory.games import Generates


if TYPE_CHECKING:
    from gantheory.dynamics.trajectory import Trajectory


MOST = 16
"""The number of members drawn at the most."""


def trajectory_figure(runs: Trajectory):
    """Return a plotly figure of a trajectory."""
    import plotly.graph_objects as go

    figure = go.Figure(layout={"template": "plotly_white"})
    if runs.points.shape[-1] == 2:
        _orbits(figure, runs)
    elif (
        isinstance(runs.game, Generates)
        and (samples := runs.sample(500, runs.key.child("plot"))).shape[-1] == 2
    ):
        for m, cloud in enumerate(samples[:MOST].cpu()):
            x, y = cloud.T.tolist()
            figure.add_scatter(x=x, y=y, mode="markers", name=f"member {m}", marker={"size": 3})
        figure.update_yaxes(scaleanchor="x")
    else:
        for m in range(min(MOST, runs.population)):
            for i, player in enumerate(runs.game.players):
                losses = runs.losses[m, :, i].tolist()
                figure.add_scatter(x=runs.steps.tolist(), y=losses, name=f"{player}, member {m}")
        figure.update_layout(xaxis_title="step", yaxis_title="loss")
    return figure


def _orbits(figure, runs: Trajectory) -> None:
    for m, path in enumerate(runs.points[:MOST].cpu()):
        x, y = path.T.tolist()
        figure.add_scatter(x=x, y=y, mode="lines+markers", name=f"member {m}", marker={"size": 3})
    names = runs.game.players
    figure.update_layout(xaxis_title=names[0], yaxis_title=names[-1])
    figure.update_yaxes(scaleanchor="x")


def trajectory_html(runs: Trajectory) -> str:
    """Return a small table about a trajectory, for notebooks."""
    outcomes = ", ".join(f"{count} {name}" for name, count in Counter(runs.outcome.tolist()).items())
    cost = runs.cost
    rows = {
        "game": repr(runs.game),
        "rule": repr(runs.rule),
        "key": repr(runs.key),
        "members": str(runs.population),
        "recorded steps": f"{len(runs.steps)}, the last at {runs.steps[-1]}",
        "outcome": outcomes,
        "computed": runs._run.setup.computed,
        "cost": f"{cost.samples} samples, {cost.field_calls} gradients a member, {cost.seconds:.2f} s in all",
    }
    cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
    return f"<table>{cells}</table>"

"""How far from an equilibrium a rule still finds it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit

from gantheory.dynamics.diagnostics.picture import Picture, axis
from gantheory.dynamics.diagnostics.placed import Points, rows_of
from gantheory.dynamics.outcome import CONVERGED
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.simulate import simulate
from gantheory.estimate import Estimate
from gantheory.games import Game
from gantheory.random import Key


@dataclass(frozen=True, eq=False)
class Basin(Picture):
    """Which starts came to the centre: ``radii`` and ``converged`` ``(starts,)``, and the curve fitted to them.

    ``radius`` is where half of the starts converge; ``width`` is how softly the edge falls, in the same units, 0
    for a sharp edge.
    """

    radius: Estimate
    width: float
    radii: np.ndarray
    converged: np.ndarray

    def figure(self) -> dict[str, Any]:
        edges = np.linspace(self.radii.min(), self.radii.max(), 26)
        place = np.clip(np.digitize(self.radii, edges) - 1, 0, 24)
        counts = np.bincount(place, minlength=25)
        share = np.bincount(place, self.converged, minlength=25) / np.where(counts, counts, np.nan)
        at = np.linspace(edges[0], edges[-1], 200)
        scatter: dict[str, Any] = {"type": "scatter"}
        data = [
            scatter | {"mode": "markers", "name": "measured", "x": (edges[1:] + edges[:-1]) / 2, "y": share},
            scatter | {"mode": "lines", "name": "fitted", "x": at, "y": self._curve(at)},
        ]
        layout = {
            "xaxis": axis("distance of the start from the centre"),
            "yaxis": axis("share that converged", range=[-0.03, 1.03]),
        }
        return {"data": data, "layout": layout}

    def _curve(self, r: np.ndarray) -> np.ndarray:
        middle = float(self.radius)
        if not self.width or not math.isfinite(middle):
            return (r < middle).astype(float)
        return expit((middle - r) / self.width)


def basin_radius(
    game: Game,
    rule: Rule,
    *,
    reach: float,
    steps: int,
    starts: int = 1000,
    centre: Points | None = None,
    nearness: float = 1e-2,
    key: Key,
) -> Basin:
    """Find the distance from a centre within which half of the starts converge to it.

    Equation: starts ``centre + r u``, u uniform on the sphere, r uniform in ``(0, reach)``; ``P(converged | r) =
    1 / (1 + exp((r - R) / width))``, fitted by maximum likelihood; the standard error of R is that of the
    likelihood's curvature. A start converged where the outcome says so and its last point lies within ``nearness``
    of the centre, by default the game's only equilibrium. Where one distance parts those that did from those that
    did not, R is the middle between them, the width 0 and the standard error the gap's over sqrt(12). Where all
    starts converge R is infinite, where none does 0.

    Raises `ValueError` for arguments that do not fit, and where the game does not know one equilibrium and
    no centre is given.

    Reference: Mescheder, Geiger, Nowozin (2018), for the picture.

    Example:
        >>> from gantheory import SGD, Consensus, DiracGAN, Key, Minimax
        >>> rule = Consensus(SGD(0.05), weight=1.0)
        >>> basin = basin_radius(DiracGAN(Minimax()), rule, reach=4.0, steps=2000, key=Key(0))
        >>> 1.5 < float(basin.radius) < 3.0
        True
    """
    if not 0 < reach < math.inf or starts < 10 or not nearness > 0:
        raise ValueError(
            f"reach and nearness must be positive and starts at least 10, got {reach}, {nearness}, {starts}"
        )
    if centre is None and len(game.equilibria()) != 1:
        raise ValueError(f"{game!r} knows {len(game.equilibria())} equilibria: give a centre")
    middle = rows_of(game, game.equilibria()[0] if centre is None else centre, name="centre")
    source = key.to(torch.float64, "cpu")
    directions = source.child("direction").normal(starts, middle.shape[-1])
    directions = directions / torch.linalg.vector_norm(directions, dim=-1, keepdim=True)
    radii = reach * source.child("radius").uniform(starts)
    start = middle + radii[:, None] * directions
    runs = simulate(game, rule, steps=steps, population=starts, start=start, key=key.child("run"))
    near = torch.linalg.vector_norm(runs.points[:, -1].double().cpu() - middle, dim=-1) <= nearness
    converged = (runs.outcome == CONVERGED) & near.numpy()
    radius, width = _edge(radii.numpy(), converged)
    return Basin(radius, width, radii.numpy(), converged)


def _edge(radii: np.ndarray, converged: np.ndarray) -> tuple[Estimate, float]:
    n = len(radii)
    if converged.all() or not converged.any():
        return Estimate(math.inf if converged.all() else 0.0, math.nan, n=n), 0.0
    last, first = radii[converged].max(), radii[~converged].min()
    if last < first:
        return Estimate((last + first) / 2, (first - last) / math.sqrt(12), n=n), 0.0
    scale = radii.max()
    r, c = radii / scale, converged.astype(float)

    def cost(parameters: np.ndarray) -> float:
        t = (parameters[0] - r) * np.exp(parameters[1])
        return float(np.logaddexp(0, t).sum() - (c * t).sum())

    fit = minimize(cost, [(last + first) / 2 / scale, math.log(10.0)], method="BFGS", tol=1e-8)
    R, slope = fit.x[0], math.exp(fit.x[1])
    t = (R - r) * slope
    weights = expit(t) * expit(-t)
    rows = np.stack([np.full(n, slope), t], axis=-1)  # derivatives of t by R and by the slope's logarithm
    covariance = np.linalg.inv(rows.T @ (weights[:, None] * rows))
    return Estimate(R * scale, math.sqrt(covariance[0, 0]) * scale, n=n), scale / slope

"""What theory predicts of update rules, drawn over what they do: ``gantheory run studies/dynamics.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

import gantheory as gt
from gantheory import theory
from gantheory.study.tour import contraction


RATE = 0.2
ROTATING = {
    "simultaneous": (gt.Simultaneous(gt.SGD(0.1)), {}),
    "extragradient": (gt.ExtraGradient(gt.SGD(0.1)), {}),
    "optimistic": (gt.Optimistic(gt.SGD(0.1)), {}),
    "momentum": (gt.Simultaneous(gt.Momentum(0.1, beta=-0.5)), {"beta": -0.5}),
    "look-ahead": (gt.LookAhead(gt.Simultaneous(gt.SGD(0.1)), steps=5), {"steps": 5, "pull": 0.5}),
    "consensus": (gt.Consensus(gt.SGD(0.1), weight=1.0), {"weight": 1.0}),
}
OBJECTIVES = {"gan": gt.Minimax(), "nsgan": gt.NonSaturating(), "wgan": gt.Wasserstein()}
TURNS = {"simultaneous": gt.Simultaneous(gt.SGD(RATE)), "alternating": gt.Alternating(gt.SGD(RATE))}
LAST = {
    "anchored": gt.Anchored(gt.SGD(0.125)),
    "halpern": gt.Halpern(gt.ProximalPoint(gt.SGD(1.0))),
    "average": gt.Averaged(gt.Alternating(gt.SGD(0.3))),
}


@dataclass(frozen=True)
class Rotation(gt.Noun):
    """A rule on the game x y, over step sizes."""

    rule: str
    rates: int
    steps: int


@dataclass(frozen=True)
class Dirac(gt.Noun):
    """Dirac-GAN with an objective and an R1 penalty, near its equilibrium."""

    objective: str
    weight: float
    turns: Literal["simultaneous", "alternating"]


@dataclass(frozen=True)
class Delay(gt.Noun):
    """Descent on psi^2 / 2 by gradients of some steps ago, over step sizes around the limit."""

    staleness: int
    rates: int
    steps: int


@dataclass(frozen=True)
class LastPoint(gt.Noun):
    """How far from equilibrium a method is after k steps on the game x y."""

    rule: str
    steps: int


@dataclass(frozen=True)
class Dynamics(gt.Study):
    """Rules on games whose linear algebra is known, measured beside predicted."""

    question: ClassVar[str] = "Do update rules do what theory says of them?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        scale = {"smoke": 1, "small": 4, "full": 10}[preset]
        return (
            *(
                Dirac(o, w, t)
                for o in OBJECTIVES
                for w in (0.0, 0.3, 1.0)
                for t in ("simultaneous", "alternating")
            ),
            *(Rotation(rule, 20 * scale, 200) for rule in ROTATING),
            *(Delay(s, 21, 400 * scale) for s in (0, 1, 2, 4, 8)),
            *(LastPoint(rule, 500 * scale) for rule in LAST),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        work = {Rotation: _rotation, Dirac: _dirac, Delay: _delay, LastPoint: _last_point}
        return work[type(cell)](cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        parts = ((Dirac, _table), (Rotation, _factors), (Delay, _limits), (LastPoint, _falls))
        return [say(results.select(kind)) for kind, say in parts if len(results.select(kind))]


def _dirac(cell: Dirac, key: gt.Key) -> dict[str, Any]:
    game = gt.WithPenalty(gt.DiracGAN(OBJECTIVES[cell.objective]), gt.R1(cell.weight))
    near = 1e-6 * key.normal(1024, 2, dtype=torch.float64)
    rule = TURNS[cell.turns]
    orbits = gt.simulate(game, rule, steps=20, start=near, population=1024, record=1, key=key)
    jacobian = theory.dirac_jacobian(objective=cell.objective, weight=cell.weight)
    far = gt.simulate(game, rule, steps=2000, population=64, key=key)
    return {
        "measured": contraction(orbits.points.numpy()),
        "predicted": float(theory.contraction_factor(jacobian, RATE, rule=cell.turns)),
        "converged": int((far.outcome == "converged").sum()),
        "diverged": int((far.outcome == "diverged").sum()),
    }


def _table(results: Any) -> gt.Finding:
    worst = max(abs(float(r.values["measured"]) - r.values["predicted"]) for r in results)
    rows = [
        (
            r.cell.objective,
            r.cell.weight,
            r.cell.turns,
            f"{float(r.values['measured']):.6f}",
            f"{r.values['predicted']:.6f}",
            r.values["converged"],
            r.values["diverged"],
        )
        for r in results
    ]
    header = ("objective", "R1", "moves", "measured factor", "predicted", "of 64, converged", "diverged")
    text = (
        f"Near the equilibrium of Dirac-GAN, at step size {RATE:g}, each cell's factor is that of the eigenvalues; "
        f"the largest difference is {worst:.1e}. A factor of 1 decides nothing: the last columns are starts all over "
        "the plane after 2,000 steps. (Mescheder, Geiger, Nowozin 2018.)"
    )
    return gt.Finding("Which GAN training converges on Dirac-GAN", text, table=(header, rows))


def _rotation(cell: Rotation, key: gt.Key) -> dict[str, Any]:
    rule, parameters = ROTATING[cell.rule]
    path = "rule.rule.step.rate" if cell.rule == "look-ahead" else "rule.step.rate"
    sweep = {path: gt.Linear(0.02, 1.2, cell.rates)}
    half = cell.steps // 2
    runs = gt.simulate(
        gt.Bilinear(), rule, steps=cell.steps, start=(1.0, 0.3), sweep=sweep, record=half, key=key
    )
    size = runs.points.norm(dim=-1).numpy()
    rates = runs.swept[path]
    factors = [np.abs(theory.mode_factors(1j, h, rule=cell.rule, **parameters)).max() for h in rates]
    return {
        "rate": rates,
        "measured": (size[:, 2] / size[:, 1]) ** (1 / half),
        "predicted": np.array(factors),
    }


def _factors(results: Any) -> gt.Finding:
    data = []
    for i, r in enumerate(results):
        shared = {"x": r.values["rate"], "type": "scatter", "legendgroup": r.cell.rule}
        colour = f"hsl({60 * i}, 65%, 45%)"
        line = {"mode": "lines", "y": r.values["predicted"], "line": {"color": colour}, "name": r.cell.rule}
        dots = {"mode": "markers", "y": r.values["measured"], "marker": {"color": colour, "size": 5}}
        data += [shared | line, shared | dots | {"showlegend": False}]
    layout = {
        "xaxis": {"title": {"text": "step size"}},
        "yaxis": {"title": {"text": "factor a step"}},
        "height": 480,
    }
    worst = max(np.abs(r.values["measured"] - r.values["predicted"]).max() for r in results)
    text = (
        "On the game x y a plain step grows at every size; lines are predicted, dots measured over the second half "
        f"of {results[0].cell.steps} steps. They differ by {worst:.1e} at most."
    )
    return gt.Finding("Step sizes against a rotation", text, {"data": data, "layout": layout})


def _delay(cell: Delay, key: gt.Key) -> dict[str, Any]:
    game = gt.WithPenalty(gt.DiracGAN(gt.Wasserstein()), gt.R1(1.0))  # whose critic alone descends psi^2 / 2
    limit = theory.delay_limit(cell.staleness)
    steps = gt.PerPlayer((gt.SGD(0.0), gt.SGD(limit)))
    rule = gt.Delayed(gt.Simultaneous(steps), staleness=cell.staleness)
    path = "rule.rule.step.steps.1.rate"
    sweep = {path: gt.Linear(0.9 * limit, 1.1 * limit, cell.rates)}
    runs = gt.simulate(game, rule, steps=cell.steps, start=(0.0, 1.0), sweep=sweep, record=1, key=key)
    size = runs.points[..., 1].abs().numpy()
    window = 4 * cell.staleness + 8
    stable = size[:, -window:].max(-1) < size[:, cell.steps // 2 - window : cell.steps // 2].max(-1)
    return {"rate": runs.swept[path], "stable": stable, "limit": limit}


def _limits(results: Any) -> gt.Finding:
    stale = [r.cell.staleness for r in results]
    last = [
        float(r.values["rate"][np.asarray(r.values["stable"], dtype=bool)].max(initial=0)) for r in results
    ]
    predicted = [r.values["limit"] for r in results]
    data = [
        {"type": "scatter", "mode": "lines", "x": stale, "y": predicted, "name": "2 sin(π / (2 (2s + 1)))"},
        {"type": "scatter", "mode": "markers", "x": stale, "y": last, "name": "largest stable size tried"},
    ]
    layout = {
        "xaxis": {"title": {"text": "staleness s"}},
        "yaxis": {"title": {"text": "step size"}, "type": "log"},
    }
    short = max(1 - b / a for a, b in zip(predicted, last))
    above = sum(
        int((np.asarray(r.values["stable"], dtype=bool) & (np.asarray(r.values["rate"]) > limit)).sum())
        for r, limit in zip(results, predicted)
    )
    text = (
        "Sizes from 0.9 to 1.1 of the predicted limit were tried, a hundredth apart: the largest that shrinks lies "
        f"{100 * short:.1f} % below the limit at most; of those above it, {above} shrink."
    )
    return gt.Finding("How late a gradient may come", text, {"data": data, "layout": layout})


def _last_point(cell: LastPoint, key: gt.Key) -> dict[str, Any]:
    runs = gt.simulate(
        gt.Bilinear(),
        LAST[cell.rule],
        steps=cell.steps,
        start=(1.0, 0.0),
        record=gt.Log(1, cell.steps, 40),
        key=key,
    )
    return {"step": runs.steps, "square": runs.points[0].square().sum(-1).numpy()}


def _falls(results: Any) -> gt.Finding:
    data = []
    for r in results:
        k, square = r.values["step"], r.values["square"]
        data.append({"type": "scatter", "mode": "markers", "x": k, "y": square, "name": r.cell.rule})
        if r.cell.rule != "average":
            bound = [theory.last_iterate_bound(int(i), rule=r.cell.rule) for i in k]
            data.append(
                {"type": "scatter", "mode": "lines", "x": k, "y": bound, "name": f"bound, {r.cell.rule}"}
            )
    axes = {
        "xaxis": {"title": {"text": "steps k"}, "type": "log"},
        "yaxis": {"title": {"text": "|v|²"}, "type": "log"},
    }
    said = []
    for r in results:
        k, square = np.asarray(r.values["step"]), np.asarray(r.values["square"])
        late = k >= r.cell.steps / 4
        said.append(f"{r.cell.rule} {float((k[late] ** 2 * square[late]).max()):.1f}")
    text = (
        "On the game x y the squared field at these methods' points, or at their average, falls like 1 / k²: over the "
        f"last three quarters of the steps k² |v|² is at most {', '.join(said)}."
    )
    return gt.Finding("Last points and averages", text, {"data": data, "layout": axes | {"height": 480}})

"""Whether last points or averages converge, and how fast: ``gantheory run studies/averages.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from orbits import axes, dots, line

import gantheory as gt
from gantheory import theory


SPEEDS = tuple(np.geomspace(0.003, 1.0, 24).tolist())
STEP = 0.3
LAST: dict[str, tuple[gt.Rule, str, float]] = {
    "extragradient": (gt.ExtraGradient(gt.SGD(0.5)), "extragradient", 0.5),
    "anchored": (gt.Anchored(gt.SGD(0.125)), "anchored", 0.125),
    "Halpern": (gt.Halpern(gt.ProximalPoint(gt.SGD(1.0))), "halpern", 1.0),
}
MEANS = {"alternating": gt.Alternating(gt.SGD(STEP)), "extragradient": gt.ExtraGradient(gt.SGD(STEP))}
DECAYS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.998)


@dataclass(frozen=True)
class LastPoint(gt.Noun):
    """The worst |v|^2 at the last point over rotations of many speeds, all from distance 1."""

    rule: str
    steps: int


@dataclass(frozen=True)
class Mean(gt.Noun):
    """The mean of a rule's points on the game x y."""

    rule: str
    steps: int


@dataclass(frozen=True)
class Exponential(gt.Noun):
    """An exponential average of alternating steps of some size, which circle."""

    rate: float
    steps: int


@dataclass(frozen=True)
class Averages(gt.Study):
    """Last points, means and exponential averages of rules on rotations."""

    question: ClassVar[str] = (
        "On a game that only rotates, do last points or averages converge, and how fast?"
    )

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        scale = {"smoke": 1, "small": 5, "full": 30}[preset]
        return (
            *(LastPoint(rule, 400 * scale) for rule in LAST),
            *(Mean(rule, 1000 * scale) for rule in MEANS),
            *(Exponential(rate, 6000 + 2000 * scale) for rate in (0.05, 0.2, 0.8)),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        work = {LastPoint: _last_point, Mean: _mean, Exponential: _exponential}
        return work[type(cell)](cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        parts = ((LastPoint, _falls), (Mean, _means), (Exponential, _gains))
        return [say(results.select(kind)) for kind, say in parts if len(results.select(kind))]


def _last_point(cell: LastPoint, key: gt.Key) -> dict[str, Any]:
    rule, _, rate = LAST[cell.rule]
    many = len(SPEEDS)
    game = gt.Bilinear(tuple(tuple(float(s) * (i == j) for j in range(many)) for i, s in enumerate(SPEEDS)))
    start = torch.cat(
        [torch.eye(many, dtype=torch.float64), torch.zeros(many, many, dtype=torch.float64)], -1
    )
    record = gt.Log(1, cell.steps, 40)
    runs = gt.simulate(game, rule, steps=cell.steps, start=start, population=many, record=record, key=key)
    # member i lives in the plane of one speed, where |v| = speed |w|
    square = runs.points.square().sum(-1).numpy() * np.square(SPEEDS)[:, None]
    if cell.rule == "Halpern":  # w - T w is rate * v at T w, which is |w| / sqrt(1 + u^2) from the origin
        u = rate * np.array(SPEEDS)[:, None]
        square = square * rate**2 / (1 + u**2)
    return {"step": runs.steps, "square": square.max(axis=0)}


def _falls(results: Any) -> gt.Finding:
    data, ratios, k = [], [], np.unique(np.geomspace(1, results[0].cell.steps, 100).astype(int))
    for i, r in enumerate(results):
        _, name, rate = LAST[r.cell.rule]
        step, square = np.asarray(r.values["step"]), np.asarray(r.values["square"])
        options = {"rule": name, "rate": rate if name == "extragradient" else None}
        bound = [theory.last_iterate_bound(int(j), **options) for j in k]
        data.append(line(k, bound, f"{r.cell.rule}, bound", i, dash="dash"))
        if name == "extragradient":
            factor = [np.abs(theory.mode_factors(1j * s, rate, rule=name)[0]) for s in SPEEDS]
            exact = [max(s**2 * z ** (2 * int(j)) for s, z in zip(SPEEDS, factor)) for j in k]
            data.append(line(k, exact, f"{r.cell.rule}, predicted", i))
        data.append(dots(step, square, f"{r.cell.rule}, measured", i))
        ratios.append(max(q / theory.last_iterate_bound(int(j), **options) for j, q in zip(step, square)))
    reached = ", ".join(f"{r.cell.rule} {ratio:.2f}" for r, ratio in zip(results, ratios))
    text = (
        "The worst of |v|² over rotations of 24 speeds between 0.003 and 1, all from distance 1. For every number of "
        "steps k there is a speed that makes extragradient as slow as 1 / k; methods tied to their start fall like 1 / "
        "k² (for Halpern's, |w - T w|² of the proximal map T). No bound is exceeded; the largest shares of them that "
        f"are reached: {reached}. (Yoon, Ryu 2021; Lieder 2021; Gorbunov, Loizou, Gidel 2022.)"
    )
    return gt.Finding("Last points", text, {"data": data, "layout": axes("steps k", "worst |v|²", log="xy")})


def _mean(cell: Mean, key: gt.Key) -> dict[str, Any]:
    rule, start = MEANS[cell.rule], (1.0, 0.0)
    if cell.rule == "alternating":
        record = gt.Log(1, cell.steps, 150)
        averaged = gt.Averaged(rule)
        runs = gt.simulate(gt.Bilinear(), averaged, steps=cell.steps, start=start, record=record, key=key)
        return {"step": runs.steps, "mean": runs.points[0].numpy()}
    runs = gt.simulate(gt.Bilinear(), rule, steps=cell.steps, start=start, record=1, key=key)
    w = runs.points[0, :-1].numpy()
    looks = w - STEP * np.stack([w[:, 1], -w[:, 0]], axis=-1)  # where the second gradients were taken
    steps = np.arange(1, len(w) + 1)
    kept = np.unique(np.geomspace(1, len(w), 150).astype(int)) - 1
    return {"step": steps[kept], "mean": (np.cumsum(looks, axis=0) / steps[:, None])[kept]}


def _means(results: Any) -> gt.Finding:
    data, said = [], []
    for i, r in enumerate(results):
        T, mean = np.asarray(r.values["step"]), np.asarray(r.values["mean"])
        if r.cell.rule == "alternating":
            M = theory.one_step_map([[0.0, 1.0], [-1.0, 0.0]], STEP, rule="alternating")
            exact = theory.orbit_average(M, (1.0, 0.0), T)
            size = np.linalg.norm(mean, axis=-1)
            data.append(line(T, np.linalg.norm(exact, axis=-1), "alternating, predicted", i))
            data.append(dots(T, size, "alternating, |mean|", i))
            worst = np.abs(mean - exact).max()
            said.append(f"the mean of alternating steps is the predicted one to {worst:.0e}")
        else:
            gap = np.abs(mean).sum(axis=-1)  # the worst rivals in the square [-1, 1]^2
            bound = theory.averaged_gap_bound(T, STEP, distance=math.sqrt(5.0))  # to the square's far corner
            data.append(line(T, bound, "extragradient, bound on the gap", i, dash="dash"))
            data.append(dots(T, gap, "extragradient, gap of the mean", i))
            said.append(
                f"the gap of extragradient's mean look is {(gap / bound).max():.2f} of its bound at most"
            )
    text = (
        f"On the game x y, at step size {STEP:g} from (1, 0), alternating points circle for ever, yet their mean falls "
        f"like 1 / T: {'; '.join(said)}. The gap is against rivals in [-1, 1]². (Nemirovski 2004.)"
    )
    layout = axes("steps T", "distance of the mean; gap", log="xy")
    return gt.Finding("Means", text, {"data": data, "layout": layout})


def _exponential(cell: Exponential, key: gt.Key) -> dict[str, Any]:
    rule, window = gt.Alternating(gt.SGD(cell.rate)), 2000
    late = gt.Linear(cell.steps - window, cell.steps, window + 1)
    sizes = []
    for decay in (None, *DECAYS):
        averaged = rule if decay is None else gt.Averaged(rule, decay=decay)
        options: dict[str, Any] = {"steps": cell.steps, "start": (1.0, 0.0), "record": late}
        points = gt.simulate(gt.Bilinear(), averaged, key=key, **options).points[0]
        sizes.append(float(points.square().sum(-1).mean().sqrt()))
    return {"gain": np.array(sizes[1:]) / sizes[0]}


def _angle(rate: float) -> float:
    return abs(float(np.angle(theory.alternating_eigenvalues(rate, slope=1.0)[0])))


def _gains(results: Any) -> gt.Finding:
    data, errors = [], []
    memory = np.geomspace(1, 1000, 200)
    for i, r in enumerate(results):
        angle = _angle(r.cell.rate)
        label = f"step size {r.cell.rate:g}"
        data.append(line(memory, theory.averaging_gain(1 - 1 / memory, angle), f"{label}, predicted", i))
        data.append(dots([1 / (1 - b) for b in DECAYS], r.values["gain"], f"{label}, measured", i))
        errors.append(np.abs(r.values["gain"] / theory.averaging_gain(np.array(DECAYS), angle) - 1).max())
    text = (
        "An exponential average of alternating steps on the game x y circles as they do, on a smaller circle: a longer "
        "memory shrinks it in proportion once it holds more than a turn, and never to a point. Predicted from the "
        f"angle of a step; the largest difference is {100 * max(errors):.2g} %. (Yazici et al. 2019.)"
    )
    layout = axes("memory 1 / (1 - decay), steps", "size of the average's orbit, relative", log="xy")
    return gt.Finding("Exponential averages", text, {"data": data, "layout": layout})

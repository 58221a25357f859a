"""Which rules stand a rotation, and at what step sizes: ``gantheory run studies/rotations.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from orbits import axes, dots, factors, largest_stable, line, turned

import gantheory as gt
from gantheory import theory


RULES: dict[str, tuple[gt.Rule, dict[str, float]]] = {
    "simultaneous": (gt.Simultaneous(gt.SGD(0.1)), {}),
    "extragradient": (gt.ExtraGradient(gt.SGD(0.1)), {}),
    "optimistic": (gt.Optimistic(gt.SGD(0.1)), {}),
    "proximal point": (gt.ProximalPoint(gt.SGD(0.1)), {}),
    "momentum": (gt.Simultaneous(gt.Momentum(0.1, beta=-0.5)), {"beta": -0.5}),
    "look-ahead": (gt.LookAhead(gt.Simultaneous(gt.SGD(0.1)), steps=5), {"steps": 5, "pull": 0.5}),
    "consensus": (gt.Consensus(gt.SGD(0.1), weight=1.0), {"weight": 1.0}),
    "symplectic adjustment": (gt.SymplecticAdjustment(gt.SGD(0.1), weight=1.0), {"weight": 1.0}),
}
LIMITED = ("simultaneous", "extragradient", "optimistic")
SPEED = 0.5


@dataclass(frozen=True)
class Rotation(gt.Noun):
    """A rule on the game x y, over step sizes."""

    rule: str
    rates: int


@dataclass(frozen=True)
class Angles(gt.Noun):
    """The largest stable step of a rule, over the angle of the field's eigenvalues."""

    rule: str
    angles: int


@dataclass(frozen=True)
class Momenta(gt.Noun):
    """Heavy-ball steps on the game x y, over the momenta of both players."""

    turns: Literal["simultaneous", "alternating"]
    side: int


@dataclass(frozen=True)
class Rotations(gt.Study):
    """Rules on games whose field turns, where the eigenvalues of a step are known."""

    question: ClassVar[str] = "Which rules stand a rotation, and at what step sizes?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        scale = {"smoke": 1, "small": 3, "full": 8}[preset]
        return (
            *(Rotation(rule, 20 * scale) for rule in RULES),
            *(Angles(rule, 6 * scale + 1) for rule in LIMITED),
            *(Momenta(turns, 12 * scale + 1) for turns in ("simultaneous", "alternating")),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        work = {Rotation: _rotation, Angles: _angles, Momenta: _momenta}
        return work[type(cell)](cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        parts = ((Rotation, _factors), (Angles, _limits), (Momenta, _map))
        return [say(results.select(kind)) for kind, say in parts if len(results.select(kind))]


def _path(rule: str) -> str:
    return "rule.rule.step.rate" if rule == "look-ahead" else "rule.step.rate"


def _memory(rule: str) -> int:
    return 2 if rule in ("optimistic", "momentum") else 1


def _rotation(cell: Rotation, key: gt.Key) -> dict[str, Any]:
    rule, parameters = RULES[cell.rule]
    sweep = {_path(cell.rule): gt.Linear(0.02, 1.2, cell.rates)}
    runs = gt.simulate(gt.Bilinear(), rule, steps=30, start=(1.0, 0.3), sweep=sweep, record=1, key=key)
    rates = runs.swept[_path(cell.rule)]
    predicted = [np.abs(theory.mode_factors(1j, h, rule=cell.rule, **parameters)).max() for h in rates]
    return {
        "rate": rates,
        "measured": factors(runs.points, memory=_memory(cell.rule)),
        "predicted": np.array(predicted),
    }


def _factors(results: Any) -> gt.Finding:
    data = []
    for i, r in enumerate(results):
        rates = np.linspace(0.0, 1.2, 300)
        modes = [theory.mode_factors(1j, h, rule=r.cell.rule, **RULES[r.cell.rule][1]) for h in rates]
        dash = "dash" if r.cell.rule == "symplectic adjustment" else "solid"  # it lies on consensus
        data.append(line(rates, [np.abs(z).max() for z in modes], r.cell.rule, i, dash=dash))
        data.append(dots(r.values["rate"], r.values["measured"], r.cell.rule, i, legend=False))
    worst = max(np.abs(r.values["measured"] - r.values["predicted"]).max() for r in results)
    text = (
        "On the game x y a plain step grows at every size. Lines are predicted, dots measured; "
        f"they differ by {worst:.0e} at most. Consensus and symplectic adjustment are one rule here, as both must "
        "be on a game without a potential. (Gidel et al. 2019; Daskalakis et al. 2018; Balduzzi et al. 2018.)"
    )
    layout = axes("step size", "factor a step", limits={"y": (0.45, 1.55)})
    return gt.Finding("Step sizes against a rotation", text, {"data": data, "layout": layout})


def _angles(cell: Angles, key: gt.Key) -> dict[str, Any]:
    degrees = np.linspace(0, 90, cell.angles)
    measured = []
    for angle in np.radians(degrees):
        attraction = 0.0 if angle == math.pi / 2 else math.cos(angle)
        game = turned(attraction, math.sin(angle))

        def measure(rates: gt.Values, game: gt.Quadratic = game) -> np.ndarray:
            sweep = {"rule.step.rate": rates}
            options: dict[str, Any] = {"steps": 24, "start": (1.0, 0.3), "sweep": sweep, "record": 1}
            runs = gt.simulate(game, RULES[cell.rule][0], key=key, **options)
            return factors(runs.points, memory=_memory(cell.rule))

        measured.append(largest_stable(measure, 2.4, rounds=3))
    return {"degrees": degrees, "measured": np.array(measured), "predicted": _predicted(cell.rule, degrees)}


def _predicted(rule: str, degrees: np.ndarray) -> np.ndarray:
    turns = [(0.0 if d == 90 else math.cos(math.radians(d)), math.sin(math.radians(d))) for d in degrees]
    return np.array([theory.largest_step([[a, b], [-b, a]], rule=rule) for a, b in turns])


def _limits(results: Any) -> gt.Finding:
    data = []
    for i, r in enumerate(results):
        degrees = np.linspace(0, 90, 361)
        data.append(line(degrees, _predicted(r.cell.rule, degrees), r.cell.rule, i))
        data.append(dots(r.values["degrees"], r.values["measured"], r.cell.rule, i, legend=False))
    worst = max(np.abs(r.values["measured"] - r.values["predicted"]).max() for r in results)
    text = (
        "The largest stable step for a field with eigenvalues at an angle to the real axis, times their modulus: 0 "
        "degrees is descent on a bowl, 90 a pure rotation. Plain steps shrink to nothing as the field turns, looking "
        "ahead costs half of the step on a bowl and buys a step of 1 on a rotation. Measured by nested sweeps; the "
        f"largest difference is {worst:.0e}."
    )
    layout = axes("angle of the eigenvalue, degrees", "largest step times modulus")
    return gt.Finding("How much rotation a step stands", text, {"data": data, "layout": layout})


def _momenta(cell: Momenta, key: gt.Key) -> dict[str, Any]:
    steps = gt.PerPlayer((gt.Momentum(SPEED, beta=0.0), gt.Momentum(SPEED, beta=0.0)))
    rule = gt.Alternating(steps) if cell.turns == "alternating" else gt.Simultaneous(steps)
    betas = gt.Linear(-0.9, 0.9, cell.side)
    sweep = {f"rule.step.steps.{player}.beta": betas for player in (0, 1)}
    runs = gt.simulate(gt.Bilinear(), rule, steps=40, start=(1.0, 0.3), sweep=sweep, record=1, key=key)
    shape = cell.side, cell.side
    return {
        "betas": np.linspace(-0.9, 0.9, cell.side),
        "measured": factors(runs.points, memory=2).reshape(shape),
    }


def _alternating(betas: np.ndarray) -> np.ndarray:
    modes = [[theory.alternating_momentum_factors(SPEED, (a, b)) for b in betas] for a in betas]
    return np.abs(np.array(modes)).max(axis=-1)


def _map(results: Any) -> gt.Finding:
    data, said = [], []
    for r in results:
        betas, measured = r.values["betas"], np.asarray(r.values["measured"])
        if r.cell.turns == "simultaneous":
            least = f"{measured.min():.3f}"
            said.append(
                f"Simultaneous moves never converge: over the same momenta their factor is at least {least}."
            )
            continue
        worst = np.abs(measured - _alternating(betas)).max()
        said.insert(0, f"Predicted and measured factors of alternating moves differ by {worst:.0e} at most.")
        fine = np.linspace(-0.9, 0.9, 73)
        ends: dict[str, Any] = {"zmin": 0.85, "zmax": 1.15, "colorscale": "RdBu"}
        data += [
            {
                "type": "heatmap",
                "x": betas,
                "y": betas,
                "z": measured,
                "colorbar": {"title": {"text": "factor"}},
            }
            | ends,
            {
                **{"type": "contour", "x": fine, "y": fine, "z": _alternating(fine), "showscale": False},
                **{
                    "name": "predicted factor 1",
                    "showlegend": True,
                    "line": {"color": "#111111", "width": 2.5},
                },
                "contours": {"start": 1, "end": 1, "size": 1, "coloring": "none"},
            },
        ]
        a = fine[1 / (1 - fine) < 2 - 1 / 1.9]
        edge = 1 - 1 / (2 - 1 / (1 - a))
        data.append(line(edge, a, "limit of small steps", 4, dash="dash"))
    text = (
        f"Momenta of both players on the game x y, at step size {SPEED:g}: blue is below 1 and converges. A negative "
        "momentum of one player is enough, and a positive one of the other is forgiven; two very negative ones are too "
        f"much for steps of this size. The black line is where theory predicts a factor of 1. {' '.join(said)} "
        "(Gidel et al. 2019.)"
    )
    layout = axes("momentum of y", "momentum of x", height=560, limits={"x": (-0.9, 0.9), "y": (-0.9, 0.9)})
    layout["legend"] = {"orientation": "h", "y": 1.08}
    return gt.Finding("Negative momentum", text, {"data": data, "layout": layout})

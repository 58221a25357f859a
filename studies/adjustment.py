"""Whether adjusting a field against its rotation pays: ``gantheory run studies/adjustment.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from orbits import dots, line, turned

import gantheory as gt
from gantheory import theory


RULES: dict[str, tuple[gt.Rule, dict[str, float]]] = {
    "simultaneous": (gt.Simultaneous(gt.SGD(0.1)), {}),
    "extragradient": (gt.ExtraGradient(gt.SGD(0.1)), {}),
    "optimistic": (gt.Optimistic(gt.SGD(0.1)), {}),
    "consensus": (gt.Consensus(gt.SGD(0.1), weight=1.0), {"weight": 1.0}),
    "symplectic adjustment": (gt.SymplecticAdjustment(gt.SGD(0.1), weight=1.0), {"weight": 1.0}),
}
GAMES = ("four players", "weak attraction, strong rotation", "strong attraction, weak rotation")
SHRINK = 100.0


@dataclass(frozen=True)
class Sweep(gt.Noun):
    """How many steps a rule takes to come a hundred times nearer to the equilibrium, over step sizes."""

    game: str
    rule: str
    rates: int
    steps: int


@dataclass(frozen=True)
class Adjustment(gt.Study):
    """Adjusted, optimistic and plain rules over step sizes, where attraction and rotation are weak and strong."""

    question: ClassVar[str] = "When does adjusting a field against its rotation pay, and at what step sizes?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        scale = {"smoke": 1, "small": 3, "full": 8}[preset]
        return tuple(Sweep(game, rule, 12 * scale, 1000 * scale) for game in GAMES for rule in RULES)

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        return _sweep(cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        return [_speeds(results)] if len(results) else []


def _game(name: str) -> tuple[gt.Game, np.ndarray]:
    """Return a game and, from theory, the Jacobian of its field."""
    if name == "four players":
        expressions = theory.game_expressions("four-player", epsilon=0.01)
        return gt.FourPlayer(0.01), theory.game_values(expressions, np.zeros(4))[2]
    attraction, rotation = (0.1, 1.0) if name.startswith("weak") else (1.0, 0.1)
    return turned(attraction, rotation), np.array([[attraction, rotation], [-rotation, attraction]])


def _start(size: int) -> tuple[float, ...]:
    return tuple(1.0 + 0.3 * i for i in range(size))


def _predicted(J: np.ndarray, rule: str, rates: np.ndarray) -> np.ndarray:
    """Return the steps after which ``sum_k c_k |z_k|^(2 t)`` has fallen, c_k the start's shares in the modes.

    The Jacobians are normal, so modes are orthogonal; of a rule with a memory the slower factor counts.
    """
    modes, vectors = np.linalg.eig(J)
    share = np.abs(np.linalg.solve(vectors, np.array(_start(len(J))))) ** 2
    t = np.geomspace(0.5, 1e5, 2000)
    steps = []
    for h in rates:
        z = [np.abs(theory.mode_factors(mu, float(h), rule=rule, **RULES[rule][1])).max() for mu in modes]
        log = np.log(np.maximum(z, 1e-12))[:, None]
        square = (share[:, None] * np.exp(2 * t * np.minimum(log, 0))).sum(axis=0) / share.sum()
        stable = max(z) < 1 - 1e-9 and square[-1] < SHRINK**-2
        steps.append(np.interp(2 * math.log(SHRINK), -np.log(square + 1e-300), t) if stable else math.nan)
    return np.array(steps)


def _sweep(cell: Sweep, key: gt.Key) -> dict[str, Any]:
    game, _ = _game(cell.game)
    start = _start(sum(game.sizes))
    sweep = {"rule.step.rate": gt.Log(0.02, 2.0, cell.rates)}
    rule = RULES[cell.rule][0]
    runs = gt.simulate(game, rule, steps=cell.steps, start=start, sweep=sweep, record=1, key=key)
    near = (runs.points.norm(dim=-1) <= runs.points[:, :1].norm(dim=-1) / SHRINK).numpy()
    taken = np.where(near.any(axis=1), near.argmax(axis=1), np.nan)
    return {"rate": runs.swept["rule.step.rate"], "steps": taken}


def _speeds(results: Any) -> gt.Finding:
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "height": 480,
        "grid": {"rows": 1, "columns": len(GAMES), "pattern": "independent"},
    }
    layout["annotations"], best, errors = [], [], []
    for place, name in enumerate(GAMES):
        J = _game(name)[1]
        number = str(place + 1) if place else ""
        layout[f"xaxis{number}"] = {"title": {"text": "step size"}, "type": "log"}
        layout[f"yaxis{number}"] = {"type": "log", "range": [0, 3.6]}
        layout["annotations"].append(
            {
                "text": name,
                "showarrow": False,
                "x": 0.5,
                "y": 1.0,
                "yanchor": "bottom",
                "xref": f"x{number} domain",
                "yref": "paper",
            }
        )
        rates = np.geomspace(0.02, 2, 300)
        for i, rule in enumerate(RULES):
            for r in results.select(lambda cell, n=name, o=rule: cell.game == n and cell.rule == o):
                where = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
                data.append(
                    line(rates, _predicted(J, rule, rates), rule, i, legend=not place)
                    | where
                    | {"legendgroup": rule}
                )
                taken = np.asarray(r.values["steps"], dtype=float)
                measured = (
                    dots(r.values["rate"], taken, rule, i, legend=False) | where | {"legendgroup": rule}
                )
                data.append(measured)
                expected = _predicted(J, rule, np.asarray(r.values["rate"]))
                errors += np.abs(np.log(taken / expected))[taken > 20].tolist()
                if np.isfinite(taken).any():
                    best.append(
                        (name, rule, float(r.values["rate"][np.nanargmin(taken)]), int(np.nanmin(taken)))
                    )
    layout["yaxis"]["title"] = {"text": "steps to a hundredth of the distance"}
    layout["margin"] = {"t": 72}
    layout["legend"] = {"orientation": "h", "y": -0.2}
    first = min((b for b in best if b[0] == GAMES[0]), key=lambda b: b[3])
    text = (
        "Steps until the distance to the equilibrium has fallen to a hundredth; a line or a row of dots ends where the "
        "rule no longer converges. Where rotation dominates, adjustment and consensus stand larger steps and need "
        f"fewer of them: on four players {first[1]} is fastest, {first[3]} steps of size {first[2]:.2g}. Where "
        "attraction dominates, plain steps are as good as any. Of the dots above 20 steps half lie within "
        f"{100 * np.nanmedian(errors):.1f} % of their lines and all within {100 * np.nanmax(errors):.0f} %, the "
        "farthest where two factors of a rule meet. (Balduzzi et al. 2018.)"
    )
    return gt.Finding("Adjusted and optimistic steps over step sizes", text, {"data": data, "layout": layout})

"""Which GAN training converges on Dirac-GAN, and with what steps: ``gantheory run studies/convergence.py``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from orbits import axes, dots, factors, largest_stable, line

import gantheory as gt
from gantheory import theory


RATE = 0.2
SLOW = 0.05
HIGHEST = 5.0
OBJECTIVES = {
    "gan": gt.Minimax(),
    "nsgan": gt.NonSaturating(),
    "wgan": gt.Wasserstein(),
    "lsgan-signed": gt.LeastSquares(-1.0, 1.0, 1.0),
    "hinge": gt.Hinge(),
}
NAMES = {"gan": "GAN", "nsgan": "NSGAN", "wgan": "WGAN", "lsgan-signed": "LSGAN", "hinge": "hinge"}
Turns = Literal["simultaneous", "alternating"]
TURNS: tuple[Turns, ...] = ("simultaneous", "alternating")


def noisy(game: gt.DiracGAN) -> gt.Game:
    return gt.WithExpectedNoise(game, 0.7)


def penalised(weight: float) -> Callable[[gt.DiracGAN], gt.Game]:
    return lambda game: gt.WithPenalty(game, gt.R1(weight))


REGULARISERS: dict[str, tuple[Callable[[gt.DiracGAN], gt.Game], Callable[[str], np.ndarray]]] = {
    "none": (lambda game: game, lambda o: theory.dirac_jacobian(objective=o)),
    "instance noise 0.7": (noisy, lambda o: theory.dirac_noise_jacobian(0.7, objective=o)),
    "R1 0.3": (penalised(0.3), lambda o: theory.dirac_jacobian(objective=o, weight=0.3)),
    "R1 1": (penalised(1.0), lambda o: theory.dirac_jacobian(objective=o, weight=1.0)),
    "R1 2": (penalised(2.0), lambda o: theory.dirac_jacobian(objective=o, weight=2.0)),
    "consensus 1": (
        lambda game: game,
        lambda o: theory.consensus_jacobian(theory.dirac_jacobian(objective=o), 1.0),
    ),
}
KINKED = {"WGAN-GP": gt.GradientPenalty, "DRAGAN": gt.DRAGAN}


@dataclass(frozen=True)
class Method(gt.Noun):
    """An objective, a regulariser and the moves, near the equilibrium and from starts all over the plane."""

    objective: str
    regulariser: str
    turns: Turns
    rates: int


@dataclass(frozen=True)
class Kinked(gt.Noun):
    """A penalty that asks for gradients of length 1, over its weights, and where its orbits end."""

    objective: str
    penalty: str
    turns: Turns
    weights: int
    steps: int


@dataclass(frozen=True)
class Convergence(gt.Study):
    """The table of Mescheder, Geiger and Nowozin (2018), each cell beside what theory predicts."""

    question: ClassVar[str] = "Which GAN training converges on Dirac-GAN, how fast, and up to what step size?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        rates, weights, steps = {"smoke": (10, 4, 800), "small": (40, 20, 2500), "full": (160, 60, 20_000)}[
            preset
        ]
        objectives = ("gan", "wgan") if preset == "smoke" else tuple(OBJECTIVES)
        methods = itertools.product(objectives, REGULARISERS, TURNS)
        kinked = itertools.product(("wgan",) if preset == "smoke" else ("wgan", "gan"), KINKED, TURNS)
        return (
            # consensus moves both players along one direction: it has no alternating form here
            *(Method(o, r, t, rates) for o, r, t in methods if not (r[:4] == "cons" and t == "alternating")),
            *(Kinked(o, p, t, weights, steps) for o, p, t in kinked),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        return _method(cell, key) if isinstance(cell, Method) else _kinked(cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        methods, kinked = results.select(Method), results.select(Kinked)
        found = []
        if len(methods):
            found += [_table(methods, kinked), _factors(methods), _limits(methods)]
        if len(kinked):
            found.append(_amplitudes(kinked.select(lambda cell: cell.objective == "wgan")))
        return found


def _rule(cell: Method) -> gt.Rule:
    if cell.regulariser == "consensus 1":
        return gt.Consensus(gt.SGD(RATE), weight=1.0)
    return gt.Simultaneous(gt.SGD(RATE)) if cell.turns == "simultaneous" else gt.Alternating(gt.SGD(RATE))


def _method(cell: Method, key: gt.Key) -> dict[str, Any]:
    change, jacobian = REGULARISERS[cell.regulariser]
    game, rule = change(gt.DiracGAN(OBJECTIVES[cell.objective])), _rule(cell)
    J = jacobian(cell.objective)
    near = 1e-9 * key.normal(2, dtype=torch.float64)

    def measure(rates: gt.Values | gt.Linear) -> np.ndarray:
        sweep = {"rule.step.rate": rates}
        orbits = gt.simulate(game, rule, steps=12, start=near, sweep=sweep, record=1, key=key).points
        return factors(orbits, between=(1e-12, 1e-3))

    far = gt.simulate(game, rule, steps=2000, population=64, key=key)
    rates = gt.Linear(0.05, 4.2, cell.rates)
    return {
        "factor": float(measure(gt.Values((RATE,)))[0]),
        "predicted factor": float(theory.contraction_factor(J, RATE, rule=cell.turns)),
        "largest step": largest_stable(measure, HIGHEST),
        "predicted largest step": theory.largest_step(J, rule=cell.turns),
        "predicted fate": _fate(cell, J),
        "converged": int((far.outcome == "converged").sum()),
        "diverged": int((far.outcome == "diverged").sum()),
        "rates": np.linspace(0.05, 4.2, cell.rates),
        "factors": measure(rates),
        "predicted factors": theory.contraction_factor(
            J, np.linspace(0.05, 4.2, cell.rates), rule=cell.turns
        ),
    }


def _fate(cell: Method, J: np.ndarray) -> str:
    unlike = cell.regulariser != "none" and J[1, 1] > 0
    if unlike:
        return "converges" if theory.converges(J, RATE, rule=cell.turns) else "leaves"
    return theory.dirac_fate(cell.objective, RATE, rule=cell.turns)


def _kinked(cell: Kinked, key: gt.Key) -> dict[str, Any]:
    game = gt.WithPenalty(gt.DiracGAN(OBJECTIVES[cell.objective]), KINKED[cell.penalty](weight=1.0))
    last = 400  # three turns
    rule = gt.Simultaneous(gt.SGD(SLOW)) if cell.turns == "simultaneous" else gt.Alternating(gt.SGD(SLOW))
    weights = np.linspace(0.1, 1.5, cell.weights)
    runs = gt.simulate(
        game,
        rule,
        steps=cell.steps,
        start=(1.0, 0.5),
        sweep={"game.penalty.weight": gt.Values(tuple(weights.tolist()))},
        record=gt.Linear(cell.steps - last, cell.steps, last + 1),
        key=key,
    )
    predicted = [theory.gradient_penalty_cycle(w, rate=SLOW, rule=cell.turns) for w in weights]
    return {
        "weights": weights,
        "amplitude": runs.points[..., 0].abs().amax(-1).numpy(),
        "predicted": np.array(predicted),
        "nearest": runs.points[:, -last:].norm(dim=-1).amin(-1).numpy(),
        "converged": int((runs.points[:, -1].norm(dim=-1) < 0.01).sum()),
    }


def _table(methods: Any, kinked: Any) -> gt.Finding:
    rows: list[tuple[Any, ...]] = []
    for r in methods:
        v = r.values
        rows.append(
            (
                NAMES[r.cell.objective],
                r.cell.regulariser,
                r.cell.turns,
                v["predicted fate"],
                f"{v['converged']} of 64",
                f"{v['diverged']} of 64",
                f"{v['factor']:.6f}",
                f"{v['predicted factor']:.6f}",
                _size(v["largest step"]),
                _size(v["predicted largest step"]),
            )
        )
    for r in kinked:
        share = f"{r.values['converged']} of {len(r.values['weights'])}"
        name, turns = NAMES[r.cell.objective], r.cell.turns
        rows.append((name, r.cell.penalty, turns, "no stationary point", share, "", "", "", "", ""))
    header = (
        *("objective", "regulariser", "moves", "theory", "converged", "diverged"),
        *("factor", "predicted", "largest step", "predicted"),
    )
    factor = max(abs(r.values["factor"] - r.values["predicted factor"]) for r in methods)
    step = max(abs(r.values["largest step"] - r.values["predicted largest step"]) for r in methods)
    text = (
        f"Factors a step are measured near the equilibrium at step size {RATE:g}, largest steps by nested sweeps. "
        f"Over {len(methods)} cells the measured factors differ from those of the eigenvalues by {factor:.0e} at most, "
        f"the largest steps by {step:.0e}, which is the sweeps' resolution. A factor of 1 decides nothing; what theory "
        "says then rests on the next order of the losses. What converged and diverged are 64 starts all over the plane "
        "after 2,000 steps (for WGAN-GP and DRAGAN, weights): there global behaviour shows that no Jacobian at the "
        "equilibrium knows of. (Mescheder, Geiger, Nowozin 2018.)"
    )
    return gt.Finding("Which GAN training converges on Dirac-GAN", text, table=(header, rows))


def _size(step: float) -> str:
    return f"{step:.4f}" if step else "none"


def _factors(methods: Any) -> gt.Finding:
    data = []
    for i, (name, (_, jacobian)) in enumerate(REGULARISERS.items()):
        for r in methods.select(lambda cell, name=name: cell.objective == "gan" and cell.regulariser == name):
            label, rates = f"{name}, {r.cell.turns}", np.linspace(0.0, 4.2, 500)
            curve = theory.contraction_factor(jacobian("gan"), rates, rule=r.cell.turns)
            data.append(
                line(rates, curve, label, i, dash="solid" if r.cell.turns == "simultaneous" else "dot")
            )
            data.append(dots(r.values["rates"], r.values["factors"], label, i, legend=False))
    worst = max(np.abs(r.values["factors"] / r.values["predicted factors"] - 1).max() for r in methods)
    text = (
        "Lines are predicted from the eigenvalues, dots measured; dotted lines are alternating moves. Below 1 the "
        f"method converges. Over all objectives lines and dots differ by {worst:.0e} of the factor at most."
    )
    layout = axes("step size", "factor a step", height=560, limits={"y": (0.45, 1.45)})
    return gt.Finding("Step sizes of the minimax GAN", text, {"data": data, "layout": layout})


def _limits(methods: Any) -> gt.Finding:
    data: list[dict[str, Any]] = [line([0, HIGHEST], [0, HIGHEST], "measured = predicted", 7, dash="dash")]
    for i, turns in enumerate(TURNS):
        some = [r for r in methods if r.cell.turns == turns]
        trace = dots(
            [r.values["predicted largest step"] for r in some],
            [r.values["largest step"] for r in some],
            turns,
            i,
        )
        trace["text"] = [f"{NAMES[r.cell.objective]}, {r.cell.regulariser}" for r in some]
        data.append(
            trace | {"hovertemplate": "%{text}<br>predicted %{x:.4f}, measured %{y:.4f}<extra></extra>"}
        )
    text = (
        "The largest step size that still contracts, from the eigenvalues and from the simulator. A heavier penalty "
        "allows longer simultaneous steps up to its critical weight and shorter ones beyond; of alternating steps it "
        "only ever allows shorter ones."
    )
    layout = axes("predicted largest step", "measured largest step")
    return gt.Finding("The largest steps", text, {"data": data, "layout": layout})


def _amplitudes(kinked: Any) -> gt.Finding:
    data = []
    for i, turns in enumerate(TURNS):
        weights = np.linspace(0.05, 1.55, 300)
        curve = [theory.gradient_penalty_cycle(w, rate=SLOW, rule=turns) for w in weights]
        data.append(line(weights, curve, f"predicted, {turns}", i))
        for r in kinked.select(lambda cell, turns=turns: cell.turns == turns):
            trace = dots(r.values["weights"], r.values["amplitude"], f"{r.cell.penalty}, {turns}", i)
            trace["marker"] |= {
                "symbol": "circle" if r.cell.penalty == "WGAN-GP" else "x-thin-open",
                "size": 9,
            }
            data.append(trace)
    away = max(np.abs(r.values["amplitude"] / r.values["predicted"] - 1).max() for r in kinked)
    near = min(r.values["nearest"].min() for r in kinked)
    text = (
        "These penalties pull the critic's slope to length 1, where the equilibrium has 0: the field jumps there, and "
        "has no zero. Up to weight 1 orbits settle on a cycle around the data; beyond it nothing swings any more, and "
        "the generator rests at twice the weight from the data. Its distance differs from the prediction by "
        f"{100 * away:.1f} % at most, and no orbit ends nearer than {near:.2f} to the equilibrium. The critic is "
        "linear, so WGAN-GP and DRAGAN see the same slope everywhere."
    )
    layout = axes("weight of the penalty", "largest distance of the generator from the data")
    return gt.Finding("Gradient penalties towards length 1", text, {"data": data, "layout": layout})

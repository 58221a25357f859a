"""What late and noisy gradients cost: ``gantheory run studies/late_and_noisy.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from orbits import axes, dots, factors, line

import gantheory as gt
from gantheory import theory


TERMS = 4
RATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RESTING = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # small ones take long to get there


@dataclass(frozen=True)
class Delay(gt.Noun):
    """Descent on psi^2 / 2 by gradients of some steps ago, over step sizes around the limit."""

    staleness: int
    rates: int
    steps: int


@dataclass(frozen=True)
class LateRotation(gt.Noun):
    """Plain steps on the game x y by gradients of some steps ago, over step sizes."""

    staleness: int
    rates: int


@dataclass(frozen=True)
class Batches(gt.Noun):
    """Extragradient on a sum of four bilinear terms, its two gradients on one batch or on two."""

    same: bool
    batch: int
    members: int


@dataclass(frozen=True)
class Floor(gt.Noun):
    """Where extragradient comes to rest on the game x y under noise that does not vanish at the equilibrium."""

    batch: int
    members: int


@dataclass(frozen=True)
class LateAndNoisy(gt.Study):
    """Delayed and stochastic gradients on games where their cost is known."""

    question: ClassVar[str] = "What do late and noisy gradients cost?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        scale = {"smoke": 1, "small": 4, "full": 10}[preset]
        return (
            *(Delay(s, 21, 400 * scale) for s in (0, 1, 2, 4, 8)),
            *(LateRotation(s, 10 * scale) for s in (0, 1, 2, 4)),
            *(Batches(same, batch, 5000 * scale) for batch in (1, 2) for same in (False, True)),
            *(Floor(batch, 100 * scale) for batch in ((1, 16) if preset == "smoke" else (1, 4, 16))),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        work = {Delay: _delay, LateRotation: _late_rotation, Batches: _batches, Floor: _floor}
        return work[type(cell)](cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        parts = ((Delay, _limits), (LateRotation, _growth), (Batches, _divergence), (Floor, _floors))
        return [say(results.select(kind)) for kind, say in parts if len(results.select(kind))]


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
        line(stale, predicted, "2 sin(π / (2 (2s + 1)))"),
        dots(stale, last, "largest stable size tried", 1),
    ]
    short = max(1 - b / a for a, b in zip(predicted, last))
    above = sum(
        int(
            (
                np.asarray(r.values["stable"], dtype=bool) & (np.asarray(r.values["rate"]) > 1.001 * limit)
            ).sum()
        )
        for r, limit in zip(results, predicted)
    )
    text = (
        "Descent on a bowl. Sizes from 0.9 to 1.1 of the predicted limit were tried, a hundredth apart: the "
        f"largest that shrinks lies {100 * short:.1f} % below the limit at most; of those above it, {above} "
        "shrink. (Levin, May 1976.)"
    )
    layout = axes("staleness s", "step size", log="y", limits={"y": (0.1, 3.0)})
    return gt.Finding("How late a gradient may come", text, {"data": data, "layout": layout})


def _late_rotation(cell: LateRotation, key: gt.Key) -> dict[str, Any]:
    rule = gt.Delayed(gt.Simultaneous(gt.SGD(0.1)), staleness=cell.staleness)
    sweep = {"rule.rule.step.rate": gt.Linear(0.02, 0.5, cell.rates)}
    # the first steps repeat the first gradient, which is no state of the linear rule
    first, memory = cell.staleness, cell.staleness + 1
    options: dict[str, Any] = {"start": (1.0, 0.3), "sweep": sweep, "record": 1}
    runs = gt.simulate(gt.Bilinear(), rule, steps=first + 40, key=key, **options)
    rates = runs.swept["rule.rule.step.rate"]
    return {"rate": rates, "measured": factors(runs.points[:, first:], memory=memory)}


def _late(rate: float, staleness: int) -> float:
    return float(np.abs(theory.mode_factors(1j, rate, rule="delayed", staleness=staleness)).max())


def _growth(results: Any) -> gt.Finding:
    data, errors, rates = [], [], np.linspace(0.0, 0.5, 200)
    for i, r in enumerate(results):
        stale, tried = r.cell.staleness, np.asarray(r.values["rate"])
        data.append(line(rates, [_late(h, stale) for h in rates], f"staleness {stale}", i))
        data.append(dots(tried, r.values["measured"], f"staleness {stale}", i, legend=False))
        errors.append(np.abs(r.values["measured"] - np.array([_late(h, stale) for h in tried])).max())
    text = (
        "On a rotation plain steps grow, and late ones faster: for small steps of size u by (s + 1/2) u² a step, so "
        "gradients of s steps ago multiply the speed by 2s + 1. Lines are predicted, dots measured; the largest "
        f"difference is {max(errors):.0e}."
    )
    return gt.Finding(
        "Late gradients on a rotation", text, {"data": data, "layout": axes("step size", "factor a step")}
    )


def terms() -> gt.StochasticBilinear:
    """Return ``mean_i x_i y_i`` over four terms."""
    unit = torch.eye(TERMS)
    return gt.StochasticBilinear(tuple(tuple(map(tuple, torch.outer(u, u).tolist())) for u in unit))


def _batches(cell: Batches, key: gt.Key) -> dict[str, Any]:
    game = terms().replace(batch=cell.batch)
    plain = gt.ExtraGradient(gt.SGD(0.5))
    rule = gt.SameBatch(plain) if cell.same else plain
    path = "rule.rule.step.rate" if cell.same else "rule.step.rate"
    start = key.child("start").normal(cell.members, 2 * TERMS, dtype=torch.float64)
    start = start / start.norm(dim=-1, keepdim=True)
    ratios = []
    for rate in RATES:
        here = {"population": cell.members, "start": start, "key": key}
        runs = gt.simulate(game, rule, steps=1, sweep={path: gt.Values((rate,))}, **here)
        ratios.append(runs.points[:, -1].square().sum(-1))
    one = torch.stack(ratios)
    spread = one.std(-1) / cell.members**0.5
    return {"growth": gt.Estimate(one.mean(-1).numpy(), spread.numpy(), n=cell.members)}


def _divergence(results: Any) -> gt.Finding:
    data, errors, rates = [], [], np.linspace(0.0, 0.85, 200)
    for i, r in enumerate(results):
        options: dict[str, Any] = {"batch": r.cell.batch, "same": r.cell.same}
        label = f"{'one batch' if r.cell.same else 'two batches'} of {r.cell.batch}"
        growth = r.values["growth"]
        data.append(line(rates, theory.extragradient_growth(rates, TERMS, **options), label, i))
        bars = {"type": "data", "array": 1.96 * np.asarray(growth.stderr)}
        data.append(dots(RATES, growth.value, label, i, legend=False) | {"error_y": bars})
        expected = theory.extragradient_growth(np.array(RATES), TERMS, **options)
        errors.append(np.abs((growth.value - expected) / growth.stderr).max())
    text = (
        f"A game of {TERMS} bilinear terms, of which every gradient sees a batch. Where extragradient looks ahead "
        "on one batch and moves on another, E |w|² grows at every step size; where both see the same, it shrinks. "
        f"Lines are exact means over all batches, dots those of {results[0].cell.members:,} steps with 95 % "
        f"intervals; the farthest lies {max(errors):.1f} standard errors off. (Chavdarova et al. 2019.)"
    )
    layout = axes("step size", "growth of E |w|² a step")
    return gt.Finding("Two batches or one", text, {"data": data, "layout": layout})


def _floor(cell: Floor, key: gt.Key) -> dict[str, Any]:
    signs = [(a, b) for a in (1.0, -1.0) for b in (1.0, -1.0)]  # every coordinate's noise has variance 1
    shifts = {"x_shifts": tuple((a,) for a, _ in signs), "y_shifts": tuple((b,) for _, b in signs)}
    game = gt.StochasticBilinear((((1.0,),),) * 4, batch=cell.batch, **shifts)
    sizes = []
    for rate in RESTING:
        forget = round(8 / (rate**2 - rate**4))  # steps after which a start counts e^-8
        rule = gt.ExtraGradient(gt.SGD(rate))
        options: dict[str, Any] = {"steps": 2 * forget, "population": cell.members, "start": (0.0, 0.0)}
        runs = gt.simulate(game, rule, record=gt.Linear(forget, 2 * forget, 9), key=key, **options)
        sizes.append(runs.points.square().sum(-1).mean(-1))  # of one member at nine times
    square = torch.stack(sizes)
    return {
        "square": gt.Estimate(
            square.mean(-1).numpy(), (square.std(-1) / cell.members**0.5).numpy(), n=cell.members
        )
    }


def _floors(results: Any) -> gt.Finding:
    data, errors, rates = [], [], np.linspace(0.02, 0.9, 200)
    for i, r in enumerate(results):
        square, label = r.values["square"], f"batch {r.cell.batch}"
        data.append(line(rates, theory.extragradient_floor(rates, 1.0, batch=r.cell.batch), label, i))
        bars = {"type": "data", "array": 1.96 * np.asarray(square.stderr)}
        data.append(dots(RESTING, square.value, label, i, legend=False) | {"error_y": bars})
        expected = theory.extragradient_floor(np.array(RESTING), 1.0, batch=r.cell.batch)
        errors.append(np.abs((square.value - expected) / square.stderr).max())
    text = (
        "Noise of variance 1 in every entry of the gradient, on the game x y: extragradient comes to rest at a "
        "distance that a smaller step does not shrink, only a larger batch does. Lines are predicted, dots "
        f"measured with 95 % intervals; the farthest lies {max(errors):.1f} standard errors off. (Compare Hsieh et "
        "al. 2020.)"
    )
    layout = axes("step size", "E |w|² at rest", log="y")
    return gt.Finding("A floor that small steps do not lower", text, {"data": data, "layout": layout})

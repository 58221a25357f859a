"""Averages of GAN training: ``gantheory run studies/reproductions/averaging.py``.

After Yazici et al. (2019): an exponential average of the parameters shrinks the cycle of a game that only rotates, the
more the nearer its decay is to 1, and makes the samples of a GAN better while training itself goes on as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from orderings import above

import gantheory as gt
from gantheory import theory


RATE = 0.1
DECAYS = (0.0, 0.9, 0.99, 0.999)


@dataclass(frozen=True)
class Cycle(gt.Noun):
    """The average of alternating steps on the game x y, in the long run."""

    decay: float
    steps: int


@dataclass(frozen=True)
class Fit(gt.Noun):
    """GANs on a ring, with the average of their parameters; a decay of 0 is none."""

    decay: float
    steps: int
    seeds: int


@dataclass(frozen=True)
class Averaging(gt.Study):
    """Exponential averages on a rotation, measured beside predicted, and on GANs, as an ordering."""

    question: ClassVar[str] = "What does the average of a GAN's parameters know that the last ones do not?"
    version: ClassVar[int] = 1

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        steps, seeds = {"smoke": (60, 5), "small": (4000, 10), "full": (20_000, 20)}[preset]
        cycles = tuple(Cycle(1 - 10**-k, 40_000) for k in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5))
        return (*cycles, *(Fit(decay, steps, seeds) for decay in DECAYS))

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        return _cycle(cell, key) if isinstance(cell, Cycle) else _fit(cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        cycles, fits = results.select(Cycle), results.select(Fit)
        return [*([_amplitudes(cycles)] if len(cycles) else []), *([_samples(fits)] if len(fits) > 1 else [])]


def _cycle(cell: Cycle, key: gt.Key) -> dict[str, Any]:
    inner = gt.Alternating(gt.SGD(RATE))
    late = gt.Linear(cell.steps // 2, cell.steps, cell.steps // 2 + 1)
    options = {"steps": cell.steps, "start": (1.0, 0.0), "record": late, "key": key}
    plain = gt.simulate(gt.Bilinear(), inner, **options)
    averaged = gt.simulate(gt.Bilinear(), gt.Averaged(inner, decay=cell.decay), **options)
    size = [runs.points[0].square().sum(-1).mean().sqrt().item() for runs in (averaged, plain)]
    angle = np.arccos(1 - RATE**2 / 2)  # of a turn by an alternating step
    return {"measured": size[0] / size[1], "predicted": float(theory.averaging_gain(cell.decay, angle))}


def _amplitudes(results: Any) -> gt.Finding:
    rows = [(r.cell.decay, r.values["measured"], r.values["predicted"]) for r in results]
    worst = max(abs(measured / predicted - 1) for _, measured, predicted in rows)
    text = (
        f"Alternating steps of {RATE:g} on x y circle for ever. The size of their exponential average's circle, over "
        f"that of theirs, differs from (1 - b) / |1 - b exp(i phi)| by {100 * worst:.2g} % at most: it vanishes as "
        "the decay b goes to 1, and is never 0."
    )
    return gt.Finding(
        "The cycle of an average",
        text,
        table=(("decay", "measured", "predicted"), [list(row) for row in rows]),
    )


def _fit(cell: Fit, key: gt.Key) -> dict[str, Any]:
    ring = gt.Ring(modes=8, scale=0.1)
    nets = gt.MLP(2, (48, 48), 2), gt.MLP(2, (48, 48), 1)
    game = gt.AdversarialGame(*nets, ring, gt.NonSaturating(), batch=64)
    rule: gt.Rule = gt.Alternating(gt.Adam(2e-3, beta1=0.5))
    if cell.decay:
        rule = gt.Averaged(rule, decay=cell.decay)
    probes = {"energy distance": lambda runs: gt.energy_distance(runs, ring, n=4000)}
    runs = gt.simulate(
        game, rule, steps=cell.steps, population=cell.seeds, probes=probes, probe_at=cell.steps, key=key
    )
    found = gt.learning_outcome(runs, ring, n=4000)
    return {
        "energy distance": runs.probes["energy distance"][cell.steps],
        "good share": gt.quality_share(runs, ring, n=4000),
        "modes": gt.mode_coverage(runs, ring, n=2500),
        "learned": found.learned,
        "verdicts": str(found),
    }


def _samples(results: Any) -> gt.Finding:
    plain = next((r for r in results if r.cell.decay == 0), None)
    rows, said = [], []
    for r in results:
        values = r.values
        rows.append(
            [r.cell.decay, *(values[name].mean() for name in ("energy distance", "good share", "modes"))]
        )
        if plain is not None and r is not plain:
            order = above(plain.values["energy distance"], values["energy distance"])
            said.append(f"decay {r.cell.decay}: {order}.")
    header = ("decay", "energy distance", "share of good samples", "modes of 8")
    text = (
        f"The same {results[0].cell.seeds} GANs on a ring of 8, {results[0].cell.steps} steps, as they are (decay 0) "
        "and by their averages: by how much the energy distance of the plain ones exceeds that of the averages, seed "
        "by seed.\n\n" + "\n\n".join(said)
    )
    return gt.Finding("Samples of averaged generators", text, table=(header, rows))

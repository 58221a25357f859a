"""Unrolling against lost modes: ``gantheory run studies/reproductions/unrolling.py``.

After Metz, Poole, Pfau, Sohl-Dickstein (2017), figure 2, scaled down: a generator that looks through steps of the
critic does not chase it around a ring of 8. Their setting is kept where it matters, a generator that is ten times as
fast as the critic and orthogonal starts of gain 1.4; looks are plain steps of a given length, theirs were Adam's. The
rates were searched for, until plain GANs collapsed, with the seed 0: at other rates, equal ones among them, they do
not, and looking ahead then gains nothing. Fresh draws, ``--preset small`` with ``--seed 1`` and ``--seed 2``, showed
every ordering again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from orderings import above

import gantheory as gt


RING = gt.Ring(modes=8, radius=2.0, scale=0.1)
SAMPLES = 2500


@dataclass(frozen=True)
class Looks(gt.Noun):
    """GANs whose generator looks through so many steps of the critic, each of a length."""

    looks: int
    ahead: float
    steps: int
    seeds: int


@dataclass(frozen=True)
class Unrolling(gt.Study):
    """Modes and samples of unrolled GANs beside plain ones, seed by seed."""

    question: ClassVar[str] = "Does a generator that looks ahead cover the ring?"
    version: ClassVar[int] = 1

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        steps, seeds = {"smoke": (5, 5), "small": (2000, 8), "full": (20_000, 20)}[preset]
        looks = ((0, 0.0), (1, 0.1), (5, 0.1), (10, 0.1)) if preset != "smoke" else ((0, 0.0), (5, 0.1))
        return tuple(Looks(count, ahead, steps, seeds) for count, ahead in looks)

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        options = {"activation": "tanh", "initialisation": "orthogonal", "gain": 1.4}
        nets = gt.MLP(16, (32, 32), 2, **options), gt.MLP(2, (32, 32), 1, **options)
        game = gt.AdversarialGame(*nets, RING, gt.NonSaturating(), batch=64)
        steps = gt.PerPlayer((gt.Adam(1e-2, beta1=0.5), gt.Adam(1e-3, beta1=0.5)))
        rule = gt.Unrolled(steps, looks=cell.looks, ahead=cell.ahead)
        probes = {"energy distance": lambda runs: gt.energy_distance(runs, RING, n=SAMPLES)}
        runs = gt.simulate(
            game,
            rule,
            steps=cell.steps,
            population=cell.seeds,
            probes=probes,
            probe_at=max(1, cell.steps // 8),
            key=key,
        )
        return {
            "modes": gt.mode_coverage(runs, RING, n=SAMPLES),
            "good share": gt.quality_share(runs, RING, n=SAMPLES),
            "energy distance": gt.energy_distance(runs, RING, n=SAMPLES),
            "on the way": [
                {"step": step, "distance": e.mean()} for step, e in runs.probes["energy distance"].items()
            ],
            "verdicts": str(gt.learning_outcome(runs, RING, n=SAMPLES)).partition(";")[0],
            "gradients": runs.cost.field_calls,
        }

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        return [_finding(results)] if len(results) else []


def _finding(results: Any) -> gt.Finding:
    plain = next((r for r in results if r.cell.looks == 0), None)
    rows, said, data = [], [], []
    for r in results:
        values, name = r.values, f"{r.cell.looks} look{'s' * (r.cell.looks != 1)} of {r.cell.ahead:g}"
        measured = (values[key].mean() for key in ("modes", "good share", "energy distance"))
        rows.append([r.cell.looks, r.cell.ahead, *measured, values["verdicts"], values["gradients"]])
        way = values["on the way"]
        x, y = [point["step"] for point in way], [float(point["distance"]) for point in way]
        data.append({"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y})
        if plain is not None and r is not plain:
            modes = above(values["modes"], plain.values["modes"])
            nearer = above(plain.values["energy distance"], values["energy distance"])
            said.append(f"{name}: modes more than plain {modes}; energy distance less {nearer}.")
    text = (
        f"{results[0].cell.seeds} seeds, {results[0].cell.steps} steps, {SAMPLES} samples of each, of which "
        f"{float(results[0].values['good share'].floor[0]):.3f} of true ones are good.\n\n"
        + "\n\n".join(said)
    )
    layout = {
        "xaxis": {"title": {"text": "step"}},
        "yaxis": {"title": {"text": "energy distance"}, "type": "log"},
        "showlegend": True,
    }
    header = (
        "looks",
        "length",
        "modes",
        "share of good samples",
        "energy distance",
        "verdicts",
        "gradients a member",
    )
    return gt.Finding("Looking ahead on the ring", text, {"data": data, "layout": layout}, (header, rows))

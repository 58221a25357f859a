"""What flows pay above the entropy, and below log Z: ``gantheory run studies/reproductions/likelihood_gaps.py``."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch

import gantheory as gt


LEVEL = 1 - 1e-6 / 40
"""Of each law's interval, so that all together miss with probability 1e-6."""

SPLINE = gt.NSF(2, layers=3, hidden=(64, 64))
RING = gt.Ring(modes=8, radius=1.0, scale=0.05)
RIVALS = (
    gt.RealNVP(2, layers=6, hidden=(64,)),
    gt.RealNVP(2, layers=12, hidden=(64, 64)),
    gt.Glow(2, layers=6, hidden=(64, 64)),
    gt.MAF(2, layers=6, hidden=(64, 64)),
    SPLINE,
)
BOX = ((-4.0, 4.0), (-4.0, 4.0))
DEPTHS = (2, 8, 32)
VARIATIONAL = {
    **{f"planar {k}": gt.Inverse(gt.Planar(2, layers=k)) for k in DEPTHS},
    "RealNVP": gt.RealNVP(2, layers=6, hidden=(32, 32)),
    "spline": gt.Inverse(gt.NSF(2, layers=2, hidden=(32, 32))),
}


@dataclass(frozen=True)
class Gap(gt.Noun):
    """A flow fitted to a density by likelihood, the data standardised where their covariance is known."""

    law: gt.Density
    flow: gt.Flow
    steps: int
    seeds: int = 5


@dataclass(frozen=True)
class Energy(gt.Noun):
    """A flow fitted to one of Rezende and Mohamed's energies on its square by the reverse divergence."""

    number: int
    name: str
    flow: gt.Flow
    steps: int
    seeds: int = 8


@dataclass(frozen=True)
class LikelihoodGaps(gt.Study):
    """Likelihoods beside entropies, and bounds beside normalisers."""

    question: ClassVar[str] = "How far from the truth do flows end, where the truth is a number?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        steps = {"smoke": 20, "small": 1000, "full": 4000}[preset]
        laws = plane(every=preset == "full")
        energies = (1,) if preset == "smoke" else (1, 2, 3, 4)
        return (
            *(Gap(law, SPLINE, steps) for law in (laws[:2] if preset == "smoke" else laws)),
            *(Gap(RING, flow, steps) for flow in RIVALS),
            *(Energy(i, name, flow, 2 * steps) for i in energies for name, flow in VARIATIONAL.items()),
        )

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        return _gap(cell, key) if isinstance(cell, Gap) else _energy(cell, key)

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        gaps = [r for r in results if isinstance(r.cell, Gap)]
        energies = [r for r in results if isinstance(r.cell, Energy)]
        laws = [r for r in gaps if r.cell.law != RING]
        rivals = [r for r in gaps if r.cell.law == RING]
        parts = ((laws, _laws), (rivals, _rivals), (energies, _energies))
        return [say(part) for part, say in parts if part]


def plane(*, every: bool) -> list[gt.Density]:
    """Return the first law in the plane of every family with a density, or all that its examples give."""
    found: list[gt.Density] = []
    for name in gt.__all__:
        family = getattr(gt, name)
        if inspect.isclass(family) and issubclass(family, gt.Distribution) and not inspect.isabstract(family):
            laws = [law for law in family.examples() if isinstance(law, gt.Density)]
            members = [law for law in laws if law.dim == 2] or [*filter(None, map(flattened, laws))]
            found += members if every else members[:1]
    return list(dict.fromkeys(found))


def flattened(law: gt.Density) -> gt.Density | None:
    """Return a law of the plane for one that is not: of the same family, else of the line, twice; `None` where neither.

    For families whose examples have another dimension; one whose ``dim`` is a field has a law of the plane.
    """
    if "dim" in law.__dataclass_fields__:
        return law.replace(dim=2)
    return gt.Product((law, law)) if law.dim == 1 else None  # type: ignore[return-value]  # of densities: one


def _gap(cell: Gap, key: gt.Key) -> dict[str, Any]:
    law, facts = cell.law, cell.law.facts()
    covariance = facts.covariance.value
    if covariance is not None and np.isfinite(covariance).all():
        law = gt.Standardised(law)
    flow = cell.flow
    if (
        facts.tail_index.value is not None and facts.tail_index.value <= 2
    ):  # else the likelihood is -inf in the mean
        flow = gt.StudentBase(flow, freedom=2.0)
    game = gt.LikelihoodGame(flow, law, batch=256)
    rule = gt.Simultaneous(gt.Scheduled(gt.Adam(1e-3), gt.CosineDecay(cell.steps)))
    runs = gt.simulate(game, rule, steps=cell.steps, population=cell.seeds, key=key)
    x = law.sample(20_000, key.child("test"))
    paid = law.log_prob(x) - runs.log_prob(x)
    gap = _estimate(paid)
    excess = -runs.log_prob(x) - float(law.facts().entropy.value)
    return {"gap": gap, "excess": _estimate(excess), "seconds": runs.cost.seconds, "tails": flow != cell.flow}


def _energy(cell: Energy, key: gt.Key) -> dict[str, Any]:
    target = gt.RezendeMohamed(cell.number)
    game = gt.VariationalGame(gt.Boxed(cell.flow, box=BOX), target, batch=256)
    rule = gt.Simultaneous(gt.Scheduled(gt.Adam(2e-3), gt.CosineDecay(cell.steps)))
    runs = gt.simulate(game, rule, steps=cell.steps, population=cell.seeds, dtype=torch.float32, key=key)
    terms: list[torch.Tensor] = []
    for w in runs.profile[0]:
        x, log_q = game.model.push(w, game.noise(20_000, key.child("test")))
        terms.append(log_q - target.log_prob(x))
    return {
        "divergence": _estimate(torch.stack(terms)),
        "parameters": game.sizes[0],
        "seconds": runs.cost.seconds,
    }


def _estimate(values: torch.Tensor) -> gt.Estimate:
    values, n = values.double(), values.shape[-1]
    return gt.Estimate(values.mean(-1).numpy(), (values.std(-1) / math.sqrt(n)).numpy(), n=n)


def _said(members: gt.Estimate) -> str:
    """Say the mean over seeds; all are tested on the same points, whose error the spread over seeds does not know."""
    mean = members.mean()
    return f"{float(mean):.3f} ± {math.hypot(mean.stderr, np.mean(members.stderr)):.3f}"


def _laws(results: list[Any]) -> gt.Finding:
    rows = []
    for r in sorted(results, key=lambda r: -float(r.values["gap"].mean())):
        gap, excess = r.values["gap"], r.values["excess"]
        rows.append((repr(r.cell.law), _said(gap), _said(excess), f"{r.values['seconds']:.0f} s"))
    below = [r for r in results if (np.asarray(r.values["gap"].interval(LEVEL)[1]) < 0).any()]
    paid = [float(r.values["gap"].mean()) for r in results]
    cell = results[0].cell
    text = (
        f"{cell.flow}, {cell.steps} steps of 256 points with Adam, {cell.seeds} seeds: on {len(results)} densities of "
        f"the plane the test likelihood ends {np.median(paid):.3f} nats below the truth's own in the median, "
        f"{max(paid):.3f} at most. Densities on which a member's whole interval lies below 0, which no model can "
        f"earn: {len(below)}. Data are standardised; where the variance is infinite the base law has learned "
        "Student tails."
    )
    header = ("density", "gap, nats (mean over seeds)", "test likelihood less entropy", "training, all seeds")
    return gt.Finding("What a spline flow pays above the entropy", text, table=(header, rows))


def _rivals(results: list[Any]) -> gt.Finding:
    rows = []
    for r in results:
        gap = r.values["gap"]
        rows.append((repr(r.cell.flow), r.cell.flow.size, _said(gap), spread(gap)))
    best = min(results, key=lambda r: float(r.values["gap"].mean())).cell.flow
    text = (
        f"{RING}, {results[0].cell.steps} steps of 256: eight narrow modes from one connected base law. The smallest "
        f"gap is that of {best}."
    )
    header = ("flow", "parameters", "gap, nats", "seeds")
    return gt.Finding("Flows on narrow modes", text, table=(header, rows))


def spread(estimate: gt.Estimate) -> str:
    """Say the least and the most over the seeds."""
    return f"{np.min(estimate.value):.3f} to {np.max(estimate.value):.3f}"


def _energies(results: list[Any]) -> gt.Finding:
    rows, falls = [], []
    for number in sorted({r.cell.number for r in results}):
        mine = {r.cell.name: r.values for r in results if r.cell.number == number}
        for name, values in mine.items():
            kl = values["divergence"]
            rows.append((f"U_{number}", name, values["parameters"], _said(kl), spread(kl)))
        planar = [mine[name]["divergence"] for k in DEPTHS if (name := f"planar {k}") in mine]
        falls += [one_sided(a, b) for a, b in pairwise(planar)]
    sure = sum(low > 0 for low in falls)
    text = (
        "log Z is known, so the bound's distance from it is: the divergence of the flow from the density on its "
        f"square. From each depth of planar flows to the next the mean over seeds falls in {sure} of {len(falls)} "
        "comparisons with a one-sided interval of 95 %. Coupling layers and splines stand beside. (Rezende and "
        "Mohamed 2015, figure 3.)"
    )
    header = ("energy", "flow", "parameters", "divergence, nats", "seeds")
    return gt.Finding("Planar flows: the bound and their depth", text, table=(header, rows))


def one_sided(before: gt.Estimate, after: gt.Estimate) -> float:
    """Return the lower end of the 95 % interval of a fall between means over seeds (Welch)."""
    a, b = np.asarray(before.value), np.asarray(after.value)
    error = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return float(a.mean() - b.mean() - 1.8 * error)

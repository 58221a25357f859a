"""Flows trained by a critic, by likelihood, and by both: ``gantheory run studies/reproductions/flow_gans.py``.

After Grover, Dhar, Ermon (2018) and Danihelka et al. (2017), in the plane, where the entropy is known: the same RealNVP
is trained by a critic (Wasserstein with a gradient penalty, as theirs, or the non-saturating cost), by likelihood, and
by a critic with a weight on the likelihood. All take equally many steps of the generator and see equally many real
samples: what the steps of a critic see is part of a larger batch where there is none. One more row has no critic and
only the samples that a generator sees beside its critic. The likelihoods are exact.

Seen with ``--preset small``, under the seeds 0 and 1 alike: flows of a critic alone are thousands of times as far from
the entropy, farther than one Gaussian, and their Jacobians worse conditioned, as published; hybrids lie between. Unlike
the published images, no hybrid has a better likelihood than likelihood alone on as many samples, and no critic brings
samples nearer to the truth in energy distance; on the ring, critics alone do make more of them good.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import torch
from orderings import above
from torch import Tensor

import gantheory as gt


LAWS = {"ring": gt.Ring(modes=8, radius=1.0, scale=0.1), "moons": gt.Moons(scale=0.1)}
CRITIC = gt.MLP(2, (64, 64), 1, activation="leaky_relu")
RULE = gt.Alternating(gt.Adam(1e-3, beta1=0.5, beta2=0.9), critic_steps=5)
OBJECTIVES = {
    "Wasserstein": (gt.Wasserstein(), gt.GradientPenalty(1.0)),
    "non-saturating": (gt.NonSaturating(), gt.R1(0.1)),
}
WEIGHTS = (0.0, 0.1, 1.0, 10.0)
BATCHES = {"none": 720, "alone": 144, "beside": 120}
"""Of 720 real samples a step: one of all, one for each of a critic's five steps, and one more for a likelihood."""
TESTED = 100_000
"""Points of the truth, the same for all seeds: many, for the spread over seeds does not know of their error."""
COLOURS = {"none": "#b8860b", "Wasserstein": "#2a78d6", "non-saturating": "#c2433b"}
SYMBOLS = dict(zip(WEIGHTS, ("x", "circle", "square", "diamond")))
MEASURED = {
    "median": "at the median point",
    "energy distance": "energy distance",
    "good share": "good samples",
    "modes": "modes",
    "condition": "condition",
    "real samples": "real samples",
    "gradients": "gradients",
}
ORDERED = (
    "critic",
    "weight",
    "gap",
    "gap, small batches",
    "gap, Gaussian",
    "gap, critic alone",
    "condition",
    "energy distance",
    "energy distance, small batches",
    "good samples",
    "good samples, small batches",
)


@dataclass(frozen=True)
class Duel(gt.Noun):
    """Flows trained by a critic and a weight of likelihood, or without a critic; each draw of data is a batch."""

    law: Literal["ring", "moons"]
    critic: Literal["none", "Wasserstein", "non-saturating"]
    weight: float
    batch: int
    flow: gt.RealNVP
    steps: int
    seeds: int


@dataclass(frozen=True)
class FlowGANs(gt.Study):
    """Exact likelihoods, samples and Jacobians of one flow, trained in different ways."""

    question: ClassVar[str] = (
        "What does a flow's likelihood become when a critic trains it, and what do its samples?"
    )
    version: ClassVar[int] = 1

    def cells(self, preset: str) -> tuple[Duel, ...]:
        steps, seeds = {"smoke": (5, 5), "small": (2000, 6), "full": (20_000, 20)}[preset]
        flow, laws, critics, weights = (
            gt.RealNVP(2, layers=6, hidden=(32, 32)),
            tuple(LAWS),
            OBJECTIVES,
            WEIGHTS,
        )
        if preset == "smoke":
            flow, laws, critics, weights = (
                gt.RealNVP(2, layers=2, hidden=(8,)),
                ("ring",),
                ("Wasserstein",),
                (0.0, 1.0),
            )
        ways = [("none", 1.0, BATCHES["none"]), ("none", 1.0, BATCHES["beside"])]
        ways += [(name, w, BATCHES["beside" if w else "alone"]) for name in critics for w in weights]
        return tuple(Duel(law, *way, flow, steps, seeds) for law in laws for way in ways)  # type: ignore[arg-type]

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        law = LAWS[cell.law]
        runs = gt.simulate(game_of(cell), RULE, steps=cell.steps, population=cell.seeds, key=key)
        x = law.sample(TESTED, key.child("test").to(torch.float64))
        below = law.log_prob(x) - runs.log_prob(x).double()
        z = key.child("latent").to(torch.float64).normal(1000, 2)
        return {
            "test likelihood": gt.negative_log_likelihood(runs, law, n=TESTED),
            "median": gt.Estimate(below.median(1).values.numpy(), n=TESTED),
            "energy distance": gt.energy_distance(runs, law),
            "good share": gt.quality_share(runs, law),
            "modes": gt.mode_coverage(runs, law),
            "condition": gt.Estimate(
                [condition(cell.flow, w, z) for w in runs.profile[0].double()], n=len(z)
            ),
            "real samples": runs.cost.samples,
            "gradients": runs.cost.field_calls,
        }

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        of = {law: results.select(lambda cell, law=law: cell.law == law) for law in LAWS}
        return [
            finding(law, part) for law, part in of.items() if len(part) for finding in (_measured, _orderings)
        ]


def game_of(cell: Duel) -> gt.Game:
    """Return the game that trains the flow."""
    law = LAWS[cell.law]
    if cell.critic == "none":
        return gt.LikelihoodGame(cell.flow, law, batch=cell.batch)
    objective, penalty = OBJECTIVES[cell.critic]
    game = gt.WithPenalty(gt.AdversarialGame(cell.flow, CRITIC, law, objective, batch=cell.batch), penalty)
    return gt.WithLikelihood(game, cell.weight) if cell.weight else game


def condition(flow: gt.Flow, w: Tensor, z: Tensor) -> float:
    """Return the median, over base points z, of the condition number of the generator's Jacobian."""
    jacobian = torch.func.vmap(torch.func.jacrev(lambda point: flow(w, point[None])[0]))(z)
    return torch.linalg.cond(jacobian).median().item()


def name(cell: Duel) -> str:
    """Say what trained the flow."""
    if cell.critic == "none":
        return "likelihood alone" + ("" if cell.batch == BATCHES["none"] else ", small batches")
    return f"{cell.critic} " + (f"and {cell.weight:g} likelihood" if cell.weight else "alone")


def gaussian_gap(law: gt.Density) -> float:
    """Return what the best single Gaussian pays above the entropy, in nats: ``H(N(m, S)) - H(p)``."""
    facts = law.facts()
    return float(
        np.linalg.slogdet(2 * math.pi * math.e * facts.covariance.value)[1] / 2 - facts.entropy.value
    )


def gap(result: Any) -> gt.Estimate:
    """Return each member's likelihood less the truth's own on the same points, in nats."""
    paid = result.values["test likelihood"]
    return gt.Estimate(paid.value - paid.floor, paid.stderr, n=paid.n)


def _measured(law: str, results: Any) -> gt.Finding:
    cell, entropy, rows = results[0].cell, float(LAWS[law].facts().entropy.value), []
    for r in results:
        shown = (r.values[key] for key in ("test likelihood", *MEASURED))
        rows.append([r.cell.critic, r.cell.weight, r.cell.batch, *shown])
    gaussian = gaussian_gap(LAWS[law])
    text = (
        f"{cell.seeds} flows of {cell.flow.size} parameters in each row, {cell.steps} steps of the generator. The "
        f"entropy is {entropy:.3f} nats, and one Gaussian of the same mean and covariance pays {gaussian:.3f} more: "
        "the line in the figure, whose best corner is the lower left one. Beside the mean over true points stands what "
        "is paid above the truth's own at the median point, for a few points to which a flow gives nearly nothing "
        "decide the mean. The condition is that of the generator's Jacobian at the median base point."
    )
    header = ("critic", "weight", "batch", "negative log-likelihood", *MEASURED.values())
    line = {
        "type": "line",
        "x0": gaussian,
        "x1": gaussian,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"dash": "dot"},
    }
    layout = {
        "xaxis": {"type": "log", "title": {"text": "negative log-likelihood above the truth's, nats"}},
        "yaxis": {"type": "log", "title": {"text": "energy distance"}},
        "shapes": [line],
        "showlegend": True,
    }
    figure = {"data": [_marks(r) for r in results], "layout": layout}
    return gt.Finding(f"Likelihoods and samples on the {law}", text, figure, (header, rows))


def _marks(result: Any) -> dict[str, Any]:
    """Return one mark a seed: a colour for each critic, a symbol for each weight."""
    cell, distance = result.cell, result.values["energy distance"].value
    stars = "star" if cell.batch == BATCHES["none"] else "star-open"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name(cell),
        "x": gap(result).value,
        "y": np.where(distance > 0, distance, np.nan),
        "marker": {
            "size": 9,
            "symbol": stars if cell.critic == "none" else SYMBOLS[cell.weight],
            "color": COLOURS[cell.critic],
        },
    }


def _orderings(law: str, results: Any) -> gt.Finding:
    of = {(r.cell.critic, r.cell.weight, r.cell.batch): r for r in results}
    fair, small = (of.get(("none", 1.0, BATCHES[which])) for which in ("none", "beside"))
    rows, found = [], []
    for r in results:
        if r.cell.critic == "none" or fair is None or small is None:
            continue
        alone = of.get((r.cell.critic, 0.0, BATCHES["alone"]))
        against = (
            times(gap(r), gap(fair)),
            times(gap(r), gap(small)),
            times(gap(r), gt.Estimate(np.full(r.cell.seeds, gaussian_gap(LAWS[law])))),
            None if alone in (r, None) else times(gap(r), gap(alone)),
            times(r.values["condition"], fair.values["condition"]),
            *(
                compared(r.values[k], s.values[k])
                for k in ("energy distance", "good share")
                for s in (fair, small)
            ),
        )
        rows.append([r.cell.critic, r.cell.weight, *(verdict and verdict.text for verdict in against)])
        found.append((r.cell.weight > 0, [verdict and verdict.sign for verdict in against]))
    return gt.Finding(f"Orderings on the {law}", _said(found), table=(ORDERED, rows))


class Verdict(NamedTuple):
    """Which of two is more, +1, 0 where neither is seen to be, -1; and in words."""

    sign: int
    text: str


def compared(
    one: gt.Estimate, other: gt.Estimate, *, say: Callable[[float], str] = "{:.2g}".format
) -> Verdict:
    """Compare seed by seed, in both directions, each at one-sided 95 %."""
    more, less = above(one, other), above(other, one)
    for sign, word, found in ((1, "more", more), (-1, "less", less)):
        if found.seen:
            by, least = say(float(found.difference)), say(found.bound)
            return Verdict(sign, f"{word}, {by} (\N{GREATER-THAN OR EQUAL TO}\N{NO-BREAK SPACE}{least})")
    return Verdict(0, "neither seen")


def times(one: gt.Estimate, other: gt.Estimate) -> Verdict:
    """Compare positive numbers that differ by orders of magnitude: by their ratio."""
    logs = (gt.Estimate(np.log(estimate.value), n=estimate.n) for estimate in (one, other))
    return compared(*logs, say=lambda log: f"{float(f'{math.exp(log):.3g}'):,g}\N{MULTIPLICATION SIGN}")


def _said(found: list[tuple[bool, list[int | None]]]) -> str:
    """Count the orderings of the published findings, and those against them."""

    def count(hybrid: bool, column: str, sign: int) -> str:
        signs = [signs[ORDERED.index(column) - 2] for mixed, signs in found if mixed == hybrid]
        return f"{signs.count(sign)} of {len(signs)}"

    def samples(hybrid: bool, than: str = "") -> str:
        return (
            f"nearer to the truth in energy distance for {count(hybrid, 'energy distance' + than, -1)}, farther for "
            f"{count(hybrid, 'energy distance' + than, 1)}; more of them are good for "
            f"{count(hybrid, 'good samples' + than, 1)}, fewer for {count(hybrid, 'good samples' + than, -1)}"
        )

    return (
        "Seed by seed, each direction at one-sided 95 %, with the bound in brackets. The gap is the negative "
        "log-likelihood above the truth's; gaps and conditions are compared by their ratio. Columns that name nothing "
        "else compare with likelihood alone, small batches with likelihood alone in batches of the size that a "
        "generator has beside a critic.\n\n"
        f"**Critics alone.** The gap is larger than that of likelihood alone for {count(False, 'gap', 1)}, and than "
        f"one Gaussian's for {count(False, 'gap, Gaussian', 1)}; the Jacobian is worse conditioned for "
        f"{count(False, 'condition', 1)}. Their samples are {samples(False)}.\n\n"
        f"**Critics with likelihood.** The gap is smaller than the critic's alone for "
        f"{count(True, 'gap, critic alone', -1)}. It is larger than that of likelihood alone for "
        f"{count(True, 'gap', 1)}, smaller for {count(True, 'gap', -1)}; their samples are {samples(True)}.\n\n"
        "**The same beside likelihood alone in small batches.** The gap is larger for "
        f"{count(True, 'gap, small batches', 1)}, smaller for {count(True, 'gap, small batches', -1)}; the samples are "
        f"{samples(True, ', small batches')}."
    )

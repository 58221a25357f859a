"""The built-in tour: orbits of Dirac-GAN, then a GAN and a flow on equal budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from gantheory import theory
from gantheory.distributions import Distribution, Empirical, Ring
from gantheory.dynamics import SGD, Adam, Alternating, ExtraGradient, Rule, Simultaneous, Trajectory, simulate
from gantheory.dynamics.population import Many
from gantheory.estimate import Estimate
from gantheory.games import R1, AdversarialGame, DiracGAN, LikelihoodGame, Minimax, NonSaturating, WithPenalty
from gantheory.metrics import (
    energy_distance,
    mode_coverage,
    negative_log_likelihood,
    quality_share,
    sliced_wasserstein,
)
from gantheory.models import MLP, RealNVP, match_parameters
from gantheory.notation import Noun
from gantheory.random import Key
from gantheory.study.results import Results
from gantheory.study.study import Finding, Study
from gantheory.study.tour_findings import data_finding, orbit_findings, ring_findings


BATCH = 512
RATE = 0.5
SEEDS = 5
RuleName = Literal["simultaneous", "alternating", "extragradient"]
DIRAC_RULES: dict[RuleName, Rule] = {
    "simultaneous": Simultaneous(SGD(RATE)),
    "alternating": Alternating(SGD(RATE)),
    "extragradient": ExtraGradient(SGD(RATE)),
}


@dataclass(frozen=True)
class Orbits(Noun):
    """1,024 Dirac-GANs under one rule, with the R1 penalty of one weight."""

    rule: RuleName
    weight: float
    steps: int


@dataclass(frozen=True)
class Fit(Noun):
    """A population of GANs or of flows, fitted to data."""

    kind: Literal["gan", "flow"]
    data: Ring | Empirical
    steps: int


@dataclass(frozen=True)
class Tour(Study):
    """A first look: the dynamics of Dirac-GAN, and a GAN beside a flow on a ring and on your own points.

    ``data`` are your own points, if there are any: four fifths at random train, the rest are held out, and
    columns are standardised, with normal noise of scale 0.1.
    """

    data: Empirical | None = None

    question: ClassVar[str] = "What do games do, and what do a GAN and a flow learn from equal budgets?"
    version: ClassVar[int] = 2

    def cells(self, preset: str) -> tuple[Noun, ...]:
        steps = {"smoke": 100, "small": 2500, "full": 20_000}[preset]
        orbits = [Orbits(rule, weight, 400) for weight in (0.0, 0.3) for rule in DIRAC_RULES]
        ring = Ring(modes=8, scale=0.15)
        fits = [Fit(kind, ring, steps) for kind in ("gan", "flow")]
        if self.data:
            own = self.data.replace(part="train", standardise=True, noise=0.1)
            fits += [Fit(kind, own, steps) for kind in ("gan", "flow")]
        return (*orbits, *fits)

    def measure(self, cell: Any, key: Key) -> dict[str, Any]:
        return measure_orbits(cell, key) if isinstance(cell, Orbits) else measure_fit(cell, key)

    def findings(self, results: Results) -> Sequence[Finding]:
        found = orbit_findings(results.select(Orbits))
        found += ring_findings(results.select(lambda c: isinstance(c, Fit) and isinstance(c.data, Ring)))
        found += data_finding(results.select(lambda c: isinstance(c, Fit) and isinstance(c.data, Empirical)))
        return found


def measure_orbits(cell: Orbits, key: Key) -> dict[str, Any]:
    """Measure outcomes and orbits from starts all over the plane, and the contraction from near ones."""
    game = WithPenalty(DiracGAN(Minimax()), R1(cell.weight))
    rule, members = DIRAC_RULES[cell.rule], 1024
    runs = simulate(game, rule, steps=cell.steps, population=members, record=1, key=key)
    near = 1e-6 * key.child("near").normal(members, 2, dtype=torch.float64)
    close = simulate(game, rule, steps=20, start=near, population=members, record=1, key=key)
    jacobian = theory.dirac_jacobian(objective="gan", weight=cell.weight)
    grid = torch.cartesian_prod(*[torch.linspace(-2.5, 2.5, 17, dtype=torch.float64)] * 2)
    field = Many(game, len(grid)).field(grid.split(1, dim=-1), ())
    return {
        "measured factor": contraction(close.points.numpy()),
        "predicted factor": float(theory.contraction_factor(jacobian, RATE, rule=cell.rule)),
        "rate": RATE,
        "outcomes": dict(Counter(runs.outcome.tolist())),
        "nearer": int((runs.points[:, -1].norm(dim=-1) < 0.1 * runs.points[:, 0].norm(dim=-1)).sum()),
        "orbits": runs.points[:6].numpy(),
        "grid": grid.numpy(),
        "direction": -torch.cat(field, dim=-1).numpy(),
        "seconds a million steps": 1e6 * runs.cost.seconds / (members * cell.steps),
    }


def contraction(orbits: np.ndarray, groups: int = 16) -> Estimate:
    """Return the spectral radius of the step's linear part, fitted to orbits ``(members, steps, 2)``.

    One matrix is fitted by least squares to all steps of each group of orbits. A ratio of distances would
    be biased where orbits turn; a fitted matrix is not, and the groups say how sure it is.
    """
    size = np.linalg.norm(orbits[:, :-1], axis=-1, keepdims=True)
    before, after = ((z / size).reshape(groups, -1, 2) for z in (orbits[:, :-1], orbits[:, 1:]))
    maps = np.linalg.pinv(before) @ after
    return Estimate(np.abs(np.linalg.eigvals(maps)).max(-1), n=len(orbits) // groups).mean()


def game_for(kind: str, data: Distribution) -> LikelihoodGame | WithPenalty:
    """Return the game of a kind; both have as many parameters, all players counted, to 5 percent."""
    d = data.dim
    flow = LikelihoodGame(RealNVP(d, layers=6, hidden=(64, 64)), data, batch=BATCH)
    if kind == "flow":
        return flow
    nets = MLP(d, (64, 64), d), MLP(d, (64, 64), 1)
    gan = WithPenalty(AdversarialGame(*nets, data, NonSaturating(), batch=BATCH), R1(0.1))
    return match_parameters([gan], sum(flow.sizes))[0]


def measure_fit(cell: Fit, key: Key) -> dict[str, Any]:
    """Train a population and compare its samples with the truth, at the end and on the way."""
    game = game_for(cell.kind, cell.data)
    adam = Adam(1e-3, beta1=0.5) if cell.kind == "gan" else Adam(1e-3)
    rule = Alternating(adam) if cell.kind == "gan" else Simultaneous(adam)
    truth = cell.data.replace(part="test") if isinstance(cell.data, Empirical) else cell.data
    n = 10_000
    runs = simulate(game, rule, steps=0, population=SEEDS, key=key)
    curve = []
    for checkpoint in sorted({round(cell.steps ** (i / 8)) for i in range(4, 9)}):
        runs = runs.extend(checkpoint - int(runs.steps[-1]))
        distance = energy_distance(runs, truth, n=2000)
        curve.append({"step": checkpoint, "energy distance": distance})
    values = {
        "parameters": sum(game.sizes),
        "samples": runs.cost.samples,
        "training seconds": runs.cost.seconds,
        "energy distance": energy_distance(runs, truth, n=n),
        "sliced Wasserstein": sliced_wasserstein(runs, truth, n=n),
        "curve": curve,
        "points": runs.sample(1500, key.child("shown"))[:2, :, :2].numpy(),
        "true points": truth.sample(1500, key.child("shown"))[:, :2].numpy(),
    }
    return values | _against_truth(runs, cell, truth, n, key)


def _against_truth(runs: Trajectory, cell: Fit, truth: Distribution, n: int, key: Key) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if truth.facts().modes.value is not None:
        values |= {"modes": mode_coverage(runs, truth, n=2500), "good share": quality_share(runs, truth, n=n)}
        values["entropy"] = truth.facts().entropy.value
    else:
        train = cell.data
        values["training against held-out"] = energy_distance(train, truth, n=n, key=key.child("baseline"))
        values["Gaussian likelihood"] = _gaussian_likelihood(train, truth, n, key)
    if cell.kind == "flow":
        values["likelihood"] = negative_log_likelihood(runs, truth, n=n)
    return values


def _gaussian_likelihood(train: Distribution, truth: Distribution, n: int, key: Key) -> Estimate:
    """Return the held-out negative log-likelihood of the Gaussian with the training data's moments."""
    facts = train.facts()
    law = torch.distributions.MultivariateNormal(
        torch.tensor(facts.mean.value), torch.tensor(facts.covariance.value), validate_args=False
    )
    loss = -law.log_prob(truth.sample(n, key.child("gaussian").to(torch.float64))).numpy()
    return Estimate(loss.mean(), np.std(loss) / n**0.5, n=n)

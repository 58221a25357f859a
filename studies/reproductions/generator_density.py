"""A GAN's likelihood, and what estimates say it is: ``gantheory run studies/reproductions/generator_density.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

import gantheory as gt


TRUTH = gt.Ring(modes=8, radius=1.0, scale=0.15)
MIXTURE = gt.GaussianMixtureModel(2, components=8)
BANDWIDTHS = (0.02, 0.05, 0.1, 0.2, 0.4)
TESTED = 2_000


@dataclass(frozen=True)
class Fit(gt.Noun):
    """A population of GANs fitted to the ring, with generators of one activation."""

    activation: str
    steps: int
    seeds: int
    samples: int = 10_000


@dataclass(frozen=True)
class GeneratorDensities(gt.Study):
    """The exact likelihood of generators from the plane to the plane, and two estimates of it."""

    version: ClassVar[int] = 2
    question: ClassVar[str] = (
        "What is the likelihood of a GAN, and what do kernel density estimates say it is?"
    )

    def cells(self, preset: str) -> tuple[Fit, ...]:
        sizes = {"smoke": (30, 2, 1000), "small": (3000, 5, 10_000), "full": (20_000, 20, 10_000)}[preset]
        return tuple(Fit(activation, *sizes) for activation in ("relu", "leaky_relu", "tanh"))

    def measure(self, cell: Fit, key: gt.Key) -> dict[str, Any]:
        generator = gt.MLP(2, (64, 64), 2, activation=cell.activation)  # type: ignore[arg-type]
        game = gt.AdversarialGame(generator, gt.MLP(2, (64, 64), 1), TRUTH, gt.NonSaturating())
        rule = gt.Simultaneous(gt.Adam(1e-3, beta1=0.5))
        runs = gt.simulate(
            gt.WithPenalty(game, gt.R1(0.1)), rule, steps=cell.steps, population=cell.seeds, key=key
        )
        density = gt.GeneratorDensity(generator, runs.profile[0])
        x = TRUTH.sample(TESTED, key.child("test").to(torch.float64))
        exact = density.log_prob(x)
        fakes = density.sample(cell.samples, key.child("fakes"))
        smoothed = torch.stack([_kernel_densities(s, x) for s in fakes])
        fit = gt.LikelihoodGame(MIXTURE, TRUTH, batch=cell.samples)
        start = MIXTURE.start_at(TRUTH.sample(cell.samples, key.child("points")), key.child("start"))
        fitted = gt.simulate(
            fit, gt.ExpectationMaximisation(gt.SGD(1.0)), steps=100, start=start, key=key.child("mixture")
        )
        mixture = MIXTURE.log_prob(fitted.profile[0][0], x)
        return {
            "exact": -exact.mean(1).numpy(),
            "median": -exact.median(1).values.numpy(),
            "nowhere": exact.isinf().double().mean(1).numpy(),
            "kernel": -smoothed.mean(2).numpy(),
            "on lines": density.singular_mass,
            "missed": density.missed(1000, key.child("missed")),
            "energy": gt.energy_distance(runs, TRUTH, n=TESTED, key=key.child("energy")),
            "mixture": gt.Estimate(-mixture.mean().item(), mixture.std().item() / TESTED**0.5, n=TESTED),
            "entropy": float(TRUTH.facts().entropy.value),
        }

    def findings(self, results: gt.Results) -> Sequence[gt.Finding]:
        return [_likelihoods(results), _kernels(results)] if len(results) else []


def _kernel_densities(samples: Tensor, x: Tensor) -> Tensor:
    """Return the log of the mean of ``N(x; s, h^2 I)`` over samples s, ``(bandwidths, n)``."""
    parts = []
    for some in x.split(250):
        squares = torch.cdist(some, samples).square()
        each = [(-squares / (2 * h**2)).logsumexp(-1) - math.log(2 * math.pi * h**2) for h in BANDWIDTHS]
        parts.append(torch.stack(each))
    return torch.cat(parts, dim=1) - math.log(len(samples))


def _likelihoods(results: gt.Results) -> gt.Finding:
    rows = []
    for r in results:
        v = r.values
        for m in range(r.cell.seeds):
            exact = float(v["exact"][m])
            rows.append(
                (
                    r.cell.activation,
                    m,
                    f"{exact:.2f}" if math.isfinite(exact) else "infinite",
                    f"{100 * float(v['nowhere'][m]):.1f} %",
                    float(v["median"][m]),
                    float(np.min(v["kernel"][m])),
                    float(v["on lines"][m]),
                    v["missed"][m],
                    v["energy"][m],
                )
            )
    exact = np.concatenate([r.values["exact"] for r in results])
    kernel = np.concatenate([np.min(r.values["kernel"], axis=1) for r in results])
    first, samples = results[0].values, results[0].cell.samples
    infinite = np.isinf(exact)
    text = (
        f"The ring's entropy is {first['entropy']:.3f} nats; a mixture of 8 Gaussians, after 100 "
        f"steps of expectation maximisation on {samples:,} points each, pays {first['mixture']}. "
        f"Of {len(exact)} GANs {infinite.sum()} have an infinite negative log-likelihood, for some of {TESTED:,} "
        f"true points are the image of no latent vector; the others pay {_range(exact[~infinite])}. "
        f"A kernel density estimate from {samples:,} samples, at its best bandwidth, "
        f"says {_range(kernel)}: less than the exact number for {(kernel < exact).sum()} of {len(exact)}."
    )
    header = (
        "activation",
        "seed",
        "exact",
        "true points of density 0",
        "median of -log q",
        "kernel estimate, best bandwidth",
        "mass on lines and points",
        "share of samples not found again",
        "energy distance",
    )
    return gt.Finding("What GANs pay, in nats a sample", text, table=(header, rows))


def _kernels(results: gt.Results) -> gt.Finding:
    traces = [
        {
            "x": list(BANDWIDTHS),
            "y": np.median(r.values["kernel"], axis=0).tolist(),
            "name": r.cell.activation,
            "mode": "lines+markers",
        }
        for r in results
    ]
    layout = {
        "xaxis": {"type": "log", "title": {"text": "bandwidth"}},
        "yaxis": {"title": {"text": "negative log-likelihood by kernel estimate, median over seeds, nats"}},
    }
    lowest = {
        r.cell.activation: BANDWIDTHS[int(np.median(r.values["kernel"], axis=0).argmin())] for r in results
    }
    best = ", ".join(f"{h:g} for {name}" for name, h in lowest.items())
    text = (
        "The same numbers are importance estimates with noise of this scale on the generator's output and the prior as "
        f"proposal. They change with the bandwidth by many nats; the bandwidth they like best is {best}."
    )
    return gt.Finding("An estimate is a choice of bandwidth", text, figure={"data": traces, "layout": layout})


def _range(values: np.ndarray) -> str:
    return f"{values.min():.2f} to {values.max():.2f}" if len(values) else "nothing"

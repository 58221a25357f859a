"""A population of small GANs against a plain PyTorch loop over seeds, side by side in one process.

Run it as ``python studies/benchmarks/population.py``. Work of both sides: a 2-32-32-2 generator and a
2-32-32-1 critic (ReLU), non-saturating loss, batch 64 drawn anew for each half-step from a ring of eight
Gaussians, alternating with one critic step, Adam. The rival is at its best: fused or unfused Adam, one or
two threads, whichever is fastest here. Rounds alternate; figures are medians with their range.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time

import torch
from torch import nn
from torch.nn.functional import softplus

import gantheory as gt


BATCH, WIDTH, POPULATION = 64, 32, 64


def network(width: int, outputs: int) -> nn.Sequential:
    """Return a two-layer perceptron from the plane."""
    layers = nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)
    return nn.Sequential(*layers)


class PlainLoop:
    """One run as a user writes it, with torch's own modules, optimiser and generator."""

    def __init__(self, width: int, batch: int, fused: bool):
        self.batch = batch
        self.generator, self.critic = network(width, 2), network(width, 1)
        self.optimise_g = torch.optim.Adam(self.generator.parameters(), 1e-3, fused=fused)
        self.optimise_c = torch.optim.Adam(self.critic.parameters(), 1e-3, fused=fused)
        self.random = torch.Generator().manual_seed(0)
        angle = 2 * math.pi * torch.arange(8) / 8
        self.centres = torch.stack((angle.cos(), angle.sin()), dim=-1)

    def real(self, n: int) -> torch.Tensor:
        mode = torch.randint(8, (n,), generator=self.random)
        return self.centres[mode] + 0.15 * torch.randn(n, 2, generator=self.random)

    def latent(self, n: int) -> torch.Tensor:
        return torch.randn(n, 2, generator=self.random)

    def step(self) -> None:
        with torch.no_grad():
            fake = self.generator(self.latent(self.batch))
        loss = softplus(-self.critic(self.real(self.batch))).mean() + softplus(self.critic(fake)).mean()
        self.optimise_c.zero_grad()
        loss.backward()
        self.optimise_c.step()
        # the critic's parameters need no gradients in the generator's half-step
        self.critic.requires_grad_(False)
        loss = softplus(-self.critic(self.generator(self.latent(self.batch)))).mean()
        self.optimise_g.zero_grad()
        loss.backward()
        self.optimise_g.step()
        self.critic.requires_grad_(True)


def plain_seconds(fused: bool, threads: int, steps: int) -> float:
    """Return the plain loop's seconds a step and run."""
    torch.set_num_threads(threads)
    loop = PlainLoop(WIDTH, BATCH, fused)
    for _ in range(20):
        loop.step()
    begun = time.perf_counter()
    for _ in range(steps):
        loop.step()
    return (time.perf_counter() - begun) / steps


def population_seconds(threads: int, steps: int) -> float:
    """Return the population's seconds a step and run."""
    torch.set_num_threads(threads)
    nets = gt.MLP(2, (WIDTH, WIDTH), 2), gt.MLP(2, (WIDTH, WIDTH), 1)
    game = gt.AdversarialGame(*nets, gt.Ring(modes=8, scale=0.15), gt.NonSaturating(), batch=BATCH)
    rule = gt.Alternating(gt.Adam(1e-3))
    runs = gt.simulate(game, rule, steps=60, population=POPULATION, key=gt.Key(0))
    seconds = runs.extend(steps).cost.seconds - runs.cost.seconds
    return seconds / steps / POPULATION


def main() -> None:
    """Measure in alternating rounds and print the ratio."""
    parser = argparse.ArgumentParser(description="A population against a plain loop.")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rivals = {(fused, threads): [] for fused in (False, True) for threads in (1, 2)}
    ours = {1: [], 2: []}
    for _ in range(options.rounds):
        for (fused, threads), seconds in rivals.items():
            seconds.append(plain_seconds(fused, threads, steps=300))
        for threads, seconds in ours.items():
            seconds.append(population_seconds(threads, steps=300))
    print(f"seconds a step and run, median (least to most) of {options.rounds} alternating rounds")
    for (fused, threads), seconds in rivals.items():
        print(f"  plain loop, {'fused' if fused else 'unfused'} Adam, {threads} threads: {line(seconds)}")
    for threads, seconds in ours.items():
        print(f"  population of {POPULATION}, {threads} threads: {line(seconds)}")
    best = min(rivals.values(), key=statistics.median)
    ratios = [a / b for a, b in zip(best, ours[2])]
    print(
        f"the loop at its best takes {statistics.median(ratios):.1f} times as long as a population on 2 threads "
        f"({min(ratios):.1f} to {max(ratios):.1f}, round by round)"
    )


def line(seconds: list[float]) -> str:
    """Return a median with its range, in microseconds."""
    return f"{1e6 * statistics.median(seconds):.1f} us ({1e6 * min(seconds):.1f} to {1e6 * max(seconds):.1f})"


if __name__ == "__main__":
    main()

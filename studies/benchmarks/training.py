"""Training of small GANs, side by side in one process: a plain PyTorch loop over seeds, a `torch.func` ensemble,
JAX's ``jit(lax.scan(vmap(step)))``, and ours.

Run it as ``python studies/benchmarks/training.py`` in an environment with jax (without it the others are
measured). Work of all sides: a 2-w-w-2 generator and a 2-w-w-1 critic (ReLU), non-saturating loss, a batch drawn
anew for each half-step from a ring of eight Gaussians, alternating with one critic step, Adam, float32, as many
threads. The plain loop is at its best: fused or unfused Adam; its seeds run one after the other, so that its time a
step and run is that of one. Rounds alternate; figures are medians with their range.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time

import torch
from measuring import Memory, optional
from networks_jax import Gan
from population import PlainLoop, line
from torch.nn.functional import softplus

import gantheory as gt


SIZES = (32, 64), (64, 128), (128, 256)  # width, batch
RING = gt.Ring(modes=8, scale=0.15)


class Ensemble:
    """A population as one writes it with `torch.func`: stacked parameters, vmap of grad, Adam by hand."""

    def __init__(self, width: int, batch: int, population: int):
        self.batch, self.population, self.t = batch, population, 0
        loops = [PlainLoop(width, batch, False) for _ in range(population)]
        self.nets = loops[0].generator, loops[0].critic
        self.w = [
            torch.func.stack_module_state([getattr(loop, name) for loop in loops])[0]  # type: ignore[arg-type]
            for name in ("generator", "critic")
        ]
        self.w = [{k: x.detach() for k, x in w.items()} for w in self.w]
        self.moments = [[{k: torch.zeros_like(x) for k, x in w.items()} for _ in range(2)] for w in self.w]
        self.draws = loops[0]
        self.of_critic = torch.func.vmap(torch.func.grad(self._critic_loss))
        self.of_generator = torch.func.vmap(torch.func.grad(self._generator_loss))

    def _run(self, i: int, w: dict, x: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(self.nets[i], w, (x,))

    def _critic_loss(self, d, g, real, z):
        fake = self._run(0, g, z).detach()
        return softplus(-self._run(1, d, real)).mean() + softplus(self._run(1, d, fake)).mean()

    def _generator_loss(self, g, d, z):
        return softplus(-self._run(1, d, self._run(0, g, z))).mean()

    def _adam(self, i: int, gradient: dict) -> None:
        m, v = self.moments[i]
        size, root = 1e-3 / (1 - 0.9**self.t), math.sqrt(1 - 0.999**self.t)
        for k, g in gradient.items():
            m[k].lerp_(g, 0.1)
            v[k].mul_(0.999).addcmul_(g, g, value=0.001)
            self.w[i][k].addcdiv_(m[k], (v[k].sqrt() / root).add_(1e-8), value=-size)

    def step(self) -> None:
        """Take one step of all."""
        self.t += 1
        rows = self.population * self.batch
        real, z = (
            draw(rows).view(self.population, self.batch, 2) for draw in (self.draws.real, self.draws.latent)
        )
        self._adam(1, self.of_critic(self.w[1], self.w[0], real, z))
        z = self.draws.latent(rows).view(self.population, self.batch, 2)
        self._adam(0, self.of_generator(self.w[0], self.w[1], z))


def ours(width: int, batch: int, population: int) -> gt.Trajectory:
    """Return a population that is ready to go on."""
    nets = gt.MLP(2, (width, width), 2), gt.MLP(2, (width, width), 1)
    game = gt.AdversarialGame(*nets, RING, gt.NonSaturating(), batch=batch)
    return gt.simulate(game, gt.Alternating(gt.Adam(1e-3)), steps=2, population=population, key=gt.Key(0))


def seconds_of(step, steps: int) -> float:
    """Return the seconds of a step, warm."""
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - begun) / steps


def compare(width: int, batch: int, population: int, steps: int, rounds: int) -> None:
    """Print the seconds a step and run of all sides."""
    jax, runs = optional("jax"), ours(width, batch, population)
    ensemble = Ensemble(width, batch, population)
    works = {
        "plain loop": lambda: min(seconds_of(loop.step, 4 * steps) for loop in loops),
        "torch.func ensemble": lambda: seconds_of(ensemble.step, steps) / population,
        "ours": lambda: seconds_of(lambda: runs.extend(steps), 1) / steps / population,
    }
    loops = [PlainLoop(width, batch, fused) for fused in (False, True)]
    if jax is not None:
        theirs = Gan(jax, width, batch).work("alternating", population, steps)
        works["JAX"] = lambda: seconds_of(theirs, 1) / steps / population
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            seconds = work()
            if turn:  # the first is not timed
                found[name].append(seconds)
    print(f"width {width}, batch {batch}, population {population}, a step and run:", flush=True)
    for name, seconds in found.items():
        ratio = statistics.median(s / o for s, o in zip(seconds, found["ours"], strict=True))
        print(f"  {name}: {line(seconds)}, {ratio:.2f} times ours", flush=True)
    with Memory() as memory:
        runs.extend(2)
    print(f"  ours holds {memory.megabytes:.0f} MB more while it runs", flush=True)


def main() -> None:
    """Measure the wanted sizes."""
    parser = argparse.ArgumentParser(description="Training of small GANs against its rivals.")
    parser.add_argument("--widths", nargs="+", type=int, default=[width for width, _ in SIZES])
    parser.add_argument("--populations", nargs="+", type=int, default=[16, 64])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for width, batch in SIZES:
        for population in options.populations:
            if width in options.widths:
                compare(width, batch, population, options.steps, options.rounds)


if __name__ == "__main__":
    main()

"""Games and networks against JAX, ``jit(lax.scan(vmap(step)))`` at its best, side by side in one process.

Run it as ``python studies/benchmarks/dynamics.py`` in an environment with jax (without it our figures alone
are printed). Work of both sides, in one dtype and on as many threads: all steps of all orbits from given
starts, and the last points, which agree (networks start and draw by each side's own generator). Ours is
`simulate` as a user calls it: with its checks, the losses of both ends and the watch over windows that decides
outcomes; traced before the clock starts, as JAX's is compiled. Rounds alternate; figures are medians with their range.
"""

from __future__ import annotations

import argparse
import functools
import time
from typing import cast

import numpy as np
import torch
from measuring import Turns, Work, alternate, optional, times
from networks_jax import Gan, lqg_work
from torch import Tensor

import gantheory as gt
from gantheory.dynamics.interpreter import trace


RATE, WEIGHT = 0.1, 0.3
GAME = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(WEIGHT))


def dirac(jax):
    """Return one simultaneous step of Dirac-GAN with R1 as one writes it in JAX."""

    def step(w):
        theta, psi = w
        slope = jax.nn.sigmoid(theta * psi)
        return theta + RATE * slope * psi, psi - RATE * (slope * theta + WEIGHT * psi)

    return step


def bilinear(jax):
    """Return one extragradient step of the game x y."""

    def step(w):
        x, y = w
        u, v = x - RATE * y, y + RATE * x
        return x - RATE * v, y + RATE * u

    return step


def jax_work(jax, make, start: Tensor, steps: int) -> Work:
    """Return a compiled run of all orbits, by the fastest of three ways to write it."""
    start = jax.numpy.asarray(start.T.numpy())

    def scanned(w, unroll, mapped):
        one = jax.vmap(make(jax)) if mapped else make(jax)
        return jax.lax.scan(lambda w, _: (one(w), None), w, None, length=steps, unroll=unroll)[0]

    def members(w):
        return jax.vmap(lambda x, y: scanned((x, y), 1, False))(*w)

    ways = [functools.partial(scanned, unroll=k, mapped=True) for k in (1, 8)] + [members]
    compiled = [jax.jit(way) for way in ways]
    seconds = []
    for run in compiled:
        jax.block_until_ready(run(tuple(start)))
        begun = time.perf_counter()
        jax.block_until_ready(run(tuple(start)))
        seconds.append(time.perf_counter() - begun)
    best = compiled[seconds.index(min(seconds))]
    return lambda: jax.block_until_ready(best(tuple(start)))


def our_work(game: gt.Game, rule: gt.Rule, start: Tensor, steps: int) -> Work:
    """Return a run of all orbits by `simulate`."""
    options = {"steps": steps, "population": len(start), "start": start, "dtype": start.dtype}
    return lambda: gt.simulate(game, rule, **options, key=gt.Key(0)).points[:, -1]


def compare(name: str, make, game: gt.Game, rule: gt.Rule, orbits: int, steps: int, rounds: int) -> None:
    """Run both sides by turns in both dtypes and print what they took."""
    jax = optional("jax")
    if jax is not None:
        jax.config.update("jax_enable_x64", True)
    for double in (False, True):
        start = gt.Key(0).normal(orbits, 2, dtype=torch.float64 if double else torch.float32)
        works = {"ours": our_work(game, rule, start, steps)}
        if jax is not None:
            works["JAX"] = jax_work(jax, make, start, steps)
            found, theirs = works["ours"](), torch.tensor(np.stack(cast(list, works["JAX"]()), axis=-1))
            torch.testing.assert_close(found, theirs, rtol=1e-3, atol=1e-3)
        what = f"{name}, {orbits} orbits x {steps} steps, {'float64' if double else 'float32'}"
        _report(what, alternate(works, rounds))


def _report(what: str, turns: Turns) -> None:
    print(f"{what}: {', '.join(f'{side} {_line(turns, side)}' for side in turns.seconds)}", flush=True)
    if "JAX" in turns.seconds:
        print(f"  JAX takes {times(turns.seconds['JAX'], turns.seconds['ours'])} as long", flush=True)


def _line(turns: Turns, name: str) -> str:
    seconds = turns.seconds[name]
    return f"{1e3 * turns.median(name):.1f} ms ({1e3 * min(seconds):.1f} to {1e3 * max(seconds):.1f})"


def networks(kind: str, rounds: int, *, width: int = 64, batch: int = 256, population: int = 64) -> None:
    """Time a population of GANs, simultaneous with Adam or extragradient with plain steps."""
    nets, steps = (gt.MLP(2, (width, width), 2), gt.MLP(2, (width, width), 1)), 20
    game = gt.AdversarialGame(*nets, gt.Ring(modes=8, scale=0.15), gt.NonSaturating(), batch=batch)
    adam, plain = gt.Simultaneous(gt.Adam(1e-3)), gt.ExtraGradient(gt.SGD(0.05))
    rule = adam if kind == "simultaneous" else plain
    runs = gt.simulate(game, rule, steps=2, population=population, key=gt.Key(0))
    works: dict[str, Work] = {"ours": lambda: runs.extend(steps)}
    jax = optional("jax")
    if jax is not None:
        works["JAX"] = Gan(jax, width, batch).work(kind, population, steps)
    what = f"2-{width}-{width} GAN, batch {batch}, population {population}, {kind}, {steps} steps, float32"
    _report(what, alternate(works, rounds))


def linear_quadratic(rounds: int, *, orbits: int = 1000, steps: int = 20) -> None:
    """Time the linear-quadratic-Gaussian game in 16 dimensions under consensus, in both dtypes."""
    variances, rank = np.linspace(4, 0.5, 16), 4
    game = gt.LinearQuadraticGaussian(tuple(variances.tolist()), rank=rank)
    rule = gt.Consensus(gt.SGD(0.01), weight=0.1)
    jax = optional("jax")
    for dtype in (torch.float32, torch.float64):
        start = 0.3 * gt.Key(0).normal(orbits, sum(game.sizes), dtype=dtype)
        works = {"ours": our_work(game, rule, start, steps)}
        if jax is not None:
            jax.config.update("jax_enable_x64", True)
            given = variances.astype(start.numpy().dtype), start.numpy()
            works["JAX"] = lqg_work(jax, *given, rank, 0.01, 0.1, steps)
            of_g, of_b = (np.asarray(part).reshape(orbits, -1) for part in cast(tuple, works["JAX"]()))
            theirs = torch.tensor(np.concatenate((of_g, of_b), axis=-1))
            torch.testing.assert_close(works["ours"](), theirs, rtol=1e-2, atol=1e-2)
        _report(
            f"LQG in 16 dimensions, consensus, {orbits} orbits x {steps} steps, {dtype}",
            alternate(works, rounds),
        )


def phase_diagram(rounds: int) -> None:
    """Time a 512 x 512 diagram of step sizes and penalties, 1,000 steps each, in float64."""
    sweep = {"rule.step.rate": gt.Log(1e-3, 10, 512), "game.penalty.weight": gt.Linear(0, 3, 512)}
    rule = gt.Simultaneous(gt.SGD(RATE))

    def whole():
        runs = gt.simulate(GAME, rule, steps=1000, start=(1.0, 1.0), sweep=sweep, key=gt.Key(0))
        return len(set(runs.outcome))

    turns = alternate({"ours": whole}, rounds)
    print(f"512 x 512 diagram, 1000 steps each, float64, with outcomes: {_line(turns, 'ours')}", flush=True)


def tracing(rounds: int) -> None:
    """Time tracing, folding and checking one game under one rule."""

    def cold(rule: gt.Rule) -> Work:
        return lambda: trace._interpreted.__wrapped__(GAME, rule, (), torch.float64)

    rules = {"SGD": gt.Simultaneous(gt.SGD(RATE)), "ExtraAdam": gt.ExtraGradient(gt.Adam(RATE))}
    turns = alternate({name: cold(rule) for name, rule in rules.items()}, rounds)
    for name in rules:
        print(f"tracing Dirac-GAN with R1 under {name}: {_line(turns, name)}", flush=True)


def main() -> None:
    """Measure the wanted rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    rows = ["dirac", "bilinear", "lqg", "simultaneous", "extragradient", "phase", "tracing"]
    parser.add_argument("--rows", nargs="+", default=rows, choices=rows)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    simultaneous, extra = gt.Simultaneous(gt.SGD(RATE)), gt.ExtraGradient(gt.SGD(RATE))
    if "dirac" in options.rows:
        compare("Dirac-GAN with R1", dirac, GAME, simultaneous, 10_000, 10_000, options.rounds)
    if "bilinear" in options.rows:
        compare("x y, extragradient", bilinear, gt.Bilinear(), extra, 100_000, 1000, options.rounds)
    for kind in ("simultaneous", "extragradient"):
        if kind in options.rows:
            networks(kind, options.rounds)
    if "lqg" in options.rows:
        linear_quadratic(options.rounds)
    if "phase" in options.rows:
        phase_diagram(min(options.rounds, 3))
    if "tracing" in options.rows:
        tracing(options.rounds)


if __name__ == "__main__":
    main()

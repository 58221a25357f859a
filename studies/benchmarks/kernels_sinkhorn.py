"""Sinkhorn against geomloss, ott-jax and POT, side by side in one process.

Run it as ``python studies/benchmarks/kernels_sinkhorn.py [--rows share divergence ...]``, with the peers
(``pip install geomloss pykeops pot jax ott-jax``; those missing are left out and named) and a C++ compiler for
the machine's peak. Rounds alternate, ratios are medians with their range, and every marginal error is computed
anew in float64, from the potentials, by the same code for all. Peers run at their best: jitted and warm, two
threads.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from functools import partial

import torch
from measuring import Memory, Work, alternate, optional, peaks, timed, times
from sinkhorn_rivals import clouds, marginal_error, ott_run, ott_solver, pot_run
from torch import Tensor

from gantheory.ops import sinkhorn, sinkhorn_divergence


ROWS = ("share", "scaling", "large", "batch", "divergence", "sinkhorn")
LARGEST = 5000  # points for which peers hold the matrix; ott-jax is quickest so, and by slices above
SLICES = 32


def contest(title: str, ours: Work, rivals: dict[str, Work], rounds: int, error: Callable) -> None:
    """Run ours and the rivals by turns; print times, ratios, errors and the memory that first runs take."""
    turns = alternate({"ours": ours, **rivals}, rounds)

    def figures(name: str) -> str:
        taken, held = 1e3 * turns.median(name), turns.megabytes[name]
        return f"{name} {taken:.2f} ms, marginal error {error(turns.found[name]):.2e}, {held:.0f} MB"

    print(f"{title}: {figures('ours')}", flush=True)
    for name in rivals:
        ratio = times(turns.seconds[name], turns.seconds["ours"])
        print(f"    {figures(name)}: {ratio} as long", flush=True)


def divergence_row(rounds: int, n: int = 5000) -> None:
    """N = M = 5,000, d = 2, blur 0.05 sqrt(d), geomloss at scaling 0.9, tensorized and online."""
    peer = optional("geomloss")
    x, y = clouds(n, 2)
    blur = 0.05 * math.sqrt(2)
    epsilon = 2 * blur**2

    def geomloss(backend: str) -> Callable:
        options = {"blur": blur, "scaling": 0.9, "backend": backend}
        value = peer.SamplesLoss("sinkhorn", **options)
        biased = peer.SamplesLoss("sinkhorn", potentials=True, debias=False, **options)
        return lambda: (value(x, y), lambda: [2 * v.flatten() for v in biased(x, y)])

    def error(found) -> float:
        if isinstance(found, tuple):
            f, g = found[1]()
            return marginal_error(x, y, f, g, epsilon)
        return found.marginal_error.item()

    def ours():
        return sinkhorn_divergence(x, y, epsilon=epsilon, tolerance=0.025)

    names = ("tensorized", "online") if optional("pykeops") else ("tensorized",)
    rivals = {f"geomloss {name}": geomloss(name) for name in names} if peer else {}
    contest(f"divergence N={n} d=2 blur .05 sqrt 2", ours, rivals, rounds, error)
    if peer:
        twice = 2 * rivals["geomloss tensorized"]()[0].item()
        print(f"    values: ours {ours().value.item():.6f}, twice geomloss's {twice:.6f}")


def sinkhorn_row(n: int, d: int, rounds: int, limit: int) -> None:
    """To marginal error 1e-3: ott-jax jitted, and POT where its matrices fit."""
    x, y = clouds(n, d)
    epsilon = 0.05 * d / 2
    rivals = {}
    if optional("ott"):
        solver = ott_solver(epsilon, slices=None if n <= LARGEST else SLICES, limit=limit)
        rivals["ott-jax"] = ott_run(solver, x, y)
    if n <= LARGEST and optional("ot"):
        rivals["POT sinkhorn_log"] = pot_run(x, y, epsilon)

    def ours():
        found = sinkhorn(x, y, epsilon=epsilon)
        return found.f, found.g

    def error(found) -> float:
        f, g = found
        return marginal_error(x, y, f, g, epsilon)

    contest(f"sinkhorn to 1e-3 N={n} d={d} eps={epsilon:g}", ours, rivals, rounds, error)


def batch_row(rounds: int, d: int = 2) -> None:
    """256 problems of 128 x 128 against ott-jax under vmap."""
    x, y = clouds(128, d, lead=(256,))
    epsilon = 0.05 * d / 2
    rivals = {}
    if optional("ott"):
        rivals["ott-jax vmapped"] = ott_run(ott_solver(epsilon), x, y, batched=True)

    def ours():
        found = sinkhorn(x, y, epsilon=epsilon)
        return found.f, found.g

    def error(found) -> float:
        f, g = found
        return max(marginal_error(x[k], y[k], f[k], g[k], epsilon) for k in range(len(x)))

    contest(f"256 problems of 128 x 128, d={d}", ours, rivals, rounds, error)


def large_row(n: int = 100_000) -> None:
    """One divergence of 100,000 points, with the memory it takes above its inputs."""
    x, y = clouds(n, 2)
    with Memory() as memory:
        seconds, found = timed(lambda: sinkhorn_divergence(x, y, epsilon=0.04, tolerance=0.01))
    print(
        f"divergence N={n} d=2 blur .1 sqrt 2: {seconds:.1f} s, marginal error "
        f"{found.marginal_error.item():.2e}, converged {bool(found.converged)}, {memory.megabytes:.0f} MB more"
    )


def share_row(n: int = 5000) -> None:
    """One dense sweep (no tile skipped, nothing stored) against the arithmetic limit of one core."""
    limits = peaks(1)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    for d in (2, 8, 64):
        x, y = clouds(n, d)
        seconds = []
        for iterations in (2, 12) * 3:
            options = {"epsilon": 20.0 * d, "tolerance": 1e-30, "max_iterations": iterations}
            zeros = (torch.zeros(n), torch.zeros(n))
            seconds.append(timed(partial(sinkhorn, x, y, warm_start=zeros, **options))[0])
        sweep = (min(seconds[1::2]) - min(seconds[::2])) / 10
        # differences take 2 operations a dimension, products 1; then bias, row and column sums
        least = (((2 * d if d <= 8 else d) + 3) / limits.fma + 1 / limits.power) / 1e9
        print(
            f"    d={d}: {n * n / sweep / 1e9:.2f} Gpair/s, {100 * least * n * n / sweep:.0f} % of the limit"
        )
    torch.set_num_threads(before)


def scaling_row(rounds: int, n: int = 5000) -> None:
    """Two threads against one, ours."""
    before = torch.get_num_threads()

    def on(threads: int, x: Tensor, y: Tensor, epsilon: float):
        torch.set_num_threads(threads)
        return sinkhorn(x, y, epsilon=epsilon)

    for d in (2, 8, 64):
        works: dict[str, Work] = {
            name: partial(on, k, *clouds(n, d), 0.025 * d) for k, name in ((1, "one"), (2, "two"))
        }
        seconds = alternate(works, rounds).seconds
        print(
            f"sinkhorn N={n} d={d}: one thread {times(seconds['one'], seconds['two'])} as long as two",
            flush=True,
        )
    torch.set_num_threads(before)


def main(arguments: list[str] | None = None) -> None:
    """Measure the wanted rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--limit", type=int, default=20_000, help="iterations after which ott-jax gives up")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000, 20_000])
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 8, 64])
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if "share" in options.rows:
        share_row()
    if "scaling" in options.rows:
        scaling_row(options.rounds)
    if "large" in options.rows:
        large_row()
    if "batch" in options.rows:
        batch_row(options.rounds)
    if "divergence" in options.rows:
        divergence_row(options.rounds)
    if "sinkhorn" in options.rows:
        for n in options.sizes:
            for d in options.dimensions:
                sinkhorn_row(n, d, options.rounds if n <= LARGEST else 1, options.limit)


if __name__ == "__main__":
    main()

"""Sinkhorn against geomloss, ott-jax and POT, side by side in one process.

Run it as ``python studies/benchmarks/kernels_sinkhorn.py [--rows share,scaling,divergence,...]``; it needs
the peers (``pip install geomloss pykeops pot jax ott-jax``) and a C compiler for the machine's peak. Rounds
alternate, ratios are medians with their range, and every marginal error is computed anew in float64, from the
potentials, by the same code for all. Peers run at their best: jitted and warm, two threads.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from sinkhorn_rivals import clouds, marginal_error, ott_run, ott_solver, peak, pot_run

from gantheory.ops import sinkhorn, sinkhorn_divergence


LARGEST = 5000  # points for which peers hold the matrix; ott-jax is quickest so, and by slices above
SLICES = 32


def timed(work: Callable, results: list) -> float:
    begun = time.perf_counter()
    results.append(work())
    return time.perf_counter() - begun


class Peak:
    """The most memory that the process holds above what it held before, in MB, within a ``with``."""

    @staticmethod
    def _held(name: str) -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0])

    def __enter__(self) -> Peak:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self.before = self._held("VmRSS")
        return self

    def __exit__(self, *_) -> None:
        self.megabytes = (self._held("VmHWM") - self.before) / 1024


def contest(title: str, ours: Callable, rivals: dict[str, Callable], rounds: int, error: Callable) -> None:
    """Alternate ours and every rival, after a warm run of each where there is more than one round.

    Prints times, ratios, errors and the memory that first runs take.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *rivals)}
    last: dict[str, object] = {}
    memory: dict[str, float] = {}
    everyone = {"ours": ours, **rivals}
    for name, work in everyone.items() if rounds > 1 else ():
        with Peak() as peak:
            work()
        memory[name] = peak.megabytes
    for _ in range(rounds):
        for name, work in rivals.items():
            for who, run in (("ours", ours), (name, work)):
                found: list = []
                with Peak() as peak:
                    seconds[who].append(timed(run, found))
                memory.setdefault(who, peak.megabytes)
                last[who] = found[0]
    own = statistics.median(seconds["ours"])
    print(
        f"{title}: ours {1e3 * own:.2f} ms, marginal error {error(last['ours']):.2e}, "
        f"{memory['ours']:.0f} MB",
        flush=True,
    )
    for k, name in enumerate(rivals):
        mine = seconds["ours"][k :: len(rivals)]
        ratios = [theirs / our for theirs, our in zip(seconds[name], mine)]
        print(
            f"    {name} {1e3 * statistics.median(seconds[name]):.1f} ms, marginal error "
            f"{error(last[name]):.2e}, {memory[name]:.0f} MB: {statistics.median(ratios):.1f} times as long "
            f"({min(ratios):.1f} to {max(ratios):.1f})",
            flush=True,
        )


def divergence_row(rounds: int, n: int = 5000) -> None:
    """N = M = 5,000, d = 2, blur 0.05 sqrt(d), geomloss at scaling 0.9, tensorized and online."""
    from geomloss import SamplesLoss  # type: ignore[import-not-found]

    x, y = clouds(n, 2)
    blur = 0.05 * math.sqrt(2)
    epsilon = 2 * blur**2

    def geomloss(backend: str) -> Callable:
        options = {"blur": blur, "scaling": 0.9, "backend": backend}
        value = SamplesLoss("sinkhorn", **options)
        biased = SamplesLoss("sinkhorn", potentials=True, debias=False, **options)
        return lambda: (value(x, y), lambda: [2 * v.flatten() for v in biased(x, y)])

    def error(found) -> float:
        if isinstance(found, tuple):
            f, g = found[1]()
            return marginal_error(x, y, f, g, epsilon)
        return found.marginal_error.item()

    def ours():
        return sinkhorn_divergence(x, y, epsilon=epsilon, tolerance=0.025)

    rivals = {f"geomloss {name}": geomloss(name) for name in ("tensorized", "online")}
    contest(f"divergence N={n} d=2 blur .05 sqrt 2", ours, rivals, rounds, error)
    twice = 2 * rivals["geomloss tensorized"]()[0].item()
    print(f"    values: ours {ours().value.item():.6f}, twice geomloss's {twice:.6f}")


def sinkhorn_row(n: int, d: int, rounds: int, limit: int) -> None:
    """To marginal error 1e-3: ott-jax jitted, and POT where its matrices fit."""
    x, y = clouds(n, d)
    epsilon = 0.05 * d / 2
    solver = ott_solver(epsilon, slices=None if n <= LARGEST else SLICES, limit=limit)
    rivals = {"ott-jax": ott_run(solver, x, y)}
    if n <= LARGEST:
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
    rival = ott_run(ott_solver(epsilon), x, y, batched=True)

    def ours():
        found = sinkhorn(x, y, epsilon=epsilon)
        return found.f, found.g

    def error(found) -> float:
        f, g = found
        return max(marginal_error(x[k], y[k], f[k], g[k], epsilon) for k in range(len(x)))

    contest(f"256 problems of 128 x 128, d={d}", ours, {"ott-jax vmapped": rival}, rounds, error)


def large_row(n: int = 100_000) -> None:
    """One divergence of 100,000 points, with the memory it takes above its inputs."""
    x, y = clouds(n, 2)
    found: list = []
    with Peak() as memory:
        seconds = timed(lambda: sinkhorn_divergence(x, y, epsilon=0.04, tolerance=0.01), found)
    print(
        f"divergence N={n} d=2 blur .1 sqrt 2: {seconds:.1f} s, marginal error "
        f"{found[0].marginal_error.item():.2e}, converged {bool(found[0].converged)}, {memory.megabytes:.0f} MB more"
    )


def share_row(n: int = 5000) -> None:
    """One dense sweep (no tile skipped, nothing stored) against the arithmetic limit of one core."""
    limits = peak()
    if limits is None:
        print("share of the peak: not measured (no AVX-512 or no compiler)")
        return
    print(f"one core: {limits[0] / 1e9:.0f} Gfma/s, {limits[1] / 1e9:.1f} Gexp2/s in float32")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    for d in (2, 8, 64):
        x, y = clouds(n, d)
        seconds = []
        for iterations in (2, 12) * 3:
            options = {"epsilon": 20.0 * d, "tolerance": 1e-30, "max_iterations": iterations}
            zeros = (torch.zeros(n), torch.zeros(n))
            seconds.append(timed(partial(sinkhorn, x, y, warm_start=zeros, **options), []))
        sweep = (min(seconds[1::2]) - min(seconds[::2])) / 10
        # differences take 2 operations a dimension, products 1; then bias, row and column sums
        least = ((2 * d if d <= 8 else d) + 3) / limits[0] + 1 / limits[1]
        print(
            f"    d={d}: {n * n / sweep / 1e9:.2f} Gpair/s, {100 * least * n * n / sweep:.0f} % of the limit"
        )
    torch.set_num_threads(before)


def scaling_row(n: int = 5000) -> None:
    """Two threads against one, ours."""
    before = torch.get_num_threads()
    for d in (2, 8, 64):
        x, y = clouds(n, d)
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(5):
            for threads, times in seconds.items():
                torch.set_num_threads(threads)
                times.append(timed(partial(sinkhorn, x, y, epsilon=0.025 * d), []))
        ratio = statistics.median(seconds[1]) / statistics.median(seconds[2])
        print(f"two threads, N={n} d={d}: {ratio:.2f} times as fast as one", flush=True)
    torch.set_num_threads(before)


def main() -> None:
    """Measure the wanted rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default="share,scaling,large,batch,divergence,sinkhorn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=20_000, help="iterations after which ott-jax gives up")
    parser.add_argument("--sizes", default="1000,5000,20000")
    parser.add_argument("--dimensions", default="2,8,64")
    options = parser.parse_args()
    rows = options.rows.split(",")
    if "share" in rows:
        share_row()
    if "scaling" in rows:
        scaling_row()
    if "large" in rows:
        large_row()
    if "batch" in rows:
        batch_row(options.rounds)
    if "divergence" in rows:
        divergence_row(options.rounds)
    if "sinkhorn" in rows:
        for n in map(int, options.sizes.split(",")):
            for d in map(int, options.dimensions.split(",")):
                sinkhorn_row(n, d, options.rounds if n <= LARGEST else 1, options.limit)


if __name__ == "__main__":
    main()

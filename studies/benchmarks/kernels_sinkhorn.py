"""Sinkhorn against geomloss, ott-jax and POT, side by side in one process.

Run it as ``python studies/benchmarks/kernels_sinkhorn.py [--rows divergence,sinkhorn,batch,large]``; it needs
the peers (``pip install geomloss pykeops pot jax ott-jax``) and a C compiler for the machine's peak. Rounds
alternate, ratios are medians with their range, and every marginal error is computed anew in float64, from the
potentials, by the same code for all. Peers run at their best: jitted and warm, two threads.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from gantheory.ops import sinkhorn, sinkhorn_divergence


PEAK = r"""
#include <immintrin.h>
#include <stdio.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
int main(void) {
    __m512 v[12], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
    double best[2] = {1e9, 1e9};
    for (int k = 0; k < 12; ++k) v[k] = _mm512_set1_ps(0.1f * k);
    for (int round = 0; round < 20; ++round) {
        double t = now();
        for (int i = 0; i < 1000000; ++i)
            for (int k = 0; k < 12; ++k) v[k] = _mm512_fmadd_ps(v[k], a, b);
        t = now() - t;
        best[0] = t < best[0] ? t : best[0];
        t = now();
        for (int i = 0; i < 200000; ++i)
            for (int k = 0; k < 12; ++k) {
                __m512 r = _mm512_reduce_ps(v[k], 9), p = _mm512_set1_ps(0.00187f);
                p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.00899f));
                p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.0558f));
                p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.240f));
                p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.693f));
                p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
                v[k] = _mm512_scalef_ps(p, v[k]);
            }
        t = now() - t;
        best[1] = t < best[1] ? t : best[1];
    }
    float keep = 0;
    for (int k = 0; k < 12; ++k) keep += _mm512_reduce_add_ps(v[k]);
    fprintf(stderr, "%g", keep);
    printf("%g %g", 12e6 * 16 / best[0], 2.4e6 * 16 / best[1]);
}
"""


def peak() -> tuple[float, float] | None:
    """Return one core's float32 fused multiply-adds and powers of 2 a second, or None without AVX-512."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "peak.c"), str(Path(folder, "peak"))
        source.write_text(PEAK)
        flags = ["-O3", "-march=native", "-o", program]
        if subprocess.run(["cc", *flags, str(source)], capture_output=True).returncode:
            return None
        done = subprocess.run([program], capture_output=True, text=True)
    if done.returncode:
        return None
    products, powers = map(float, done.stdout.split())
    return products, powers


def clouds(n: int, d: int, *, lead: tuple[int, ...] = ()) -> tuple[Tensor, Tensor]:
    """Return samples of N(0, I) and N(0.5, I)."""
    generator = torch.Generator().manual_seed(n + d)
    x, y = (torch.randn(*lead, n, d, generator=generator) for _ in range(2))
    return x, y + 0.5


def marginal_error(x: Tensor, y: Tensor, f: Tensor, g: Tensor, epsilon: float) -> float:
    """Return the L1 error of the marginals of the plan of f and g, rows first made exact."""
    x, y, f, g = (v.double() for v in (x, y, f, g))
    columns = torch.zeros_like(g)
    for part, potential in zip(x.split(500), f.split(500)):
        cost = (part.square().sum(-1)[:, None] + y.square().sum(-1) - 2 * part @ y.T).clamp_min_(0)
        t = cost.neg_().add_(g).add_(potential[:, None]).div_(epsilon)
        columns += torch.softmax(t, -1).sum(0) / len(x)
    return (columns - 1 / len(y)).abs().sum().item()


def timed(work: Callable, results: list) -> float:
    begun = time.perf_counter()
    results.append(work())
    return time.perf_counter() - begun


def contest(title: str, ours: Callable, rivals: dict[str, Callable], rounds: int, error: Callable) -> None:
    """Alternate ours and every rival after one warm run each; print times, ratios and errors."""
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *rivals)}
    last: dict[str, object] = {}
    for name, work in {"ours": ours, **rivals}.items():
        last[name] = work()
    for _ in range(rounds):
        for name, work in rivals.items():
            for who, run in (("ours", ours), (name, work)):
                found: list = []
                seconds[who].append(timed(run, found))
                last[who] = found[0]
    own = statistics.median(seconds["ours"])
    print(f"{title}: ours {1e3 * own:.2f} ms, marginal error {error(last['ours']):.2e}", flush=True)
    for k, name in enumerate(rivals):
        mine = seconds["ours"][k :: len(rivals)]
        ratios = [theirs / our for theirs, our in zip(seconds[name], mine)]
        print(
            f"    {name} {1e3 * statistics.median(seconds[name]):.1f} ms, marginal error "
            f"{error(last[name]):.2e}: {statistics.median(ratios):.1f} times as long "
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


def ott_solver(epsilon: float, dense: bool) -> tuple[Callable, Callable]:
    """Return the jitted solver (x, y) -> f, g of one problem, and of a batch."""
    import jax  # type: ignore[import-not-found]
    from ott.geometry import pointcloud  # type: ignore[import-not-found]
    from ott.problems.linear import linear_problem  # type: ignore[import-not-found]
    from ott.solvers.linear import sinkhorn as ott  # type: ignore[import-not-found]

    solver = ott.Sinkhorn(threshold=1e-3, max_iterations=20_000)

    def solve(x, y):
        geometry = pointcloud.PointCloud(x, y, epsilon=epsilon, batch_size=None if dense else 1000)
        found = solver(linear_problem.LinearProblem(geometry))
        return found.f, found.g

    return jax.jit(solve), jax.jit(jax.vmap(solve))


def sinkhorn_row(n: int, d: int, rounds: int) -> None:
    """To marginal error 1e-3: ott-jax jitted, and POT where its matrices fit."""
    import jax.numpy as jnp  # type: ignore[import-not-found]
    import numpy as np

    x, y = clouds(n, d)
    epsilon = 0.05 * d / 2
    single, _ = ott_solver(epsilon, dense=n <= 5000)
    jx, jy = jnp.asarray(x.numpy()), jnp.asarray(y.numpy())

    def jax_run():
        f, g = single(jx, jy)
        return torch.tensor(np.asarray(f)), torch.tensor(np.asarray(g))

    def pot_run():
        import ot  # type: ignore[import-not-found]

        cost = ot.dist(x, y)
        even = torch.full((n,), 1 / n)
        options = {"numItermax": 20_000, "stopThr": 1e-3, "warn": False, "log": True}
        _, log = ot.bregman.sinkhorn_log(even, even, cost, epsilon, **options)
        return epsilon * log["log_u"], epsilon * log["log_v"]

    rivals = {"ott-jax": jax_run} | ({"POT sinkhorn_log": pot_run} if n <= 5000 else {})

    def ours():
        found = sinkhorn(x, y, epsilon=epsilon)
        return found.f, found.g

    def error(found) -> float:
        f, g = found
        return marginal_error(x, y, f, g, epsilon)

    contest(f"sinkhorn to 1e-3 N={n} d={d} eps={epsilon:g}", ours, rivals, rounds, error)


def batch_row(rounds: int, d: int = 2) -> None:
    """256 problems of 128 x 128 against ott-jax under vmap."""
    import jax.numpy as jnp  # type: ignore[import-not-found]
    import numpy as np

    x, y = clouds(128, d, lead=(256,))
    epsilon = 0.05 * d / 2
    _, batched = ott_solver(epsilon, dense=True)
    jx, jy = jnp.asarray(x.numpy()), jnp.asarray(y.numpy())

    def jax_run():
        f, g = batched(jx, jy)
        return torch.tensor(np.asarray(f)), torch.tensor(np.asarray(g))

    def ours():
        found = sinkhorn(x, y, epsilon=epsilon)
        return found.f, found.g

    def error(found) -> float:
        f, g = found
        return max(marginal_error(x[k], y[k], f[k], g[k], epsilon) for k in range(len(x)))

    contest(f"256 problems of 128 x 128, d={d}", ours, {"ott-jax vmapped": jax_run}, rounds, error)


def large_row(n: int = 100_000) -> None:
    """One divergence of 100,000 points, with the memory it takes above its inputs."""
    x, y = clouds(n, 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found: list = []
    seconds = timed(lambda: sinkhorn_divergence(x, y, epsilon=0.04, tolerance=0.01), found)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"divergence N={n} d=2 blur .1 sqrt 2: {seconds:.1f} s, marginal error "
        f"{found[0].marginal_error.item():.2e}, converged {bool(found[0].converged)}, {grown:.0f} MB more"
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


def main() -> None:
    """Measure the wanted rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default="share,large,batch,divergence,sinkhorn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="1000,5000,20000")
    parser.add_argument("--dimensions", default="2,8,64")
    options = parser.parse_args()
    rows = options.rows.split(",")
    if "share" in rows:
        share_row()
    if "large" in rows:  # first among the measurements: peak memory never falls
        large_row()
    if "batch" in rows:
        batch_row(options.rounds)
    if "divergence" in rows:
        divergence_row(options.rounds)
    if "sinkhorn" in rows:
        for n in map(int, options.sizes.split(",")):
            for d in map(int, options.dimensions.split(",")):
                sinkhorn_row(n, d, options.rounds if n <= 5000 else 1)


if __name__ == "__main__":
    main()

"""Kernel sums, energy distances and nearest neighbours on the CPU, against the fastest peers there.

Run it as ``python studies/benchmarks/kernels_pairwise.py`` in an environment with torch, pykeops, faiss-cpu
and scikit-learn (those missing are left out and named). All run in this process, by turns (A B A B), float32,
the same work and the same number of threads; figures are medians of the rounds, ratios are taken round by
round and given with their range. Compilation (KeOps) and the first call are not counted. "share" is the part
of the measured time that this machine needs at least, from its own rates measured here: of multiply-adds (one
a pair and dimension, eight an exponential with its product and sum), of square roots (four multiply-adds
where that is faster), and of bytes written. Searches are held against all pairs, though they need not look
at each of them: there the share may exceed 100 %.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

import gantheory as gt


BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # times sqrt(d)
Work = Callable[[], object]

PEAK = r"""
#include <immintrin.h>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>
#include <omp.h>
#if defined(__AVX512F__)
typedef __m512 V;
#define OP(name) _mm512_##name
#else
typedef __m256 V;
#define OP(name) _mm256_##name
#endif
template <class F> double fastest(F f) {
    double best = 1e9;
    for (int round = 0; round < 15; ++round) {
        const auto begun = std::chrono::steady_clock::now();
        f();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        best = took.count() < best ? took.count() : best;
    }
    return best;
}
template <int what> double rate() {
    const long rounds = 400000;
    double total = 0;
    #pragma omp parallel reduction(+ : total)
    {
        total += rounds * 12.0 * (sizeof(V) / 4) / fastest([&] {
            V a[12], m = OP(set1_ps)(0.999f), c = OP(set1_ps)(1e-3f);
            #pragma GCC unroll 12
            for (int i = 0; i < 12; ++i) a[i] = OP(set1_ps)(1.0f + i);
            for (long n = 0; n < rounds; ++n)
                #pragma GCC unroll 12
                for (int i = 0; i < 12; ++i) {
                    a[i] = what == 0 ? OP(fmadd_ps)(a[i], m, c) : OP(sqrt_ps)(a[i]);
                    asm volatile("" : "+v"(a[i]));
                }
        });
    }
    return total / 1e9;
}
int main() {
    std::vector<char> from(1 << 28, 1), to(1 << 28, 2);
    const double copy = fastest([&] { memcpy(to.data(), from.data(), from.size()); });
    printf("%g %g %g\n", rate<0>(), rate<1>(), 2 * from.size() / copy / 1e9);
}
"""


def peaks(threads: int) -> tuple[float, float, float]:
    """Return this machine's multiply-adds and square roots (1e9 a second) and bandwidth (GB/s)."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "peak.cpp"), Path(folder, "peak")
        source.write_text(PEAK)
        command = ["g++", "-O3", "-march=native", "-fopenmp", str(source), "-o", str(program)]
        subprocess.run(command, check=True)
        run = subprocess.run(
            [str(program)], capture_output=True, text=True, env={"OMP_NUM_THREADS": str(threads)}
        )
    fma, root, bandwidth = map(float, run.stdout.split())
    return fma, root, bandwidth


def optional(name: str):
    """Import a peer, or say that it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"without {name}: {error}")
        return None


def measure(works: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return seconds of each work in alternating rounds, after one call that is not counted."""
    for work in works.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def report(title: str, seconds: dict[str, list[float]], least: float | None = None) -> None:
    """Print the medians, the ratios to ours with their range, and our share of the limit."""
    ours = seconds["gantheory"]
    share = f", share of the limit {100 * least / statistics.median(ours):.0f} %" if least else ""
    print(f"{title}: gantheory {1e3 * statistics.median(ours):.1f} ms{share}")
    for name, theirs in seconds.items():
        if name != "gantheory":
            ratios = [t / o for t, o in zip(theirs, ours)]
            print(
                f"    {name} {1e3 * statistics.median(theirs):.1f} ms: {statistics.median(ratios):.1f} times as long "
                f"({min(ratios):.1f} to {max(ratios):.1f})"
            )


def by_rows(x: torch.Tensor, work: Callable[[torch.Tensor], torch.Tensor], rows: int = 512) -> torch.Tensor:
    """Apply work to blocks of rows: what keeps torch's temporaries in cache and out of gigabytes."""
    return torch.cat([work(block) for block in x.split(rows)], dim=-1)


def gaussian_sums(keops, x: torch.Tensor, y: torch.Tensor) -> dict[str, Work]:
    """Sums of five Gaussian kernels over y for every point of x."""
    bandwidths = [b * x.shape[-1] ** 0.5 for b in BANDWIDTHS]
    rates = [-0.5 / b**2 for b in bandwidths]

    def by_cdist(block: torch.Tensor) -> torch.Tensor:
        square = torch.cdist(block, y).square_()
        return torch.stack([(square * rate).exp_().sum(-1) for rate in rates])

    works: dict[str, Work] = {
        "gantheory": lambda: gt.ops.kernel_sum(x, y, kernel="gaussian", bandwidth=bandwidths),
        "torch.cdist": lambda: by_rows(x, by_cdist),
    }
    if keops:
        lazy_x, lazy_y = keops.LazyTensor(x[:, None, :]), keops.LazyTensor(y[None, :, :])
        square = lazy_x.sqdist(lazy_y)
        kernels = (square * rates[0]).exp()
        for rate in rates[1:]:
            kernels = kernels.concat((square * rate).exp())
        works["KeOps"] = lambda: kernels.sum(dim=1)
    return works


def energy_distances(keops, x: torch.Tensor, y: torch.Tensor) -> dict[str, Work]:
    """The energy distance: three double sums of distances."""

    def ours() -> torch.Tensor:
        return 2 * gt.ops.kernel_mean(x, y) - gt.ops.kernel_mean(x) - gt.ops.kernel_mean(y)

    def by_cdist() -> torch.Tensor:
        means = [
            by_rows(a, lambda block, b=b: torch.cdist(block, b).sum(-1)).mean()
            for a, b in ((x, y), (x, x), (y, y))
        ]
        return 2 * means[0] - means[1] - means[2]

    works: dict[str, Work] = {"gantheory": ours, "torch.cdist": by_cdist}
    if keops:
        lazy = [
            keops.LazyTensor(a[:, None, :]).sqdist(keops.LazyTensor(b[None, :, :])).sqrt()
            for a, b in ((x, y), (x, x), (y, y))
        ]
        works["KeOps"] = lambda: [distances.sum(dim=1).mean() for distances in lazy]
    return works


def neighbours(faiss, sklearn, x: torch.Tensor, k: int) -> dict[str, Work]:
    """The k nearest points of a set for all of its points."""
    array = np.ascontiguousarray(x.numpy())
    works: dict[str, Work] = {"gantheory": lambda: gt.ops.knn(x, x, k)}
    if faiss:
        index = faiss.IndexFlatL2(array.shape[1])
        index.add(array)
        works["faiss flat"] = lambda: index.search(array, k)
    if sklearn:
        brute = sklearn.NearestNeighbors(n_neighbors=k, algorithm="brute").fit(array)
        works["scikit-learn brute"] = lambda: brute.kneighbors(array)
    return works


@dataclass(frozen=True)
class Limits:
    """What this machine can do, in 1e9 a second."""

    fma: float
    root: float
    bandwidth: float

    def distances(self, pairs: int, d: int) -> float:
        """Return the seconds that distances and their sum need at least."""
        return pairs * min(max((d + 1) / self.fma, 1 / self.root), (d + 5) / self.fma) / 1e9


def normal(n: int, d: int, seed: int) -> torch.Tensor:
    """Return points that every row draws alike."""
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def sums_row(options, limits: Limits) -> None:
    """Five Gaussian kernel sums."""
    keops, n = optional("pykeops.torch"), options.points
    for d in options.dimensions:
        # per pair: d for the distance; per bandwidth a product, six for the exponential, one for the sum
        least = n * n * (d + 8 * len(BANDWIDTHS)) / (limits.fma * 1e9)
        works = gaussian_sums(keops, normal(n, d, 0), normal(n, d, 1))
        report(f"five Gaussian kernel sums, n = {n}, d = {d}", measure(works, options.rounds), least)


def energy_row(options, limits: Limits) -> None:
    """The energy distance; a point set with itself has half the pairs."""
    keops, n = optional("pykeops.torch"), options.points
    for d in options.dimensions:
        works = energy_distances(keops, normal(n, d, 0), normal(n, d, 1))
        least = limits.distances(2 * n * n, d)
        report(f"energy distance, n = {n}, d = {d}", measure(works, options.rounds), least)


def distances_row(options, limits: Limits) -> None:
    """The matrix of distances: writing it, into memory that is new in every call, is most of the work."""
    n = options.points // 4
    for d in options.dimensions:
        x, y = normal(n, d, 0), normal(n, d, 1)
        works: dict[str, Work] = {
            "gantheory": partial(gt.ops.pairwise_distance, x, y),
            "torch.cdist": partial(torch.cdist, x, y),
            "torch.full (writing alone)": partial(torch.full, (n, n), 1.0),
        }
        least = max(limits.distances(n * n, d), 4 * n * n / (limits.bandwidth * 1e9))
        report(f"matrix of distances, n = {n}, d = {d}", measure(works, options.rounds), least)


def neighbours_row(options, limits: Limits) -> None:
    """The five nearest neighbours."""
    faiss, sklearn, n = optional("faiss"), optional("sklearn.neighbors"), options.neighbour_points
    if faiss:
        faiss.omp_set_num_threads(options.threads)
    for d in options.dimensions:
        seconds = measure(neighbours(faiss, sklearn, normal(n, d, 0), 5), max(1, options.rounds // 2))
        report(f"5 nearest neighbours, n = {n}, d = {d}", seconds, n * n * d / (limits.fma * 1e9))


def threads_row(options, limits: Limits) -> None:
    """One thread against two, by turns."""
    n, d = options.points, options.dimensions[-1]
    x = normal(n, d, 0)
    kernels: dict[str, Work] = {
        "energy kernel sum": lambda: gt.ops.kernel_sum(x, x),
        "five Gaussian kernel sums": gaussian_sums(None, x, x)["gantheory"],
        "energy of a set with itself": lambda: gt.ops.kernel_mean(x),
        "5 nearest neighbours": lambda: gt.ops.knn(x, x, 5),
        "log-sum-exp": lambda: gt.ops.log_sum_exp(x, x, epsilon=d / 2),
    }

    def on(threads: int, work: Work) -> object:
        torch.set_num_threads(threads)
        return work()

    for name, work in kernels.items():
        seconds = measure({"gantheory": partial(on, 2, work), "one": partial(on, 1, work)}, options.rounds)
        ratios = [one / two for one, two in zip(seconds["one"], seconds["gantheory"])]
        print(
            f"{name}, n = {n}, d = {d}: two threads {statistics.median(ratios):.2f} times as fast as one "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )


def memory_row(options, limits: Limits) -> None:
    """What a kernel sum adds to a process's memory."""
    n = options.points
    program = (
        "import resource, torch, gantheory as gt; peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"x = torch.randn({n}, 64); gt.ops.kernel_sum(x[:64], x[:64]); before = peak(); gt.ops.kernel_sum(x, x)\n"
        "print((peak() - before) // 1024)"
    )
    grown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    matrix = 4 * n * n >> 20
    print(
        f"a kernel sum, n = {n}, d = 64, adds {grown.strip()} MB to the process; the matrix has {matrix} MB"
    )


ROWS: dict[str, Callable[[argparse.Namespace, Limits], None]] = {
    "memory": memory_row,
    "sums": sums_row,
    "energy": energy_row,
    "distances": distances_row,
    "neighbours": neighbours_row,
    "threads": threads_row,
}


def main() -> None:
    """Measure all rows of the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--neighbour-points", type=int, default=50_000)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 16, 64])
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    limits = Limits(*peaks(options.threads))
    print(
        f"{options.threads} threads: {limits.fma:.0f} G multiply-adds/s, {limits.root:.1f} G roots/s, "
        f"copies at {limits.bandwidth:.0f} GB/s"
    )
    for row in options.rows:
        ROWS[row](options, limits)


if __name__ == "__main__":
    main()

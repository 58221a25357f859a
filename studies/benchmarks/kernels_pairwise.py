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
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from measuring import Memory, Peaks, Turns, Work, alternate, optional, peaks, times

import gantheory as gt


BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # times sqrt(d)


def report(title: str, turns: Turns, least: float | None = None) -> None:
    """Print the medians, the ratios to ours with their range, and our share of the limit."""
    ours = turns.median("gantheory")
    share = f", share of the limit {100 * least / ours:.0f} %" if least else ""
    print(f"{title}: gantheory {1e3 * ours:.1f} ms{share}")
    for name, theirs in turns.seconds.items():
        if name != "gantheory":
            ratio = times(theirs, turns.seconds["gantheory"])
            print(f"    {name} {1e3 * turns.median(name):.1f} ms: {ratio} as long", flush=True)


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


def distances_least(limits: Peaks, pairs: int, d: int) -> float:
    """Return the seconds that distances and their sum need at least."""
    return pairs * min(max((d + 1) / limits.fma, 1 / limits.root), (d + 5) / limits.fma) / 1e9


def normal(n: int, d: int, seed: int) -> torch.Tensor:
    """Return points that every row draws alike."""
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def sums_row(options, limits: Peaks) -> None:
    """Five Gaussian kernel sums."""
    keops, n = optional("pykeops.torch"), options.points
    for d in options.dimensions:
        # per pair: d for the distance; per bandwidth a product, six for the exponential, one for the sum
        least = n * n * (d + 8 * len(BANDWIDTHS)) / (limits.fma * 1e9)
        works = gaussian_sums(keops, normal(n, d, 0), normal(n, d, 1))
        report(f"five Gaussian kernel sums, n = {n}, d = {d}", alternate(works, options.rounds), least)


def energy_row(options, limits: Peaks) -> None:
    """The energy distance; a point set with itself has half the pairs."""
    keops, n = optional("pykeops.torch"), options.points
    for d in options.dimensions:
        works = energy_distances(keops, normal(n, d, 0), normal(n, d, 1))
        least = distances_least(limits, 2 * n * n, d)
        report(f"energy distance, n = {n}, d = {d}", alternate(works, options.rounds), least)


def distances_row(options, limits: Peaks) -> None:
    """The matrix of distances: writing it, into memory that is new in every call, is most of the work."""
    n = options.points // 4
    for d in options.dimensions:
        x, y = normal(n, d, 0), normal(n, d, 1)
        works: dict[str, Work] = {
            "gantheory": partial(gt.ops.pairwise_distance, x, y),
            "torch.cdist": partial(torch.cdist, x, y),
            "torch.full (writing alone)": partial(torch.full, (n, n), 1.0),
        }
        least = max(distances_least(limits, n * n, d), 4 * n * n / (limits.bandwidth * 1e9))
        report(f"matrix of distances, n = {n}, d = {d}", alternate(works, options.rounds), least)


def neighbours_row(options, limits: Peaks) -> None:
    """The five nearest neighbours."""
    faiss, sklearn, n = optional("faiss"), optional("sklearn.neighbors"), options.neighbour_points
    if faiss:
        faiss.omp_set_num_threads(options.threads)
    for d in options.dimensions:
        turns = alternate(neighbours(faiss, sklearn, normal(n, d, 0), 5), max(1, options.rounds // 2))
        report(f"5 nearest neighbours, n = {n}, d = {d}", turns, n * n * d / (limits.fma * 1e9))


def threads_row(options, limits: Peaks) -> None:
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
        seconds = alternate(
            {"two": partial(on, 2, work), "one": partial(on, 1, work)}, options.rounds
        ).seconds
        print(f"{name}, n = {n}, d = {d}: one thread {times(seconds['one'], seconds['two'])} as long as two")
    torch.set_num_threads(options.threads)


def memory_row(options, limits: Peaks) -> None:
    """What a kernel sum adds to the process's memory."""
    n = options.points
    x = normal(n, 64, 0)
    with Memory() as memory:
        gt.ops.kernel_sum(x, x)
    print(
        f"a kernel sum, n = {n}, d = 64, adds {memory.megabytes:.0f} MB to the process; "
        f"the matrix has {4 * n * n >> 20} MB"
    )


ROWS: dict[str, Callable[[argparse.Namespace, Peaks], None]] = {
    "memory": memory_row,
    "sums": sums_row,
    "energy": energy_row,
    "distances": distances_row,
    "neighbours": neighbours_row,
    "threads": threads_row,
}


@torch.no_grad()
def main(arguments: list[str] | None = None) -> None:
    """Measure the wanted rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--neighbour-points", type=int, default=50_000)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 16, 64])
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    limits = peaks(options.threads)
    for row in options.rows:
        ROWS[row](options, limits)


if __name__ == "__main__":
    main()

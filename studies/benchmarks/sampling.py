"""Rates of samples: ours beside scikit-learn's, and plain normals beside numpy's and torch's, in one process.

Run it as ``python studies/benchmarks/sampling.py`` (the extra [bench] has scikit-learn). All make float32 or float64
points in memory, warm, on as many threads as torch takes; rounds alternate; figures are medians with their
range. scikit-learn's sets are shuffled, as independent samples are; it can leave that out, which is shown too.
``--stream 100000000`` instead writes that many points of a ring into a file, and tells the rate and the peak of
memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import gantheory as gt


OWN = {
    "Ring()": gt.Ring(),
    "Grid()": gt.Grid(),
    "GaussianMixture of 8, full covariances": gt.GaussianMixture(
        tuple((float(k), float(k % 3)) for k in range(8)),
        (((1.0, 0.5), (0.5, 1.0)),) * 8,
        tuple(range(1, 9)),
    ),
    "Moons()": gt.Moons(),
    "Circles()": gt.Circles(),
    "BentGaussian()": gt.BentGaussian(),
    "Checkerboard()": gt.Checkerboard(),
}
RIVAL_OF = {
    "GaussianMixture of 8, full covariances": ("make_blobs", {"centers": 8}),
    "Moons()": ("make_moons", {"noise": 0.1}),
    "Circles()": ("make_circles", {"noise": 0.1}),
}


def works(n: int) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name: each makes n points, or 2 n normals."""
    key, generator, random = gt.Key(0), torch.Generator().manual_seed(0), np.random.default_rng(0)
    found: dict[str, Callable[[], object]] = {
        "normals: gantheory": lambda: key.normal(n, 2),
        "normals: torch": lambda: torch.randn(n, 2, generator=generator),
        "normals: numpy": lambda: random.standard_normal((n, 2), dtype=np.float32),
    }
    for name, law in OWN.items():
        for dtype in (torch.float32, torch.float64):
            kind = str(dtype).removeprefix("torch.")
            found[f"{name}: {kind}"] = lambda law=law, dtype=dtype: law.sample(n, key.to(dtype))
        if name in RIVAL_OF:
            from sklearn import datasets

            rival, options = RIVAL_OF[name]
            make = getattr(datasets, rival)
            for shuffle in (True, False):
                title = f"{name}: scikit-learn's {rival}, float64{'' if shuffle else ', not shuffled'}"
                found[title] = lambda make=make, options=options, shuffle=shuffle: make(
                    n, shuffle=shuffle, random_state=0, **options
                )
    return found


def rates(n: int, rounds: int) -> dict[str, list[float]]:
    """Return millions of points a second, of every round."""
    found = {name: [] for name in works(n)}
    for work in works(n).values():
        work()
    for _ in range(rounds):
        for name, work in works(n).items():
            begun = time.perf_counter()
            work()
            found[name].append(n / (time.perf_counter() - begun) / 1e6)
    return found


def stream(count: int) -> None:
    """Write a file of points of a ring, and tell rate and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ring.npy"
        gt.write_samples(gt.Ring(), 10_000_000, path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        gt.write_samples(gt.Ring(), count, path, force=True)
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            f"{count:,} points in {seconds:.1f} s, {count / seconds / 1e6:.1f} million a second, "
            f"{os.path.getsize(path) / 2**20:.0f} MiB; peak memory {peak / 2**10:.0f} MiB, "
            f"{(peak - before) / 2**10:.0f} more than for 10,000,000"
        )


def main() -> None:
    """Measure in alternating rounds and print rates and ratios."""
    parser = argparse.ArgumentParser(description="Rates of samples.")
    parser.add_argument("--count", type=int, default=1 << 21)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stream", type=int)
    options = parser.parse_args()
    if options.stream:
        stream(options.stream)
        return
    found = rates(options.count, options.rounds)
    print(f"million points a second, median (least to most) of {options.rounds} rounds of {options.count:,}")
    for name, values in found.items():
        line = f"  {name}: {statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
        ours = found[name.partition(":")[0] + ": float64"] if "scikit" in name else None
        if ours:
            ratios = [a / b for a, b in zip(ours, values, strict=True)]
            line += f"; ours in float64 {statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})"
        print(line)


if __name__ == "__main__":
    main()

"""What the benchmarks of kernels share: the machine's own peaks, rounds by turns, spread, peak memory."""

from __future__ import annotations

import functools
import importlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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
static V power(V p, V x) { return _mm512_scalef_ps(p, x); }
static V fraction(V x) { return _mm512_sub_ps(x, _mm512_roundscale_ps(x, 0)); }
#else
typedef __m256 V;
#define OP(name) _mm256_##name
static V power(V p, V x) {
    const __m256i shift = _mm256_slli_epi32(_mm256_cvtps_epi32(x), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), shift));
}
static V fraction(V x) { return _mm256_sub_ps(x, _mm256_round_ps(x, 0)); }
#endif
static V exp2(V x) {
    const float c[] = {0.00899f, 0.0558f, 0.240f, 0.693f, 1.0f};
    V r = fraction(x), p = OP(set1_ps)(0.00187f);
    for (float k : c) p = OP(fmadd_ps)(p, r, OP(set1_ps)(k));
    return power(p, x);
}
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
    const long rounds = what == 0 ? 400000 : 100000;
    double total = 0;
    #pragma omp parallel reduction(+ : total)
    {
        total += rounds * 12.0 * (sizeof(V) / 4) / fastest([&] {
            V a[12], m = OP(set1_ps)(0.999f), c = OP(set1_ps)(1e-3f);
            #pragma GCC unroll 12
            for (int i = 0; i < 12; ++i) a[i] = OP(set1_ps)(1.0f + 0.1f * i);
            for (long n = 0; n < rounds; ++n)
                #pragma GCC unroll 12
                for (int i = 0; i < 12; ++i) {
                    a[i] = what == 0 ? OP(fmadd_ps)(a[i], m, c) : what == 1 ? exp2(a[i]) : OP(sqrt_ps)(a[i]);
                    asm volatile("" : "+v"(a[i]));
                }
        });
    }
    return total / 1e9;
}
int main() {
    std::vector<char> from(1 << 28, 1), to(1 << 28, 2);
    const double copy = fastest([&] { memcpy(to.data(), from.data(), from.size()); });
    printf("%g %g %g %g\n", rate<0>(), rate<1>(), rate<2>(), 2 * from.size() / copy / 1e9);
}
"""


@dataclass(frozen=True)
class Peaks:
    """What this machine can do, in 1e9 a second: float32 multiply-adds, powers of 2, roots; bytes copied."""

    fma: float
    power: float
    root: float
    bandwidth: float


@functools.cache
def peaks(threads: int) -> Peaks:
    """Measure what so many threads can do (copies: one thread), and print it: once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "peak.cpp"), Path(folder, "peak")
        source.write_text(PEAK)
        command = ["g++", "-O3", "-march=native", "-fopenmp", str(source), "-o", str(program)]
        subprocess.run(command, check=True)
        run = subprocess.run(
            [str(program)], capture_output=True, text=True, check=True, env={"OMP_NUM_THREADS": str(threads)}
        )
    found = Peaks(*map(float, run.stdout.split()))
    print(
        f"the machine on {threads} threads: {found.fma:.0f} G multiply-adds/s, {found.power:.1f} G powers/s, "
        f"{found.root:.1f} G roots/s, one copies at {found.bandwidth:.0f} GB/s",
        flush=True,
    )
    return found


@functools.cache
def optional(name: str) -> Any:
    """Import a peer, or say that it is missing and return None."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"without {name}: {error}")
        return None


class Memory:
    """The most memory that the process holds above what it held before, in MB, within a ``with``."""

    @staticmethod
    def _held(name: str) -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0])

    def __enter__(self) -> Memory:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self.before = self._held("VmRSS")
        return self

    def __exit__(self, *_) -> None:
        self.megabytes = (self._held("VmHWM") - self.before) / 1024


@dataclass(frozen=True)
class Turns:
    """What each work took in every round, found at last, and held in memory when it first ran."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """Return the median of the seconds."""
        return statistics.median(self.seconds[name])


def alternate(works: dict[str, Work], rounds: int) -> Turns:
    """Run all by turns (A B A B), after one call of each that is not timed where there are several rounds."""
    turns = Turns()
    for warm in (True, False) if rounds > 1 else (False,):
        for _ in range(1 if warm else rounds):
            for name, work in works.items():
                turns.found.pop(name, None)  # or else the next would find less free memory
                with Memory() as memory:
                    seconds, turns.found[name] = timed(work)
                turns.megabytes.setdefault(name, memory.megabytes)
                if not warm:
                    turns.seconds.setdefault(name, []).append(seconds)
    return turns


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and what it returns."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def times(theirs: list[float], ours: list[float]) -> str:
    """Say how many times as long as ours theirs take, round by round, with the range."""
    ratios = [t / o for t, o in zip(theirs, ours, strict=True)]
    return f"{statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"

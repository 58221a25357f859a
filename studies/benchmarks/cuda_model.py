"""The CUDA kernels by the compiler's own figures, and the time an H100 would need: predicted, not measured.

Run it as ``python studies/benchmarks/cuda_model.py [--architectures 80 90 100]``. nvcc is found in CUDA_HOME or
PATH, nvdisasm (the package nvidia-cuda-nvdisasm) in PATH or among the site packages.

For each architecture: registers, spills, shared memory and warps a multiprocessor of the main kernels, and the
instructions that a thread executes for one pair of points, read off the disassembly. Counted is one turn of the
loop over the pairs along its shortest path (past what is seldom needed: a new largest logit, the edges of tiles,
pairs that cancel), with the loops inside as often as the dimensions need them. What comes before and after that
loop is not counted; copies to shared memory are, with the remainders of their loops: up to 8 % too many.

The prediction is the slowest unit at its published peak, all others hidden behind it: the best that a run can hope for.
It knows nothing of latencies, conflicts of banks or the last wave of blocks. `mma` is taken at 0.62 of the tensor
cores' peak, which is what it reaches on Hopper (Luo et al., 2024; `wgmma` alone reaches the peak). Pairs that cancel
and are taken again by differences are not counted: of pairs of N(0, 1) points that is one in 200 in 16 dimensions,
where most warps meet some, one in 8,000 in 32 and one in 8 million in 64; of clustered points it may be many.

Beside it two limits of the work itself, each on the unit that needs most of the time: an exponential or a root a
pair, and the products in float or on tensor cores at their peak. The first takes these as three of TF32, as every
library that is known to keep float's digits there does; the second as three of half precision, which the kernels
take and which cost half as much.

Where torch finds a GPU, the same work is timed there, by events, after a warm-up, with inputs that rotate.
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from cuda_code import Code, Nest, compile_family, count, disassemble, tool
from torch import Tensor

import gantheory as gt
from gantheory.ops import native
from gantheory.ops.sinkhorn_native import Transport


# H100 SXM: multiprocessors, clock, and what a multiprocessor does in a clock; TF32 and memory in a second
PROCESSORS, CLOCK, LANES, SPECIAL = 132, 1.83e9, 128, 16
TF32, HALF, MEMORY, MMA = 494.7e12, 989.4e12, 3.35e12, 0.62
SIZE, DIMENSIONS = 10_000, (2, 16, 64, 128)
COLUMNS = [("FFMA",), ("HMMA",), ("MUFU",), ("LDS",), ("LDG", "LD.E")]
FLASH_SINKHORN = (
    "10 alternating iterations 8.3 ms, 100 symmetric ones 61 ms (its README; A100-80GB, n = 10,000, d = 64)"
)


@dataclass(frozen=True)
class Row:
    """Work of the table: its kernel, the loops that the work runs through, and the instruction that counts pairs."""

    name: str
    family: str
    kernel: str  # a pattern of its mangled name
    unit: str
    each: float = 1  # units a pair
    nests: tuple[Nest, ...] = ()
    lacks: str = ""
    dimensions: range = range(0)  # for which it is taken; none: no time is predicted
    passes: int = 1  # over all pairs
    threads: int = 128
    shared: int = 0  # dynamic, in bytes


def sixteens(d: int) -> int:
    return -(-d // 16)


# A thread has 32 pairs of the tiles below. Three m16n8k16 take 3/64 of an instruction for a pair and dimension.
DEEP = (Nest("FFMA", lambda d: 32 * d, (Nest("FFMA LDS.128", lambda d: 32 * 32),)),)


def products(count: int, copies: int, own: int) -> tuple[Nest, ...]:
    """So many products on tensor cores, 32 dimensions at a time, which take a thread so many copies, `own` of them
    of columns: up to 32 dimensions rows are brought once."""
    inner = Nest("HMMA", lambda d: 8 * count * min(2, sixteens(d)), least=8 * count)

    def brought(d: int) -> int:
        return copies if d > 32 else own if d > 16 else own // 2

    return (Nest("HMMA", lambda d: 8 * count * sixteens(d), (inner,), copies=brought),)


TENSOR = products(3, 8, 4)
FLAT = (Nest("FFMA LDS", lambda d: 32 * d),)
FILLS = [
    ("differences", "4FlatIfE", FLAT, range(1, 9), 15360),
    ("slices", "4DeepIfE", DEEP, range(9, 16), 22784),
    ("tensor cores", "6Tensor", TENSOR, range(16, 4096), 23552),
]
ROWS = [
    *[
        Row(f"Sinkhorn, d <= {d}", "sinkhorn", f"sums_lowIfLi0ELi{d}E", "MUFU.EX2", dimensions=taken, passes=2)
        for d, taken in ((2, range(1, 3)), (4, range(3, 5)), (8, range(5, 9)))
    ],
    Row(
        "Sinkhorn, tensor cores",
        "sinkhorn",
        "sums_tensor",
        "MUFU.EX2",
        nests=products(3, 6, 2),
        dimensions=range(9, 4096),
        passes=2,
        threads=256,
    ),
    Row("Sinkhorn, small, half a sweep", "sinkhorn", "solve_smallIf", "FFMA", lacks="MUFU", threads=512, shared=73216),
    *[
        Row(f"{name} sum, {how}", "pairwise", f"sweepIf.*{fill}.*3SumIf", unit, 1,
            (*nests, Nest(f"STS.64 {marks}", lambda d: 4, peeled=True)), lacks, taken, shared=shared)
        for name, unit, marks, lacks in (
            ("Gaussian", "MUFU.EX2", "MUFU.EX2", "MUFU.RSQ"),
            ("energy", "MUFU.RSQ", "FFMA", "MUFU.EX2"),
        )
        for how, fill, nests, taken, shared in FILLS
    ],
    Row("Gaussian sum, TF32", "pairwise", "sweepIf.*6Tensor.*3SumIf", "MUFU.EX2", 1,
        (*products(1, 8, 4), Nest("STS.64 MUFU.EX2", lambda d: 4, peeled=True)), "MUFU.RSQ",
        range(16, 4096), shared=23552),
    Row("spectral, W'u", "spectral", "powerIf", "FFMA", lacks="MUFU", threads=256),
]  # fmt: skip


def per_pair(code: Code, row: Row, d: int) -> dict[str, float]:
    """A thread's instructions for one pair: of the smallest loop that does what the row says."""
    for loop in sorted(code.loops, key=lambda l: l[1] - l[0]):
        for found in code.turn(loop, row.nests, d) if code.has(loop, row.unit) else ():
            if row.nests or not code.within(loop):
                pairs = count(found, row.unit) / row.each
                if pairs >= 4 and not (row.lacks and count(found, row.lacks)):
                    return {name: number / pairs for name, number in found.items()}
    raise LookupError(
        f"{row.name}: no loop of {row.kernel} has {row.unit} as stated; has the kernel changed?"
    )


def predict(row: Row, d: int, counts: dict[str, float]) -> tuple[float, str]:
    """Seconds for all pairs, and the unit that takes them."""
    lanes = PROCESSORS * CLOCK / (row.passes * SIZE**2)
    units = {
        "issue": sum(counts.values()) / (LANES * lanes),
        "float": count(counts, "FFMA", "FADD", "FMUL") / (LANES * lanes),
        "special": count(counts, "MUFU") / (SPECIAL * lanes),
        "tensor": 128 * count(counts, "HMMA") * row.passes * SIZE**2 / (MMA * HALF),
        "memory": row.passes * 8 * SIZE * (d + 2) / MEMORY,  # points, weights and potentials, once a pass
    }
    return max((seconds, unit) for unit, seconds in units.items())


def limit(row: Row, d: int, tensor: float) -> float:
    """The seconds that the work needs on the unit that needs most of them, at so many operations on tensor cores."""
    pairs = row.passes * SIZE**2
    wanted = 1 if row.name.endswith("TF32") else 3
    products = min(
        2 * d * pairs / (2 * PROCESSORS * CLOCK * LANES),
        2 * wanted * d * pairs / tensor if d > 8 else math.inf,
    )
    return max(pairs / (PROCESSORS * CLOCK * SPECIAL), products)


def work(row: Row, x: Tensor, y: Tensor, rounds: int) -> int:
    """Do the row's work so many times and more; return how many."""
    if row.family == "pairwise":
        kernel, bandwidth = ("gaussian", x.shape[-1] ** 0.5) if "Gaussian" in row.name else ("energy", None)
        precision = "tf32" if row.name.endswith("TF32") else "full"
        for _ in range(rounds):
            gt.ops.kernel_sum(x, y, kernel=kernel, bandwidth=bandwidth, precision=precision)
        return rounds
    # the passes alone: sinkhorn() would begin with fewer points, and with a larger epsilon
    zeros = x.new_zeros(x.shape[0])
    weights = zeros + 1 / x.shape[0]
    transport = Transport(x, y, weights, weights, 0.05 * x.shape[-1], math.inf, 0)
    # a multiple of the iterations between two looks of the host
    report = transport.solve(zeros, zeros, tolerance=1e-12, max_iterations=32 * rounds, warm=True)[2]
    return int(report[2])


def measure(row: Row, d: int) -> float | None:
    """The seconds of one such work on the GPU here; None without one, or without kernels for it."""
    if not torch.cuda.is_available() or not native.has_kernels(torch.empty(0, device="cuda")):
        return None
    generator = torch.Generator("cuda").manual_seed(d)
    draws = [torch.randn(2, SIZE, d, device="cuda", generator=generator) for _ in range(4)]

    def timed(x: Tensor, y: Tensor, rounds: int) -> tuple[float, int]:
        begun, ended = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        torch.cuda.synchronize()
        begun.record()
        done = work(row, x, y, rounds)
        ended.record()
        ended.synchronize()
        return begun.elapsed_time(ended) / 1000, done

    found = []
    for repeat in range(-2, 12):  # the first two warm up
        x, y = draws[repeat % len(draws)]
        (short, few), (long, many) = timed(x, y, 1), timed(x, y, 9)
        if repeat >= 0 and many > few:
            found.append((long - short) / (many - few))  # what is done once cancels
    return statistics.median(found) if found else None


def show(architecture: int, folder: Path) -> None:
    """Print both tables of an architecture."""
    print(f"\nsm_{architecture}: predicted, not measured; instructions of a thread for one pair (or entry)")
    print(f"{'':32}{'d':>4} {'regs':>5}{'spill':>6}{'shared':>7}{'warps':>6}", end="")
    print("".join(f"{name:>7}" for name in ("all", *next(zip(*COLUMNS)))))
    times = []
    for family in sorted({row.family for row in ROWS}):
        cubin, resources = compile_family(family, architecture, folder)
        parts = disassemble(cubin)
        for row in (row for row in ROWS if row.family == family):
            name = next(name for name in resources if re.search(row.kernel, name))
            held = resources[name]
            warps = held.warps(row.threads, row.shared, architecture) or "-"
            line = f"{held.registers:>5}{held.spilled:>6}{held.shared + row.shared:>7}{warps:>6}"
            taken = [d for d in DIMENSIONS if d in row.dimensions]
            code = Code(parts[name]) if parts else None
            for d in taken or [row.dimensions[-1] if row.dimensions else 16]:
                text = line
                if code:
                    counts = per_pair(code, row, d)
                    text += f"{sum(counts.values()):>7.1f}"
                    text += "".join(f"{count(counts, *names):>7.2f}" for names in COLUMNS)
                    times += [(row, d, *predict(row, d, counts))] if d in taken else []
                print(f"{row.name:32}{d:>4} {text}")
        spilled = {name: held.spilled for name, held in resources.items() if held.spilled}
        print(f"  {family}: {len(resources)} kernels, spills: {spilled or 'none'}")
    if architecture == 90 and times:
        print(
            f"\nH100 SXM, n = m = {SIZE}, us a full iteration or a sum; goal: ratio 1.5: predicted, not measured"
        )
        print(f"{'':36}{'predicted':>10} by{'':7}{'limit':>7}{'ratio':>7}", end="")
        print(f"{'half':>7}{'ratio':>7}{'measured here':>15}")
        for row, d, seconds, unit in times:
            real = measure(row, d)
            line = f"{row.name:32}{d:>4}{1e6 * seconds:>10.0f} {unit:9}"
            for least in (limit(row, d, TF32), limit(row, d, HALF)):
                line += f"{1e6 * least:>7.0f}{seconds / least:>7.2f}"
            print(line + (f"{1e6 * real:>15.0f}" if real else f"{'no GPU':>15}"))
        print(f"flash-sinkhorn, as published: {FLASH_SINKHORN}")


def main() -> None:
    """Compile for each architecture and print its tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--architectures", type=int, nargs="*", default=[90])
    options = parser.parse_args()
    if tool("nvcc") is None:
        raise SystemExit("no nvcc in CUDA_HOME or PATH: nothing can be said")
    if tool("nvdisasm") is None:
        print("no nvdisasm (pip install nvidia-cuda-nvdisasm): registers and spills only")
    if torch.cuda.is_available():
        print(f"measured on {torch.cuda.get_device_name()}; {native.cuda_reason()}")
    with tempfile.TemporaryDirectory() as folder:
        for architecture in options.architectures:
            show(architecture, Path(folder))


if __name__ == "__main__":
    main()

"""What a run costs, and how that grows: ``gantheory run studies/benchmarks/growth.py -j 1``.

Time: the seconds of a run that stands ready, at every size by turns (A B A B) in one process, the median of the rounds
after one that is not timed. Memory: the most that a process holds during the whole run, from its first draw to its
last step, above what it held before, with all libraries loaded, a small run of the same kind done, and all freed
memory given back to the system; so draws, networks' work, workspaces of native kernels and results are all in it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from growth_figure import figure, fitted, said, table
from measuring import Memory, Work, alternate

import gantheory as gt


Kind = Literal["GAN", "Dirac-GAN"]
Axis = Literal["population", "width", "batch", "steps"]
LEAST = {"population": 1, "width": 8, "batch": 8, "steps": 1}
SIZES: dict[tuple[Kind, Axis], tuple[int, ...]] = {
    ("GAN", "population"): (4, 8, 16, 32, 64, 128, 256),
    ("GAN", "width"): (16, 32, 64, 128, 256),
    ("GAN", "batch"): (16, 32, 64, 128, 256, 512, 1024),
    ("GAN", "steps"): (10, 20, 40, 80, 160),
    ("Dirac-GAN", "population"): (4000, 8000, 16_000, 32_000, 64_000, 128_000),
    ("Dirac-GAN", "steps"): (500, 1000, 2000, 4000, 8000),
}
ROUNDS = {"smoke": 1, "small": 5, "full": 15}


@dataclass(frozen=True)
class Time(gt.Noun):
    """A run's seconds at some sizes of one thing, all others fixed."""

    kind: Kind
    axis: Axis
    sizes: tuple[int, ...]
    rounds: int


@dataclass(frozen=True)
class Peak(gt.Noun):
    """A run's peak memory at some sizes of one thing, in a process of its own."""

    kind: Kind
    axis: Axis
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Growth(gt.Study):
    """Time and peak memory of runs against all that makes them larger."""

    question: ClassVar[str] = "What does a run cost, and how does that grow?"

    def cells(self, preset: str) -> tuple[gt.Noun, ...]:
        part = slice(0, 3) if preset == "smoke" else slice(None)
        sizes = {key: row[part] for key, row in SIZES.items()}
        times = (Time(*key, row, ROUNDS[preset]) for key, row in sizes.items())
        return *times, *(Peak(*key, row) for key, row in sizes.items())

    def measure(self, cell: Any, key: gt.Key) -> dict[str, Any]:
        return _times(cell) if isinstance(cell, Time) else {"megabytes": _peaks(cell)}

    def findings(self, results: Any) -> Sequence[gt.Finding]:
        times, peaks = results.select(Time), results.select(Peak)
        found = {("time", r.cell.kind, r.cell.axis): (r.cell.sizes, r.values["seconds"]) for r in times}
        found |= {("memory", r.cell.kind, r.cell.axis): (r.cell.sizes, r.values["megabytes"]) for r in peaks}
        fits = fitted(found, parameters)
        return [
            gt.Finding(title, said(fits, kind), figure(fits, kind), table(fits, kind))
            for kind, title in (("GAN", "A population of GANs"), ("Dirac-GAN", "Orbits of Dirac-GAN"))
            if any(fit.kind == kind for fit in fits)
        ]


def small(*, population: int = 10_000, steps: int = 1000) -> tuple[Work, Work]:
    """A run of Dirac-GAN with R1, whole: the interpreter's."""
    game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
    rule, start = gt.Simultaneous(gt.SGD(0.1)), (1.0, 1.0)

    def run() -> gt.Trajectory:
        return gt.simulate(game, rule, steps=steps, population=population, start=start, key=gt.Key(0))

    return run, run


def network(*, population: int = 32, steps: int = 20, width: int = 32, batch: int = 64) -> tuple[Work, Work]:
    """Steps of a GAN that stands ready, and the whole run."""
    nets = gt.MLP(2, (width, width), 2), gt.MLP(2, (width, width), 1)
    game = gt.AdversarialGame(*nets, gt.Ring(modes=8, scale=0.15), gt.NonSaturating(), batch=batch)
    rule, ready = gt.Alternating(gt.Adam(1e-3)), []

    def run(steps: int = steps) -> gt.Trajectory:
        return gt.simulate(game, rule, steps=steps, population=population, key=gt.Key(0))

    def steps_alone() -> gt.Trajectory:
        ready.extend([] if ready else [run(2)])
        return ready[0].extend(steps)

    return steps_alone, run


def parameters(width: int) -> int:
    """The number of parameters of both players of `network`."""
    return gt.MLP(2, (width, width), 2).size + gt.MLP(2, (width, width), 1).size


def _made(kind: str, axis: str, size: int) -> tuple[Work, Work]:
    return (small if kind == "Dirac-GAN" else network)(**{axis: size})


def _times(cell: Time) -> dict[str, Any]:
    works = {str(size): _made(cell.kind, cell.axis, size)[0] for size in cell.sizes}
    for work in works.values():
        work()
    turns = alternate(works, cell.rounds)
    rounds = [turns.seconds[name] for name in works]
    return {"seconds": [statistics.median(row) for row in rounds], "rounds": rounds}


def _peaks(cell: Peak) -> list[float]:
    """Measure in a process of its own, in which nothing lies about."""
    arguments = [cell.kind, cell.axis, *map(str, cell.sizes)]
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the process that measures memory failed: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def peaks(kind: str, axis: str, sizes: Sequence[int]) -> list[float]:
    """Return the peak megabytes of whole runs in this process, the smallest first."""
    _made(kind, axis, LEAST[axis])[1]()
    return [_peak(_made(kind, axis, size)[1]) for size in sizes]


def _peak(work: Work) -> float:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed would else be taken again unseen
    with Memory() as memory:
        work()
    return memory.megabytes


if __name__ == "__main__":
    print(json.dumps(peaks(sys.argv[1], sys.argv[2], [int(size) for size in sys.argv[3:]])))

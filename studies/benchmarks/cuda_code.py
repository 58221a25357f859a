"""What cuda_model.py reads: what the compiler says of the CUDA kernels, and their instructions."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++17", "-O3", "-fmad=false", "-Icsrc", "-cubin", "-Xptxas", "-v"]  # those of setup.py
# most warps and kilobytes of shared memory of a multiprocessor
ROOM = {80: (64, 164), 86: (48, 100), 89: (48, 100), 90: (64, 228), 100: (64, 228), 120: (48, 100)}
COPY = "STS.128"  # points on their way to shared memory


@dataclass(frozen=True)
class Resources:
    registers: int
    shared: int
    spilled: int

    def warps(self, threads: int, dynamic: int, architecture: int) -> int | None:
        """How many warps a multiprocessor holds at a time."""
        if architecture not in ROOM:
            return None
        most, kilobytes = ROOM[architecture]
        by_registers = 65536 // (32 * (-(-self.registers // 8) * 8)) // (threads // 32)
        by_shared = 1024 * kilobytes // (self.shared + dynamic + 1024)
        return min(by_registers, by_shared, most // (threads // 32)) * (threads // 32)


def tool(name: str) -> str | None:
    """The path of one of CUDA's programs, or None."""
    homes = [Path(os.environ["CUDA_HOME"], "bin")] if os.environ.get("CUDA_HOME") else []
    packages = Path(sysconfig.get_path("purelib"), "nvidia")
    places = [*homes, None, *sorted(packages.glob("*/bin"))]
    return next(filter(None, (shutil.which(name, path=place and str(place)) for place in places)), None)


def compile_family(family: str, architecture: int, folder: Path) -> tuple[Path, dict[str, Resources]]:
    """The family's kernels as machine code, and what each of them holds."""
    cubin, nvcc = folder / f"{family}_{architecture}.cubin", tool("nvcc")
    assert nvcc is not None
    command = [nvcc, *FLAGS, f"-arch=sm_{architecture}", f"csrc/{family}/kernels.cu", "-o", str(cubin)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"nvcc failed:\n{done.stderr}")
    found = {}
    for part in done.stderr.split("Function properties for ")[1:]:
        numbers = [
            re.search(rf"(\d+) {words}", part) for words in ("bytes spill stores", "bytes spill loads")
        ]
        shared = re.search(r"(\d+) bytes smem", part)
        registers = re.search(r"Used (\d+) registers", part)
        spilled = sum(int(n[1]) for n in numbers if n)
        used = int(registers[1]) if registers else 0
        found[part.split()[0]] = Resources(used, int(shared[1]) if shared else 0, spilled)
    return cubin, found


def disassemble(cubin: Path) -> dict[str, str] | None:
    """Each kernel's disassembly, or None without a disassembler."""
    disassembler = tool("nvdisasm")
    if disassembler is None:
        return None
    text = subprocess.run([disassembler, "-c", str(cubin)], check=True, capture_output=True, text=True).stdout
    parts = re.split(r"\n\s*\.section\s+\.text\.", text)[1:]
    return {re.split(r"[,\s]", part, maxsplit=1)[0]: part for part in parts}


@dataclass(frozen=True)
class Nest:
    """An inner loop, found by the instructions it has, and how many of the first of them a turn outside needs."""

    marks: str
    amount: Callable[[int], float]
    inside: tuple[Nest, ...] = ()
    peeled: bool = False  # its first turn may stand outside
    least: int = 1  # of the first mark in the loop
    copies: Callable[[int], int] | None = (
        None  # the fewest on a way to the loops inside; else as many as can be
    )


class Code:
    """A kernel's instructions, with the loops that its backward branches close."""

    def __init__(self, text: str):
        labels, jumps = {}, {}
        self.names: list[str] = []
        self.ends: set[int] = set()  # after which the next instruction is not reached
        for line in map(str.strip, text.splitlines()):
            if label := re.match(r"(\.L_x_\d+):", line):
                labels[label[1]] = len(self.names)
            elif read := re.match(r"/\*[0-9a-f]{4,}\*/\s+(@!?U?P\w+\s+)?([A-Z][\w.]*)(.*);", line):
                always = not read[1] and not re.search(r"\bU?P\d", read[3])
                if read[2].split(".")[0] in ("BRA", "BRX", "EXIT", "RET") and always:
                    self.ends.add(len(self.names))
                if read[2].startswith(("BRA", "BRX")):
                    jumps[len(self.names)] = re.findall(r"\.L_x_\d+", read[3])
                self.names.append(read[2])
        jumped = [(at, labels[label]) for at, named in jumps.items() for label in named if label in labels]
        self.jumps = {at: [to for a, to in jumped if a == at and to > at] for at in jumps}
        self.loops = sorted((to, at) for at, to in jumped if to < at)

    def has(self, loop: tuple[int, int], marks: str) -> bool:
        names = self.names[loop[0] : loop[1] + 1]
        return all(any(name.startswith(mark) for name in names) for mark in marks.split())

    def within(self, loop: tuple[int, int]) -> list[tuple[int, int]]:
        return [l for l in self.loops if l != loop and loop[0] <= l[0] and l[1] <= loop[1]]

    def path(self, start: int, goal: int, copies: int | None = None) -> Counter[str]:
        """What is executed on the shortest way forward from one instruction to another, the last included."""
        # the shortest ways to the goal, by how many copies they have
        ways: dict[int, dict[int, tuple[int, int]]] = {goal: {0: (1, goal)}}
        for at in range(goal - 1, start - 1, -1):
            own = int(self.names[at].startswith(COPY))
            ways[at] = {}
            for then in ([] if at in self.ends else [at + 1]) + self.jumps.get(at, []):
                for held, (steps, _) in ways.get(then, {}).items():
                    ways[at][held + own] = min(ways[at].get(held + own, (10**9, 0)), (steps + 1, then))
        if not ways[start]:
            raise LookupError("no way from one instruction to the other")
        most = max(ways[start])  # some copies may stand on every way, switched off
        held = most if copies is None else min((k for k in ways[start] if k >= copies), default=most)
        found, at = Counter({self.names[goal]: 1}), start
        while at != goal:
            found[self.names[at]] += 1
            copied = int(self.names[at].startswith(COPY))
            held, at = held - copied, ways[at][held][1]
        return found

    def turn(
        self, loop: tuple[int, int], nests: tuple[Nest, ...], d: int, copies: int | None = None
    ) -> Iterator[dict[str, float]]:
        """One turn of a loop, in every way in which the nests can be found in it, one after the other."""
        inner = self.within(loop)
        candidates = [[l for l in inner if self.fits(l, nest)] for nest in nests]
        for chosen in itertools.product(*candidates):
            if any(a[1] >= b[0] for a, b in itertools.pairwise(chosen)):
                continue
            try:
                starts = [loop[0], *(l[1] + 1 for l in chosen)]
                goals = [*(l[0] for l in chosen), loop[1]]
                straight: Counter[str] = Counter()
                for start, goal in zip(starts, goals):
                    straight.update(self.path(start, goal, copies))
                total = dict[str, float](straight)
                for nest, l in zip(nests, chosen):
                    total[self.names[l[0]]] -= 1  # the path has gone into the loop
                    body = next(self.turn(l, nest.inside, d, nest.copies and nest.copies(d)))
                    unit = nest.marks.split()[0]
                    outside = count(straight, unit) if nest.peeled else 0
                    turns = (nest.amount(d) - outside) / count(body, unit)
                    for name, number in body.items():
                        total[name] = total.get(name, 0) + number * turns
                yield total
            except (LookupError, StopIteration):
                continue

    def fits(self, loop: tuple[int, int], nest: Nest) -> bool:
        first = nest.marks.split()[0]
        held = sum(name.startswith(first) for name in self.names[loop[0] : loop[1] + 1])
        return (
            self.has(loop, nest.marks) and held >= nest.least and bool(nest.inside) == bool(self.within(loop))
        )


def count(counts: Mapping[str, float], *names: str) -> float:
    return sum(number for name, number in counts.items() if name.startswith(names))

"""From tasks as they were written to a tape: what is needed, and where in a member's memory it lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor

from gantheory.ops.tape import Tape, Task, View


LINE = 16
"""Buffers begin at multiples of so many numbers: a cache line of float32."""


def plan(
    tasks: Sequence[Task], made: Sequence[Tensor], outputs: Mapping[int, int], wanted: Iterable[int]
) -> Tape:
    """Return the tape of the tasks that the ``wanted`` given buffers need.

    Buffers -1, -2, ... are the ``made`` ones; those that ``outputs`` maps to the number of a given buffer are
    written there, the others share a member's scratch memory, each from its first task to its last.
    """
    needed = _needed(tasks, {*outputs, *wanted})
    last = {view.buffer: i for i, task in enumerate(needed) for view in (task.out, *task.operands)}
    memory = _Memory()
    places: dict[int, int] = {}
    for i, task in enumerate(needed):
        own = task.out.buffer
        if own < 0 and own not in outputs and own not in places:
            places[own] = memory.take(made[-1 - own].numel())
        for buffer in {view.buffer for view in (task.out, *task.operands)}:
            if buffer in places and last[buffer] == i:
                memory.free(places[buffer], made[-1 - buffer].numel())

    def settled(view: View) -> View:
        if view.buffer in outputs:
            return view._replace(buffer=outputs[view.buffer])
        if view.buffer in places:
            return view._replace(buffer=0, offset=places[view.buffer] + view.offset)
        return view

    moved = [
        task._replace(out=settled(task.out), operands=tuple(map(settled, task.operands))) for task in needed
    ]
    return Tape(tuple(moved), memory.top)


def _needed(tasks: Sequence[Task], wanted: set[int]) -> list[Task]:
    kept = []
    for task in reversed(tasks):
        if task.out.buffer in wanted:
            kept.append(task)
            wanted.update(view.buffer for view in task.operands)
    return kept[::-1]


class _Memory:
    """Scratch memory by the first gap that is large enough."""

    def __init__(self) -> None:
        self.gaps: list[tuple[int, int]] = []  # (first, beyond), rising
        self.top = 0

    def take(self, count: int) -> int:
        size = -(-count // LINE) * LINE
        for i, (first, beyond) in enumerate(self.gaps):
            if beyond - first >= size:
                self.gaps[i] = first + size, beyond
                return first
        self.top += size
        return self.top - size

    def free(self, first: int, count: int) -> None:
        gaps = sorted([*self.gaps, (first, first + -(-count // LINE) * LINE)])
        self.gaps = []
        for low, high in gaps:
            if self.gaps and self.gaps[-1][1] == low:
                self.gaps[-1] = self.gaps[-1][0], high
            elif low < high:
                self.gaps.append((low, high))

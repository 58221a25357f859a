"""Tapes: the tasks that one step of a member comes to, on tensors in a few buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.program import NUMBERS


TASKS = {**NUMBERS, "sum": 100, "product": 101, "factor": 102, "solve": 103}
"""The numbers of csrc/tape/interface.h; those of elementwise operations are a program's."""

Four = tuple[int, int, int, int]


class View(NamedTuple):
    """Where a tensor lies: a buffer's number, the first entry's place, and four strides."""

    buffer: int
    offset: int
    strides: Four


class Task(NamedTuple):
    """An operation on views: elementwise over ``shape``, or one of matrices as the interface has them."""

    operation: str
    shape: Four
    out: View
    operands: tuple[View, ...]

    def numbers(self) -> list[int]:
        """Return the task as the kernel reads it."""
        three = (*self.operands, *self.operands[:1] * (3 - len(self.operands)))
        views = [n for view in (self.out, *three) for n in (view.buffer, view.offset, *view.strides)]
        return [TASKS[self.operation], *self.shape, *views]


@dataclass(frozen=True, eq=False)
class Tape:
    """Tasks in their order. Buffer 0 is a member's scratch memory of ``scratch`` numbers, the others are given."""

    tasks: tuple[Task, ...]
    scratch: int

    @cached_property
    def _native(self) -> Any:
        return native.library.TapeTasks([n for task in self.tasks for n in task.numbers()])

    def run(self, members: int, buffers: Sequence[Tensor], shared: Sequence[bool]) -> None:
        """Carry out the tasks for every member, in place.

        Buffers are contiguous, of one dtype, and have the members first where they are not ``shared`` by all.
        """
        strides = [0 if common else t.numel() // members for t, common in zip(buffers, shared)]
        table = int(buffers[0].dtype == torch.float64)
        addresses = [t.data_ptr() for t in buffers]
        native.library.tape_run(
            table, self._native, self.scratch, members, addresses, strides, native.threads()
        )

"""Straight-line programs of elementwise operations that move the members of a population, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from gantheory.ops import native


def _truth(compare: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda a, b, c: compare(a, b).to(a.dtype)


def _unary(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda a, b, c: function(a)


# the places are the numbers of csrc/dynamics/interface.h; every one takes three operands, used or not
OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "move": _unary(torch.clone),
    "add": lambda a, b, c: a + b,
    "subtract": lambda a, b, c: a - b,
    "multiply": lambda a, b, c: a * b,
    "divide": lambda a, b, c: a / b,
    "multiply_add": lambda a, b, c: a * b + c,
    "multiply_subtract": lambda a, b, c: a * b - c,
    "subtract_product": lambda a, b, c: c - a * b,
    "negate": _unary(torch.neg),
    "absolute": _unary(torch.abs),
    "root": _unary(torch.sqrt),
    "minimum": lambda a, b, c: torch.minimum(a, b),
    "maximum": lambda a, b, c: torch.maximum(a, b),
    "less": _truth(torch.lt),
    "at_most": _truth(torch.le),
    "equal": _truth(torch.eq),
    "where": lambda a, b, c: torch.where(a != 0, b, c),
    "floor": _unary(torch.floor),
    "exp": _unary(torch.exp),
    "log": _unary(torch.log),
    "sin": _unary(torch.sin),
    "cos": _unary(torch.cos),
    "tanh": _unary(torch.tanh),
    "sigmoid": _unary(torch.sigmoid),
    "softplus": _unary(functional.softplus),
    "softplus_slope": _unary(lambda x: torch.where(x > 20, 1.0, torch.sigmoid(x))),
    "power": lambda a, b, c: torch.pow(a, b),
    "erf": _unary(torch.erf),
}
NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}

Instruction = tuple[str, int, int, int, int]  # operation, result's slot, three operands' slots


def apply(operation: str, *operands: Tensor) -> Tensor:
    """Return one operation's native result for operands of one shape and dtype, up to three."""
    a, b, c = (*operands, *operands[:1] * (3 - len(operands)))
    a, b, c = (x.contiguous() for x in (a, b, c))
    out = torch.empty_like(a)
    addresses = (a.data_ptr(), b.data_ptr(), c.data_ptr())
    number = NUMBERS[operation]
    native.library.dynamics_apply(_table(a), number, addresses, a.numel(), out.data_ptr())
    return out


@dataclass(frozen=True, eq=False)
class Program:
    """One step of every member, and its losses, as instructions over numbered slots.

    A member's slots are its ``columns`` (the players' ``parameters`` first, then the rule's state), its
    ``numbers``, which never change, the columns after the step, and temporaries, ``wide`` in all. Then
    come numbers that all members share: ``constants``, and those ``counted`` anew for each step by a
    section of its own, in float64, over the ``counters`` of the rule's state, their values after the step,
    and further ``scalars``, NaN where they are no constants. ``fixed`` runs once, before the first step.
    """

    columns: int
    numbers: int
    parameters: int
    wide: int
    counters: int
    counting: tuple[Instruction, ...]
    fixed: tuple[Instruction, ...]
    step: tuple[Instruction, ...]
    losses: tuple[Instruction, ...]
    constants: tuple[float, ...]
    scalars: tuple[float, ...]
    counted: tuple[int, ...]
    loss_slots: tuple[int, ...]

    @cached_property
    def _native(self) -> Any:
        sections = (self.counting, self.fixed, self.step, self.losses)
        code = [[n for name, *slots in part for n in (NUMBERS[name], *slots)] for part in sections]
        shared = len(self.constants) + len(self.counted)
        sizes = self.columns, self.numbers, self.parameters, self.wide, shared
        sizes += len(self.counted), self.counters, len(self.scalars), len(self.loss_slots)
        tables = self.constants, self.scalars, self.counted, self.loss_slots
        return native.library.DynamicsProgram(code, sizes, *map(list, tables))

    def run(
        self, of: Orbits, steps: int, recorded: Sequence[int], *, until: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take steps, changing ``of`` in place, and return points and losses at the ``recorded`` ones.

        ``recorded`` counts from 0, before the first step. ``until`` is the number of steps, from the first of
        all, after which the outcome will be asked for, `None` for right after these: windows on which it
        does not hang are not watched. Points are ``(records, members, parameters)``,
        losses ``(records, members, players)``.
        """
        members = of.state.shape[1]
        points = of.state.new_empty(len(recorded), self.parameters, members)
        losses = of.state.new_empty(len(recorded), len(self.loss_slots), members)
        tensors = (of.state, of.numbers, of.counters, of.windows, of.anchor, points, losses)
        addresses = tuple(t.data_ptr() for t in tensors)
        native.library.dynamics_run(
            _table(of.state),
            self._native,
            members,
            steps,
            of.taken,
            of.taken + steps if until is None else until,
            addresses,
            list(recorded),
            native.threads(),
        )
        of.taken += steps
        return points.mT, losses.mT

    def reference(self, of: Orbits) -> tuple[Tensor, Tensor]:
        """Return, in plain torch, the columns after one step and the losses before it."""
        scalars = [torch.tensor(value, dtype=torch.float64) for value in self.scalars]
        scalars[: self.counters] = of.counters.unbind()
        _execute(self.counting, scalars)
        shared = [*map(torch.tensor, self.constants), *(scalars[s] for s in self.counted)]
        slots = [*of.state, *of.numbers]
        slots += [torch.full_like(of.state[0], math.nan)] * (self.wide - len(slots))
        slots += [number.to(of.state.dtype).expand_as(of.state[0]) for number in shared]
        _execute(self.fixed, slots)
        _execute(self.losses, slots)
        losses = torch.stack([slots[s] for s in self.loss_slots])
        _execute(self.step, slots)
        first = self.columns + self.numbers
        return torch.stack(slots[first : first + self.columns]), losses


@dataclass
class Orbits:
    """Where a population stands: columns ``(columns, members)``, numbers, counters, and its windows.

    ``windows`` ``(12, members)``, the windows' extremes one after the other, and ``anchor``
    ``(parameters, members)`` are those of `gantheory.dynamics.outcome.Monitor`, after ``taken`` steps from the
    first of all. All contiguous.
    """

    state: Tensor
    numbers: Tensor
    counters: Tensor
    windows: Tensor
    anchor: Tensor
    taken: int


def _table(x: Tensor) -> int:
    return int(x.dtype == torch.float64)  # there is no table of CUDA kernels


def _execute(section: Sequence[Instruction], slots: list[Tensor]) -> None:
    for name, out, a, b, c in section:
        slots[out] = OPERATIONS[name](slots[a], slots[b], slots[c])

"""Expressions of a step and of the losses, as a program over slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gantheory.dynamics.interpreter.expressions import CONSTANT, COUNTED, FIXED, VARYING, Expressions
from gantheory.ops.program import Instruction, Program


Item = tuple[int, str, tuple[int, ...]]  # place, operation, operands' places


@dataclass(frozen=True)
class Wanted:
    """What a program computes: the columns, the counters after a step, and the losses, by their places.

    ``numbers`` and ``parameters`` are how many there are; inputs are those of member 0.
    """

    columns: Sequence[int]
    counters: Sequence[int]
    losses: Sequence[int]
    numbers: int
    parameters: int


def assemble(e: Expressions, wanted: Wanted) -> Program:
    """Return the program that computes what is wanted."""
    return _Assembler(e, wanted).program()


class _Assembler:
    """Gives every place a slot; slots of shared numbers are negative until all the wide ones are known."""

    def __init__(self, e: Expressions, wanted: Wanted):
        self.e, self.wanted = e, wanted
        count = len(wanted.columns)
        self.first_after = count + wanted.numbers
        self.wide = self.first_after + count
        self.slots: dict[int, int] = {}  # of inputs, and of what is computed once
        for place, (operation, operands) in enumerate(zip(e.operations, e.operands)):
            if operation == "input" and operands[2] == 0 and e.kinds[place] != COUNTED:
                name, index, _ = operands
                self.slots[place] = index if name == "column" else count + index
        self.shared: dict[int, int] = {}  # place of a constant or counted number: its order

    def program(self) -> Program:
        wanted = self.wanted
        step = self._items(wanted.columns)
        losses = self._items(wanted.losses)
        fixed = self._fixed([*step, *losses], [*wanted.columns, *wanted.losses])
        first = self.wide
        step_code, _ = self._section(step, dict(enumerate(wanted.columns)), wanted.columns, first)
        losses_code, slots = self._section(losses, {}, wanted.losses, first)
        loss_slots = [self._slot(place, slots) for place in wanted.losses]
        constants = [x for x in self.shared if self.e.kinds[x] == CONSTANT]
        counted = [x for x in self.shared if self.e.kinds[x] == COUNTED]
        order = {-1 - self.shared[x]: self.wide + i for i, x in enumerate([*constants, *counted])}
        counting, scalars, counted_slots = self._counting(counted)

        def settle(code: Sequence[Instruction]) -> tuple[Instruction, ...]:
            return tuple((name, *(order.get(s, s) for s in slots)) for name, *slots in code)  # type: ignore

        return Program(
            columns=len(wanted.columns),
            numbers=wanted.numbers,
            parameters=wanted.parameters,
            wide=self.wide,
            counters=len(wanted.counters),
            counting=counting,
            fixed=settle(fixed),
            step=settle(step_code),
            losses=settle(losses_code),
            constants=tuple(self.e.operands[x][0] for x in constants),
            scalars=scalars,
            counted=counted_slots,
            loss_slots=tuple(order.get(s, s) for s in loss_slots),
        )

    def _needed(self, places: Iterable[int], kind: int) -> list[int]:
        """Return the computed places of a kind that these hang on, operands first."""
        found, waiting = set(), list(places)
        while waiting:
            place = waiting.pop()
            if place not in found and self.e.kinds[place] == kind and self.e.operations[place] != "input":
                found.add(place)
                waiting.extend(self.e.operands[place])
        return sorted(found)  # operands have lower places

    def _items(self, outputs: Sequence[int]) -> list[Item]:
        """Return what varies and is needed, with products that are used once drawn into sums."""
        e, places = self.e, self._needed(outputs, VARYING)
        uses = Counter(x for place in places for x in e.operands[place])
        uses.update(outputs)
        items, drawn = [], set()
        for place in reversed(places):
            if place in drawn:
                continue
            item = (place, e.operations[place], e.operands[place])
            for i, x in reversed(list(enumerate(item[2]))):
                if uses[x] == 1 and (inner := e.parts(x, "multiply")) and e.kinds[x] == VARYING:
                    fused = _FUSED.get((item[1], i))
                    if fused:
                        item = (place, fused, (*inner, item[2][1 - i]))
                        drawn.add(x)
                        break
            items.append(item)
        return items[::-1]

    def _fixed(self, items: Sequence[Item], outputs: Sequence[int]) -> list[Instruction]:
        """Give slots of their own to what hangs on a member's numbers alone."""
        hung = [*outputs, *(x for _, _, operands in items for x in operands)]
        code = []
        for place in self._needed(hung, FIXED):
            slots = [self._slot(x, {}) for x in self.e.operands[place]]
            self.slots[place] = self.wide
            code.append(_instruction(self.e.operations[place], self.wide, slots))
            self.wide += 1
        return code

    def _slot(self, place: int, local: dict[int, int]) -> int:
        if place in self.slots:
            return self.slots[place]
        if place in local:
            return local[place]
        return -1 - self.shared.setdefault(place, len(self.shared))

    def _section(
        self, items: Sequence[Item], columns: dict[int, int], kept: Iterable[int], first: int
    ) -> tuple[list[Instruction], dict[int, int]]:
        """Return code, and the slots of its results, of which the ``kept`` ones stay to the end.

        ``columns`` end in their slots after the step; temporaries begin at ``first``.
        """
        kept = set(kept)
        last = {x: i for i, (_, _, operands) in enumerate(items) for x in operands}
        home = {place: self.first_after + c for c, place in reversed(columns.items())}
        local: dict[int, int] = {}
        free: list[int] = []
        top, code = first, []
        for i, (place, operation, operands) in enumerate(items):
            slots = [self._slot(x, local) for x in operands]
            free += {local[x] for x in operands if last[x] == i and x in local and x not in kept}
            if place in home:
                out = home[place]
            elif free:
                free.sort()
                out = free.pop(0)
            else:
                out, top = top, top + 1
            local[place] = out
            code.append(_instruction(operation, out, slots))
        for c, place in columns.items():
            if local.get(place) != self.first_after + c:
                code.append(_instruction("move", self.first_after + c, [self._slot(place, local)]))
        self.wide = max(self.wide, top)
        return code, local

    def _counting(
        self, counted: Sequence[int]
    ) -> tuple[tuple[Instruction, ...], tuple[float, ...], tuple[int, ...]]:
        """Return the section of the counters, its slots' constants, and where the counted numbers are."""
        e, after = self.e, self.wanted.counters
        slots: dict[int, int] = {}
        for place, (operation, operands) in enumerate(zip(e.operations, e.operands)):
            if operation == "input" and operands[0] == "counter":
                slots[place] = operands[1]
        scalars = [float("nan")] * (2 * len(after))
        code: list[Instruction] = []

        def slot(place: int) -> int:
            if place not in slots:
                slots[place] = len(scalars)
                value = e.value(place)
                scalars.append(float("nan") if value is None else value)
            return slots[place]

        for place in self._needed([*counted, *after], COUNTED):
            operands = [slot(x) for x in e.operands[place]]
            code.append(_instruction(e.operations[place], slot(place), operands))
        for k, place in enumerate(after):
            code.append(_instruction("move", len(after) + k, [slot(place)]))
        return tuple(code), tuple(scalars), tuple(slot(x) for x in counted)


_FUSED = {
    ("add", 0): "multiply_add",
    ("add", 1): "multiply_add",
    ("subtract", 0): "multiply_subtract",
    ("subtract", 1): "subtract_product",
}


def _instruction(operation: str, out: int, operands: Sequence[int]) -> Instruction:
    a, b, c = (*operands, *[operands[0]] * (3 - len(operands)))
    return operation, out, a, b, c

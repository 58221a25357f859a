"""Numbers as expressions of a member's inputs, each kept once and folded as it is written."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from gantheory.ops.program import OPERATIONS


CONSTANT, COUNTED, FIXED, VARYING = range(4)
"""How often a number changes: never, with the step alone, with the member alone, with both."""

_SYMMETRIC = {"add", "multiply", "minimum", "maximum", "equal"}
_SAFE = 1e30
"""Constants are multiplied together between this number and its inverse, where float32 holds them too."""


class Untraceable(Exception):
    """Something that is not elementwise arithmetic of one member's numbers."""


class Expressions:
    """A list of numbers: inputs, constants, and operations on earlier ones, by their place in the list.

    Equal numbers have one place, and place 0 is the constant 0. Folding takes arithmetic for that of
    real numbers where only infinities and NaNs can tell, as ``0 x = 0``: members that meet those have
    diverged, whichever they hold.
    """

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.operands: list[tuple] = []
        self.kinds: list[int] = []
        self._places: dict[tuple, int] = {}
        self.constant(0.0)

    def constant(self, value: float) -> int:
        """Return the place of a constant."""
        value = float(value) + 0.0  # no negative zero
        return self._place("constant", (value,), CONSTANT, ("constant", repr(value)))

    def input(self, name: str, index: int, member: int, kind: int) -> int:
        """Return the place of an input: a column, a fixed number or a counter of one member."""
        return self._place("input", (name, index, member), kind, ("input", name, index, member))

    def value(self, place: int) -> float | None:
        """Return the value of a constant, `None` of everything else."""
        return self.operands[place][0] if self.operations[place] == "constant" else None

    def make(self, operation: str, *operands: int) -> int:
        """Return the place of an operation's result, folded."""
        if all(self.kinds[x] == CONSTANT for x in operands):
            numbers = [torch.tensor(self.value(x), dtype=torch.float64) for x in operands]
            return self.constant(OPERATIONS[operation](*numbers, *numbers[:1] * (3 - len(numbers))).item())
        fold = _FOLDS.get(operation)
        folded = None if fold is None else fold(self, *operands)
        return self._write(operation, *operands) if folded is None else folded

    def power(self, x: int, exponent: int) -> int:
        """Return a power: products for whole exponents up to 8, roots for halves."""
        n = self.value(exponent)
        if n is None or not (2 * n).is_integer() or abs(n) > 8:
            return self.make("power", x, exponent)
        if n < 0:
            return self.make("divide", self.constant(1), self.power(x, self.constant(-n)))
        if n % 1:
            return self.make("multiply", self.power(x, self.constant(n - 0.5)), self.make("root", x))
        if n == 0:
            return self.constant(1)
        half = self.power(x, self.constant(n // 2))
        square = self.make("multiply", half, half)
        return self.make("multiply", square, x) if n % 2 else square

    def parts(self, place: int, operation: str) -> tuple | None:
        """Return the operands of a place where it has this operation, else `None`."""
        return self.operands[place] if self.operations[place] == operation else None

    def _write(self, operation: str, *operands: int) -> int:
        kinds = {self.kinds[x] for x in operands}
        kind = VARYING if kinds >= {COUNTED, FIXED} else max(kinds)
        ordered = tuple(sorted(operands)) if operation in _SYMMETRIC else operands
        return self._place(operation, operands, kind, (operation, *ordered))

    def _place(self, operation: str, operands: tuple, kind: int, name: tuple) -> int:
        if name not in self._places:
            self._places[name] = len(self.operations)
            self.operations.append(operation)
            self.operands.append(operands)
            self.kinds.append(kind)
        return self._places[name]

    def same(self, pairs: list[tuple[int, int]]) -> bool:
        """Whether in every pair the second says of member 1 what the first says of member 0, alone."""
        seen: set[tuple[int, int]] = set()
        while pairs:
            a, b = pair = pairs.pop()
            if pair in seen:
                continue
            seen.add(pair)
            if self.kinds[a] in (CONSTANT, COUNTED):
                if a != b:
                    return False
            elif self.operations[a] != self.operations[b]:
                return False
            elif self.operations[a] == "input":
                (*one, first), (*other, second) = self.operands[a], self.operands[b]
                if one != other or (first, second) != (0, 1):
                    return False
            else:
                pairs.extend(zip(self.operands[a], self.operands[b]))
        return True


def _add(e: Expressions, a: int, b: int) -> int | None:
    for x, y in ((a, b), (b, a)):
        if e.value(x) == 0:
            return y
        if inner := e.parts(x, "negate"):
            return e.make("subtract", y, *inner)
    return None


def _subtract(e: Expressions, a: int, b: int) -> int | None:
    if e.value(b) == 0:
        return a
    if e.value(a) == 0:
        return e.make("negate", b)
    if inner := e.parts(b, "negate"):
        return e.make("add", a, *inner)
    if inner := e.parts(a, "negate"):
        return e.make("negate", e.make("add", *inner, b))
    return None


def _multiply(e: Expressions, a: int, b: int) -> int | None:
    for x, y in ((a, b), (b, a)):
        factor = e.value(x)
        if factor is not None:
            return _scale(e, factor, x, y)
        if inner := e.parts(x, "negate"):
            return e.make("negate", e.make("multiply", *inner, y))
    return None


def _scale(e: Expressions, factor: float, x: int, y: int) -> int | None:
    if factor == 0:
        return x
    if factor == 1:
        return y
    if factor == -1:
        return e.make("negate", y)
    if inner := e.parts(y, "negate"):
        return e.make("multiply", e.constant(-factor), *inner)
    if inner := e.parts(y, "multiply"):
        for k, rest in (inner, inner[::-1]):
            known = e.value(k)
            if known is not None and all(1 / _SAFE < abs(c) < _SAFE for c in (known, factor, known * factor)):
                return e.make("multiply", e.constant(known * factor), rest)
    return None


def _divide(e: Expressions, a: int, b: int) -> int | None:
    divisor = e.value(b)
    if divisor is not None and 1 / _SAFE < abs(divisor) < _SAFE:
        return e.make("multiply", a, e.constant(1 / divisor))
    if e.kinds[b] == COUNTED and e.kinds[a] > COUNTED:  # once a step, in float64
        return e.make("multiply", a, e.make("divide", e.constant(1), b))
    if inner := e.parts(a, "negate"):
        return e.make("negate", e.make("divide", *inner, b))
    return None


def _negate(e: Expressions, a: int) -> int | None:
    if inner := e.parts(a, "negate"):
        return inner[0]
    if inner := e.parts(a, "subtract"):
        return e.make("subtract", inner[1], inner[0])
    if inner := e.parts(a, "multiply"):
        for k, rest in (inner, inner[::-1]):
            known = e.value(k)
            if known is not None:
                return e.make("multiply", e.constant(-known), rest)
    return None


def _where(e: Expressions, condition: int, a: int, b: int) -> int | None:
    known = e.value(condition)
    return None if known is None else (a if known != 0 and not math.isnan(known) else b)


_FOLDS: dict[str, Callable[..., int | None]] = {
    "move": lambda e, a: a,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negate": _negate,
    "where": _where,
}

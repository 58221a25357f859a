"""Tasks, written one after the other on tensors that stand for a member's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from gantheory.dynamics.interpreter.expressions import Expressions, Untraceable
from gantheory.ops.program import OPERATIONS
from gantheory.ops.tape import Four, Task, View


class Emitter:
    """A list of tasks, and of the values that they read and write.

    A value is a tensor for one member whose storage stands for a buffer: views of it are torch's own. It is
    known by its place in a list, so that what builds elementwise operations builds them here too. Equal
    operations on equal values are one. Buffers are numbered as they come, negative where a task makes them.
    """

    def __init__(self, dtype: torch.dtype):
        self.dtype = dtype
        self.tasks: list[Task] = []
        self.given: list[Tensor] = []  # the buffers from 1 on, in their order
        self.made: list[Tensor] = []  # the buffers -1, -2, ...
        self._buffers: dict[int, int] = {}
        self._values: list[Tensor] = []
        self._known: dict[tuple, int] = {}
        self._uniform: dict[int, float] = {}
        self._done: dict[tuple, int] = {}

    def give(self, tensor: Tensor) -> int:
        """Return the place of a new buffer that is there before the first task."""
        self.given.append(tensor)
        self._buffers[_storage(tensor)] = len(self.given)
        return self.place(tensor)

    def blank(self, shape: Sequence[int]) -> Tensor:
        """Return a tensor in a new buffer, for tasks to fill."""
        tensor = torch.empty(tuple(shape), dtype=self.dtype)
        if not tensor.numel():
            raise Untraceable("a tensor without entries")
        self.made.append(tensor)
        self._buffers[_storage(tensor)] = -len(self.made)
        return tensor

    def place(self, tensor: Tensor) -> int:
        """Return the place of a view of a known buffer."""
        name = (_storage(tensor), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
        if name not in self._known:
            self._known[name] = len(self._values)
            self._values.append(tensor)
        return self._known[name]

    def tensor(self, place: int) -> Tensor:
        """Return the tensor at a place."""
        return self._values[place]

    def constants(self, tensor: Tensor) -> int:
        """Return the place of numbers that are the same in every step, of one entry where all are equal."""
        tensor = tensor.detach().to(self.dtype)
        if tensor.numel() and bool((tensor == tensor.flatten()[0]).all()):
            return self.place(self.tensor(self.constant(tensor.flatten()[0].item())).expand(tensor.shape))
        return self.give(tensor.clone())

    def constant(self, value: float) -> int:
        """Return the place of one number."""
        name = ("constant", repr(float(value) + 0.0))
        if name not in self._done:
            place = self.give(torch.tensor(float(value) + 0.0, dtype=self.dtype))
            self._uniform[_storage(self.tensor(place))] = float(value)
            self._done[name] = place
        return self._done[name]

    def value(self, place: int) -> float | None:
        """Return the number that all entries of a constant are, `None` of everything else."""
        return self._uniform.get(_storage(self._values[place]))

    def whole(self, tensor: Tensor) -> int | None:
        """Return the number of the buffer that tasks made, if this is all of it, in order."""
        number = self._buffers[_storage(tensor)]
        full = number < 0 and tensor.is_contiguous() and tensor.numel() == self.made[-1 - number].numel()
        return number if full and tensor.storage_offset() == 0 else None

    def power(self, x: int, exponent: int) -> int:
        """Return a power, by products and roots where they do."""
        return Expressions.power(self, x, exponent)  # type: ignore[arg-type]

    def make(self, operation: str, *operands: int) -> int:
        """Return the place of an elementwise operation's result."""
        tensors = [self._values[x] for x in operands]
        shape = torch.broadcast_shapes(*(t.shape for t in tensors))
        numbers = [self.value(x) for x in operands]
        if None not in numbers:
            exact = [torch.tensor(n, dtype=torch.float64) for n in numbers]
            found = OPERATIONS[operation](*exact, *exact[:1] * (3 - len(exact))).item()
            return self.place(self.tensor(self.constant(found)).expand(shape))
        for neutral, i, j in _NEUTRAL.get(operation, ()):
            if numbers[j] == neutral and tensors[i].shape == shape:
                return operands[i]
        return self.compute(operation, operands, shape)

    def compute(self, operation: str, operands: Sequence[int], shape: Sequence[int]) -> int:
        """Write an elementwise operation down and return the place of its result."""
        name = (operation, *operands)
        if name not in self._done:
            out = self.blank(shape)
            self.write(operation, out, *(self._values[x] for x in operands))
            self._done[name] = self.place(out)
        return self._done[name]

    def write(self, operation: str, out: Tensor, *operands: Tensor) -> None:
        """Write an elementwise operation into a view of a buffer."""
        rows = [out, *(x.expand(out.shape) for x in operands)]
        shape, strides = _collapsed(out.shape, [row.stride() for row in rows], 0)
        views = [self._view(row, s) for row, s in zip(rows, strides)]
        self.tasks.append(Task(operation, shape, views[0], tuple(views[1:])))

    def sum(self, place: int, gone: Sequence[int]) -> int:
        """Return the sum over some axes, which stay with length 1."""
        x = self._values[place]
        shape = [1 if d in gone else n for d, n in enumerate(x.shape)]
        if math.prod(shape) == x.numel():
            return place
        out = self.blank(shape)
        self.write("move", out, self.tensor(self.constant(0.0)))
        spread = out.expand(x.shape)
        collapsed, strides = _collapsed(x.shape, [spread.stride(), x.stride()], 1)
        self.tasks.append(Task("sum", collapsed, self._view(out, strides[0]), (self._view(x, strides[1]),)))
        return self.place(out)

    def product(self, out: Tensor, a: Tensor, b: Tensor) -> None:
        """Write the product of matrices into a view of a buffer."""
        self._matrices("product", (1, a.shape[0], b.shape[1], a.shape[1]), out, a, b)

    def solve(self, out: Tensor, matrix: Tensor, b: Tensor, *, turned: bool = False) -> None:
        """Write the solution of a system, or of the transposed one, into a view of a buffer."""
        if matrix.stride(0) == 1:  # its transposed lies in rows: one factorisation for both
            matrix, turned = matrix.mT, not turned
        name = ("factor", self.place(matrix))
        if name not in self._done:
            factors = self.blank((len(matrix) + 1, len(matrix)))
            self._matrices("factor", (1, 1, 1, len(matrix)), factors, matrix)
            self._done[name] = self.place(factors)
        shape = (2 if turned else 1, 1, *b.shape)
        self._matrices("solve", shape, out, self.tensor(self._done[name]), b)  # type: ignore[arg-type]

    def _matrices(self, operation: str, shape: Four, *matrices: Tensor) -> None:
        views = [self._view(x, (0, 0, *x.stride())) for x in matrices]
        self.tasks.append(Task(operation, shape, views[0], tuple(views[1:])))

    def _view(self, tensor: Tensor, strides: Sequence[int]) -> View:
        a, b, c, d = strides
        return View(self._buffers[_storage(tensor)], int(tensor.storage_offset()), (a, b, c, d))


_NEUTRAL = {
    "add": ((0.0, 0, 1), (0.0, 1, 0)),
    "subtract": ((0.0, 0, 1),),
    "multiply": ((1.0, 0, 1), (1.0, 1, 0)),
    "divide": ((1.0, 0, 1),),
}
"""Numbers that change nothing: (number, which operand is the result, where the number stands)."""


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _collapsed(
    shape: Sequence[int], strides: Sequence[Sequence[int]], leader: int
) -> tuple[Four, list[Four]]:
    """Return an equal walk over at most four axes, along the memory of one of the tensors."""
    axes = [(n, [s[d] for s in strides]) for d, n in enumerate(shape) if n != 1]
    axes.sort(key=lambda axis: -axis[1][leader])
    merged: list[tuple[int, list[int]]] = []
    for n, s in axes:
        if merged and all(outer == n * inner for outer, inner in zip(merged[-1][1], s)):
            merged[-1] = (merged[-1][0] * n, s)
        else:
            merged.append((n, s))
    if len(merged) > 4:
        raise Untraceable(f"a walk over {len(merged)} axes")
    merged = [(1, [0] * len(strides))] * (4 - len(merged)) + merged
    a, b, c, d = (n for n, _ in merged)
    return (a, b, c, d), [tuple(s[i] for _, s in merged) for i in range(len(strides))]  # type: ignore

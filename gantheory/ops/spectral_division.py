"""Weights over their spectral norms: those of a whole network in one call, and one node of its graph."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from gantheory.ops import native
from gantheory.ops.define import in_transform
from gantheory.ops.spectral import native_stack, spectral_singular_triple


Sizes = tuple[int, int, int]  # how many matrices, their rows and columns


def divide_by_norms(
    weights: Sequence[Tensor],
    left: Sequence[Tensor],
    right: Sequence[Tensor],
    sizes: Sequence[Sizes],
    *,
    rounds: int,
    epsilon: float,
    tolerance: float | None,
    memory: Memory | None = None,
) -> Sequence[Tensor]:
    """Return every weight over its norm ``s = u'W v``, after an update of u and v in place.

    The update is ``rounds`` (none are possible) times ``u = W v / max(|W v|, epsilon)``,
    ``v = W'u / max(|W'u|, epsilon)``; with a ``tolerance`` it is the search of `spectral_norm` from v. u and
    v are constants in gradients. The results lie in ``memory``, or in fresh one.

    Shapes: of each weight ``(..., m, n_1, ...)``, of left ``(..., m)`` and of right ``(..., n_1 n_2 ...)``,
    contiguous; results as the weights, all of one dtype.
    """
    if in_transform() or not all(native.has_kernels(w) for w in weights):
        options = rounds, epsilon, tolerance
        return [_by_torch(w, u, v, *options) for w, u, v in zip(weights, left, right)]
    options = left, right, sizes, rounds, epsilon, tolerance, memory
    if torch.is_grad_enabled() and any(w.requires_grad for w in weights):
        return _Division.apply(*options, *weights)
    return _run(weights, *options)[0]


class Memory:
    """Room for large tensors, which serves again once all of them are gone.

    Fresh memory costs more than what is done to it: the system clears it page by page.
    """

    def __init__(self):
        self._free: list[np.ndarray] = []

    def like(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Return contiguous tensors of these shapes and of one dtype, not initialised."""
        offsets, end = [], 0
        for tensor in tensors:
            offsets.append(end)
            end += (tensor.nbytes + 63) // 64 * 64
        block = self._take(end)
        lease = _Lease(block)
        room = np.asarray(lease)
        weakref.finalize(lease, self._free.append, block).atexit = False
        dtype = np.float64 if tensors[0].dtype == torch.float64 else np.float32
        return [
            torch.from_numpy(np.ndarray(tuple(tensor.shape), dtype, room, offset))
            for tensor, offset in zip(tensors, offsets)
        ]

    def _take(self, size: int) -> np.ndarray:
        """A free block that begins where a vector register may."""
        while self._free:
            block = self._free.pop()
            if block.size == size:
                return block
        block = np.empty(size + 64, np.uint8)
        first = -block.ctypes.data % 64
        return block[first : first + size]

    def __deepcopy__(self, memo: dict) -> Memory:
        return Memory()


class _Lease:
    """What arrays in a block refer to, and so lives as long as any of them."""

    def __init__(self, block: np.ndarray):
        self.__array_interface__ = block.__array_interface__
        self.block = block


def _run(weights, left, right, sizes, rounds, epsilon, tolerance, memory, hold=False):
    """The results, and norms, u and v of all matrices in a row if they are to be held."""
    weights = [w.contiguous() for w in weights]
    out = memory.like(weights) if memory and weights[0].is_cpu else [torch.empty_like(w) for w in weights]
    if tolerance is not None:
        _search(weights, left, right, tolerance)
        rounds = 0
    held = weights[0].new_empty(sum(_held_by(size) for size in sizes)) if hold else None
    calls = _calls(weights, left, right, sizes, held, out)
    native.library.spectral_divide(native.table(out[0]), calls, rounds, epsilon, native.threads())
    return out, held


def _search(weights, left, right, tolerance):
    """Bring u and v up to the tolerance."""
    calls = [
        native_stack(w.view(*u.shape, -1), 1, u.data_ptr(), v.data_ptr(), v.data_ptr())
        for w, u, v in zip(weights, left, right)
    ]
    values = weights[0].new_empty(sum(call[4] for call in calls))
    native.library.spectral_top(
        native.table(values), calls, 1, tolerance, values.data_ptr(), native.threads()
    )


def _held_by(size: Sizes) -> int:
    count, rows, columns = size
    return count * (1 + rows + columns)


def _calls(weights, left, right, sizes, held, out) -> list[tuple[int, ...]]:
    """The native form; what is held lies matrix by matrix, each its norm, u and v."""
    calls, at = [], 0 if held is None else held.data_ptr()
    for w, u, v, (count, rows, columns), o in zip(weights, left, right, sizes, out):
        calls.append((w.data_ptr(), u.data_ptr(), v.data_ptr(), at, 0, o.data_ptr(), count, rows, columns))
        if at:
            at += count * (1 + rows + columns) * w.element_size()
    return calls


def _by_torch(weight, u, v, rounds, epsilon, tolerance) -> Tensor:
    matrix = weight.reshape(*u.shape, -1)
    with torch.no_grad():
        if tolerance is not None:
            _, *pair = spectral_singular_triple(matrix.detach(), tolerance=tolerance, start=v)
            u.copy_(pair[0])
            v.copy_(pair[1])
            rounds = 0
        for _ in range(rounds):
            u.copy_(functional.normalize(_product(matrix.detach(), v), dim=-1, eps=epsilon))
            v.copy_(functional.normalize(_product(matrix.detach().mT, u), dim=-1, eps=epsilon))
    return _over_norm(weight, u.clone(), v.clone())


def _product(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix @ vector[..., None])[..., 0]


def _over_norm(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    matrix = weight.reshape(*u.shape, -1)
    norm = (u * _product(matrix, v)).sum(-1)
    return (matrix / norm[..., None, None]).reshape(weight.shape)


class _Division(torch.autograd.Function):
    """W / (u'W v) for many W, with u and v held."""

    @staticmethod
    def forward(ctx, left, right, sizes, rounds, epsilon, tolerance, memory, *weights: Tensor):
        out, held = _run(weights, left, right, sizes, rounds, epsilon, tolerance, memory, hold=True)
        ctx.sizes = sizes
        ctx.save_for_backward(held, *weights)  # u and v of now: the next use moves the buffers on
        ctx.set_materialize_grads(False)
        return tuple(out)

    @staticmethod
    def backward(ctx, *gradients):
        held, *weights = ctx.saved_tensors
        wanted = [g is not None and need for g, need in zip(gradients, ctx.needs_input_grad[7:])]
        by_torch = torch.is_grad_enabled() or in_transform()
        pull = _pull_by_torch if by_torch else _pull
        return *(None for _ in range(7)), *pull(held, weights, gradients, ctx.sizes, wanted)


def _pull(held, weights, gradients, sizes, wanted):
    """G/s - (G.W) / s^2 u v' for each weight that wants it."""
    found, calls = [], []
    at = held.data_ptr()
    kept = []  # what the calls point at
    for weight, g, size, want in zip(weights, gradients, sizes, wanted):
        found.append(torch.empty_like(weight, memory_format=torch.contiguous_format) if want else None)
        if want:
            kept.append((weight.contiguous(), g.contiguous(), found[-1]))
            w, g, out = (t.data_ptr() for t in kept[-1])
            calls.append((w, 0, 0, at, g, out, *size))
        at += _held_by(size) * held.element_size()
    native.library.spectral_pull_division(native.table(held), calls, native.threads())
    return found


def _pull_by_torch(held, weights, gradients, sizes, wanted):
    found = []
    blocks = held.split([_held_by(size) for size in sizes])
    for weight, g, (count, rows, columns), block, want in zip(weights, gradients, sizes, blocks, wanted):
        _, u, v = block.reshape(count, -1).split((1, rows, columns), -1)
        shape = weight.shape
        found.append(None)
        if want:
            matrices = weight.reshape(count, rows, columns)
            norm = (u * _product(matrices, v)).sum(-1)[:, None, None]
            g = g.reshape(count, rows, columns)
            along = (g * matrices).sum((-2, -1), keepdim=True) / norm**2
            found[-1] = (g / norm - along * u[..., None] * v[:, None]).reshape(shape)
    return found

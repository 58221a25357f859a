"""Operations of a network on values that are affine on every cell of its latent plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.random import Key


@dataclass(frozen=True, eq=False)
class Pieces:
    """What a value of the network is on every cell: its constant and its two slopes, ``(m, 3, *shape)``."""

    rows: Tensor


class Bent(Exception):
    """An operation that is not known to be affine in pieces."""


class Cutting(Protocol):
    """What cuts cells."""

    def rows(self, value: Pieces | Tensor | float) -> Tensor:
        """Return a value, or a constant, on every cell."""
        ...

    def largest(self, parts: Sequence[Tensor]) -> Tensor:
        """Return the largest of several values on every cell, having cut the cells where they cross."""
        ...


def through_affine(operation: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
    """Return what an affine operation makes of its arguments; raises `Bent` where it is not affine."""
    leaves, spec = pytree.tree_flatten((args, kwargs))
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Pieces)]
    rows = [leaves[i].rows for i in places]

    def run(*values: Tensor) -> Any:
        given = list(leaves)
        for i, value in zip(places, values):
            given[i] = value
        inner, named = pytree.tree_unflatten(given, spec)
        return operation(*inner, **named)

    base = run(*(torch.zeros_like(value[0, 0]) for value in rows))
    if not all(isinstance(leaf, Tensor) and leaf.dtype == torch.float64 for leaf in pytree.tree_leaves(base)):
        raise Bent
    if not all(_is_affine(run, base, [value[0, 0] for value in rows], scale) for scale in (1e-3, 1.0, 1e6)):
        raise Bent

    def pieces(whole: Tensor, constant: Tensor) -> Pieces:
        return Pieces(torch.cat((whole[:, :1], whole[:, 1:] - constant), dim=1))

    return pytree.tree_map(pieces, torch.func.vmap(torch.func.vmap(run))(*rows), base)


def _is_affine(run: Callable[..., Any], base: Any, like: list[Tensor], scale: float) -> bool:
    """Whether ``f(x + 2 y) - f(x) = 2 (f(y) - f(0))`` and ``f(x) - f(0) = f(0) - f(-x)`` at random points."""
    key = Key(0).child(str(scale))
    x, y = (
        [
            scale * key.child(name, i).normal(value.numel(), dtype=value.dtype).reshape(value.shape)
            for i, value in enumerate(like)
        ]
        for name in "xy"
    )
    together = run(*(a + 2 * b for a, b in zip(x, y)))
    parts = run(*x), run(*y), run(*(-a for a in x))
    for f0, fs, fx, fy, back in zip(*(pytree.tree_leaves(value) for value in (base, together, *parts))):
        rounding = 1e-11 * (f0.abs() + fs.abs() + fx.abs() + fy.abs()).amax()
        if not ((fs - fx - 2 * fy + 2 * f0).abs() <= rounding).all():
            return False
        if not ((fx + back - 2 * f0).abs() <= rounding).all():
            return False
    return True


def _largest(walk: Cutting, *values: Any) -> Pieces:
    parts = [walk.rows(value) for value in values]
    most = max(part.dim() for part in parts)  # constants are broadcast behind cell and row
    parts = [part.reshape(*part.shape[:2], *(1,) * (most - part.dim()), *part.shape[2:]) for part in parts]
    return Pieces(walk.largest(parts))


def _smallest(walk: Cutting, *values: Any) -> Pieces:
    return _scaled(-1.0, _largest(walk, *(_scaled(-1.0, value) for value in values)))


def _scaled(factor: float, value: Any) -> Any:
    return Pieces(factor * value.rows) if isinstance(value, Pieces) else factor * value


def _leaky(walk: Cutting, x: Pieces, slope: float = 0.01) -> Pieces:
    return (_largest if slope <= 1 else _smallest)(walk, x, _scaled(slope, x))


def _clamped(walk: Cutting, x: Any, low: Any = None, high: Any = None) -> Pieces:
    x = x if low is None else _largest(walk, x, low)
    return x if high is None else _smallest(walk, x, high)


def _along(fold: Callable[..., Pieces]) -> Callable[..., Pieces]:
    def folded(walk: Cutting, x: Pieces, dims: int | Sequence[int] = (), keepdim: bool = False) -> Pieces:
        count = x.rows.dim() - 2
        axes = [dims] if isinstance(dims, int) else [*dims] or [*range(count)]
        axes = [2 + axis % count for axis in axes]
        found = fold(walk, *_slices(x, axes)).rows
        for axis in sorted(axes) if keepdim else ():
            found = found.unsqueeze(axis)
        return Pieces(found)

    return folded


def _slices(x: Pieces, axes: list[int]) -> Iterator[Pieces]:
    front = x.rows.movedim(axes, [*range(len(axes))]).flatten(0, len(axes) - 1)
    return (Pieces(part) for part in front)


def _with_place(fold: Callable[..., Pieces]) -> Callable[..., tuple[Pieces, None]]:
    return lambda walk, x, dim, keepdim=False: (_along(fold)(walk, x, dim, keepdim), None)


_aten = torch.ops.aten

FOLDS: dict[Any, Callable[..., Any]] = {
    _aten.relu.default: lambda walk, x: _largest(walk, x, 0.0),
    _aten.leaky_relu.default: _leaky,
    _aten.abs.default: lambda walk, x: _largest(walk, x, _scaled(-1.0, x)),
    _aten.maximum.default: _largest,
    _aten.minimum.default: _smallest,
    _aten.amax.default: _along(_largest),
    _aten.amin.default: _along(_smallest),
    _aten.max.dim: _with_place(_largest),
    _aten.min.dim: _with_place(_smallest),
    _aten.clamp.default: _clamped,
    _aten.hardtanh.default: lambda walk, x, low=-1.0, high=1.0: _clamped(walk, x, low, high),
    _aten.clamp_min.default: _largest,
    _aten.clamp_max.default: _smallest,
}
"""Maxima and minima of affine values, as activations of straight pieces are; without names of arguments."""

"""The cells of a generator that is affine in pieces, by a walk through the operations of its own forward pass."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree

from gantheory.models.exact_density.cells import RADIUS, Cells, cut
from gantheory.models.exact_density.operations import FOLDS, Bent, Pieces, through_affine
from gantheory.models.exact_density.polygons import square
from gantheory.random import Key


def affine_cells(generator: Callable[[Tensor], Tensor], dim: int) -> Cells | None:
    """Return the cells on which a function of latent vectors ``(n, dim)`` is affine; `None` where it has none.

    An operation of the function must be affine, which is tried out, or a maximum or minimum of values that are,
    as activations of straight pieces are: where its arguments cross, cells are cut.
    """
    try:
        graph = _traced(generator, Key(0).normal(1, dim, dtype=torch.float64))
    except Exception:  # user's code may hold anything that tracing does not understand
        return None
    walk = _Walk(dim)
    try:
        image = walk.through(graph)
    except Bent:
        return None
    offsets, slopes = image[:, 0], image[:, 1:].transpose(0, 2, 1)
    centres = walk.polygons[0].mean(1)
    expected = generator(torch.from_numpy(centres[:, :dim])).numpy()
    rounding = 1e-9 * (np.abs(slopes).sum(2) * np.abs(centres).max(1, keepdims=True) + np.abs(offsets) + 1)
    if not (np.abs(np.einsum("mij,mj->mi", slopes, centres) + offsets - expected) <= rounding).all():
        return None  # a single latent vector went another way than many together
    if dim == 1:
        idle = np.broadcast_to([[[0.0, 1.0]]], (len(slopes), 1, 2))
        slopes, offsets = np.concatenate((slopes, idle), axis=1), np.pad(offsets, ((0, 0), (0, 1)))
    return Cells(walk.polygons, slopes, offsets)


def _traced(generator: Callable[[Tensor], Tensor], z: Tensor) -> fx.GraphModule:
    """Return the operations from latent vectors on; what is made of parameters alone is a constant."""
    graph = make_fx(generator)(z)
    for node in graph.graph.nodes:
        if getattr(getattr(node.target, "_schema", None), "is_mutable", False):
            return make_fx(torch.func.functionalize(generator))(z)  # not for all: it knows no kernel of ours
    return graph


class _Walk:
    """The cells so far, and the values of the network on them that are still needed."""

    def __init__(self, dim: int):
        self.dim = dim
        self.polygons = square(RADIUS)
        self.values: dict[fx.Node, Any] = {}

    def through(self, graph: fx.GraphModule) -> np.ndarray:
        """Return what the graph makes of a latent vector, ``(m, 3, dim)``."""
        order = {node: i for i, node in enumerate(graph.graph.nodes)}
        for node, i in order.items():
            if node.op == "output":
                return self.rows(self.values[node.args[0]])[:, :, 0].numpy()  # type: ignore[index]
            self.values[node] = self._value(graph, node)
            done = [old for old in self.values if all(order[user] <= i for user in old.users)]
            for old in done:
                del self.values[old]
        raise Bent

    def _value(self, graph: fx.GraphModule, node: fx.Node) -> Any:
        if node.op == "placeholder":
            slopes = torch.eye(2, dtype=torch.float64)[:, : self.dim]
            return Pieces(torch.cat((torch.zeros_like(slopes[:1]), slopes))[None, :, None])
        if node.op == "get_attr":
            return getattr(graph, str(node.target))
        given: Any = fx.map_arg((node.args, node.kwargs), lambda other: self.values[other])
        args, kwargs = given
        if node.target is operator.getitem:
            return args[0][args[1]]
        if not any(isinstance(leaf, Pieces) for leaf in pytree.tree_leaves(given)):
            return node.target(*args, **kwargs)  # type: ignore[operator]
        folded = FOLDS.get(node.target)
        if folded is not None and not kwargs:
            return folded(self, *args)
        return through_affine(node.target, args, kwargs)  # type: ignore[arg-type]

    def rows(self, value: Pieces | Tensor | float) -> Tensor:
        """Return a value, or a constant, on every cell: ``(m, 3, *shape)``."""
        if isinstance(value, Pieces):
            return value.rows
        constant = torch.as_tensor(value, dtype=torch.float64)
        rows = torch.stack((constant, *(torch.zeros_like(constant),) * 2))
        return rows.expand(len(self.polygons[0]), *rows.shape)

    def largest(self, parts: Sequence[Tensor]) -> Tensor:
        """Return the largest of several values, entry by entry; cells are cut where two of them cross."""
        best, *others = parts
        while others:
            best, other = torch.broadcast_tensors(best, others[0])
            origin = self._cut(best - other)
            best, other, *others = (part[origin] for part in (best, other, *others[1:]))
            centre = torch.from_numpy(np.insert(self.polygons[0].mean(1), 0, 1.0, axis=1))
            higher = torch.einsum("mr,mr...->m...", centre, best - other) > 0
            best = torch.where(higher[:, None], best, other)
        return best

    def _cut(self, rows: Tensor) -> np.ndarray:
        """Cut the cells where an entry of a value ``(m, 3, *shape)`` is 0; return which one each piece is of."""
        heights = rows.flatten(2).numpy()
        origin = np.arange(len(heights))
        for unit in range(heights.shape[2]):
            self.polygons, split = cut(self.polygons, heights[origin, 1:, unit], heights[origin, 0, unit])
            origin = origin[split]
        if len(origin) > len(heights):
            for node, value in self.values.items():
                self.values[node] = pytree.tree_map_only(Pieces, lambda old: Pieces(old.rows[origin]), value)
        return origin

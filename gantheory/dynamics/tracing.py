"""Repeated calls of one function, as the flat list of tensor operations that it comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree


WARM = 40
"""The number of ordinary calls before tracing, which takes as long as some hundred of them."""


class Traced:
    """A pure function of tensors, traced once it has been called often with tensors of one shape.

    The trace runs the same operations in the same order, so the bits are those of the ordinary call; what
    it spares is vmap's and autograd's bookkeeping, about half of a small network's time. What cannot be
    traced takes the ordinary path for good.
    """

    def __init__(self, function: Callable[..., Any]):
        self.function = function
        self.calls = 0
        self.shapes: Any = None
        self.graph: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls == WARM:
            self._trace(arguments)
        if self.graph is None or _shapes(arguments) != self.shapes:
            return self.function(*arguments)
        with torch.no_grad():  # the gradients' operations are in the graph
            return self.graph(*arguments)

    def _trace(self, arguments: tuple[Any, ...]) -> None:
        try:
            graph = make_fx(self.function)(*arguments)
            drop_idle_views(graph)
        except Exception:  # user's code may hold anything that tracing does not understand
            return
        self.graph, self.shapes = graph, _shapes(arguments)


_VIEWS = {
    torch.ops.aten.detach.default,
    torch.ops.aten.expand.default,
    torch.ops.aten.view.default,
    torch.ops.aten._unsafe_view.default,
}


def drop_idle_views(graph: torch.fx.GraphModule) -> None:
    """Take out the views that change neither shape nor strides: a third of what vmap and autograd leave."""
    for node in graph.graph.nodes:
        if node.target in _VIEWS:
            before, after = node.args[0].meta["val"], node.meta["val"]
            if before.shape == after.shape and before.stride() == after.stride():
                node.replace_all_uses_with(node.args[0])
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _shapes(arguments: tuple[Any, ...]) -> list[Any]:
    return [
        (leaf.shape, leaf.dtype, leaf.device) if isinstance(leaf, Tensor) else leaf
        for leaf in pytree.tree_leaves(arguments)
    ]

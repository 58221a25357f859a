"""The shortest tree through a set of points."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.kernels import safe_root
from gantheory.ops.pairs import call, check_points, squares


def minimum_spanning_tree(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the edges of a shortest tree through the points, the shortest edge first, and their lengths.

    The lengths are those at which single-linkage clustering joins clusters, and at which the
    zero-dimensional persistent homology dies: the points are connected at scale r where all lengths are
    at most r. Prim's algorithm, n^2 / 2 distances and no matrix. The lengths are differentiable, with
    gradient 0 at length 0.

    Shapes: x ``(..., n, d)``, float32 or float64, finite; results ``(..., n - 1, 2)`` int64, the smaller
    index first, and ``(..., n - 1)``, ascending (none for n < 2). Raises `ValueError` for shapes or dtypes
    that do not fit.

    Reference: Prim (1957); Gower and Ross (1969) for single linkage.

    Example:
        >>> minimum_spanning_tree(torch.tensor([[0.0], [5.0], [1.0], [3.0]]))
        (tensor([[0, 2], [1, 3], [2, 3]]), tensor([1., 2., 2.]))
    """
    x, _ = check_points(x, x)
    operation = _tree if native.runs(x) else _tree_reference
    return _sorted(x, operation(x.detach()))


def minimum_spanning_tree_reference(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the same as `minimum_spanning_tree` by plain torch, holding all n^2 d differences."""
    return _sorted(x, _tree_reference(x.detach()))


def _sorted(x: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
    ends = [x.gather(-2, edges[..., k, None].expand(*edges.shape[:-1], x.shape[-1])) for k in (0, 1)]
    lengths = safe_root((ends[0] - ends[1]).square().sum(-1))
    lengths, order = lengths.sort(dim=-1, stable=True)
    edges = edges.sort(-1)[0].gather(-2, order[..., None].expand(*order.shape, 2))
    return edges, lengths


def _tree_reference(x: Tensor) -> Tensor:
    n = x.shape[-2]
    square = squares(x, x)
    last = torch.full(x.shape[:-2], n - 1, device=x.device)
    nearest, origin = (
        square.new_full(x.shape[:-1], torch.inf),
        torch.zeros_like(square[..., 0], dtype=torch.long),
    )
    outside = torch.ones_like(nearest, dtype=torch.bool)
    edges = []
    for _ in range(n - 1):
        outside = outside.scatter(-1, last[..., None], False)
        row = square.gather(-2, last[..., None, None].expand(*x.shape[:-2], 1, n))[..., 0, :]
        closer = row < nearest
        nearest, origin = torch.where(closer, row, nearest), torch.where(closer, last[..., None], origin)
        last = torch.where(outside, nearest, torch.inf).argmin(-1)
        edges.append(torch.stack([origin.gather(-1, last[..., None])[..., 0], last], dim=-1))
    return torch.stack(edges, dim=-2) if edges else _fake(x)


def _kernel(x: Tensor) -> Tensor:
    x = x.contiguous()
    edges = _fake(x)
    if edges.numel():
        native.library.pairwise_tree(call(x, x, 0), edges.data_ptr())
    return edges


def _fake(x: Tensor) -> Tensor:
    return x.new_empty((*x.shape[:-2], max(0, x.shape[-2] - 1), 2), dtype=torch.int64)


def _pullback(gradients, inputs, indices, wanted):
    return (None,)


_tree = define_op("minimum_spanning_tree(Tensor x) -> Tensor", _kernel, _fake, _pullback)

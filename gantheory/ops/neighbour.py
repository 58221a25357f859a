"""The nearest of a set of points, one or several."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.kernels import safe_root
from gantheory.ops.pairs import call, check_points, check_precision, squares


_MOST = 64


def nearest(x: Tensor, y: Tensor, *, precision: str = "full") -> tuple[Tensor, Tensor]:
    """Return for every point of x the index of the nearest point of y, and its distance.

    ``index_i = argmin_j |x_i - y_j|``, the smallest index among equals (of the squared distance as
    computed), and ``distance_i = |x_i - y_index_i|``. The distance is differentiable in x and y, with
    gradient 0 at distance 0. A point with a NaN is never nearest. Memory O((n + m) d). ``precision`` is
    that of `pairwise_distance`: with ``"tf32"`` the nearest is that of the distances as computed.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)`` with m >= 1, float32 or float64, leading axes broadcast;
    results ``(..., n)``, int64 and x's dtype. Raises `ValueError` for shapes or dtypes that do not fit.

    Reference: Fix and Hodges (1951).

    Example:
        >>> nearest(torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [3.0], [0.0]]))
        (tensor([2, 0]), tensor([0., 1.]))
    """
    index, distance = knn(x, y, 1, precision=precision)
    return index[..., 0], distance[..., 0]


def nearest_reference(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the same as `nearest` by plain torch, holding all n m d differences."""
    index, distance = knn_reference(x, y, 1)
    return index[..., 0], distance[..., 0]


def knn(
    x: Tensor, y: Tensor | None = None, k: int = 1, *, exclude_self: bool = False, precision: str = "full"
):
    """Return for every point of x the indices of the k nearest points of y (or of x), and the distances.

    Ascending; the smaller index first among equals (of the squared distance as computed). With
    ``exclude_self``, point i of y does not count for point i of x. The distances are differentiable in x
    and y, with gradient 0 at distance 0. A point with a NaN comes last. Memory O((n + m) d + n k). Where
    both sets have 1024 points or more, they are put in the order of a k-d tree and boxes that are too far
    away are passed over, which changes no bit of the result. ``precision`` is that of `nearest`.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, float32 or float64, leading axes broadcast, k from 1 to
    64 and to the number of points that count; results ``(..., n, k)``, int64 and x's dtype. Raises
    `ValueError` for shapes, dtypes or a k that do not fit.

    Reference: Fix and Hodges (1951); Friedman, Bentley, Finkel (1977) for the tree.

    Example:
        >>> knn(torch.tensor([[0.0], [1.0], [3.0]]), k=2, exclude_self=True)
        (tensor([[1, 2], [0, 2], [1, 0]]), tensor([[1., 3.], [1., 2.], [2., 3.]]))
    """
    x, y = check_points(x, x if y is None else y)
    _check_count(x, y, k, exclude_self)
    fast = check_precision(precision, x)
    if not native.runs(x):
        return knn_reference(x, y, k, exclude_self=exclude_self)
    return _knn(x, y, k, exclude_self, fast)


def knn_reference(x: Tensor, y: Tensor | None = None, k: int = 1, *, exclude_self: bool = False):
    """Return the same as `knn` by plain torch, holding all n m d differences."""
    square = squares(x, x if y is None else y)
    keys = torch.where(square.isnan(), torch.inf, square)
    if exclude_self:
        own = torch.eye(*square.shape[-2:], dtype=torch.bool, device=square.device)
        # own points come after infinite distances: these sort equal, and the later index goes last
        keys, at = keys.masked_fill(own, torch.inf).sort(dim=-1, stable=True)
        last = (at == torch.arange(at.shape[-2], device=at.device)[:, None]).long()
        index = at.gather(-1, last.sort(dim=-1, stable=True)[1])[..., :k]
    else:
        index = keys.sort(dim=-1, stable=True)[1][..., :k]
    found = square.gather(-1, index)
    return index, safe_root(torch.where(found.isnan(), torch.inf, found))


def _check_count(x: Tensor, y: Tensor, k: int, exclude_self: bool) -> None:
    m = y.shape[-2]
    if exclude_self and x.shape[-2] != m:
        raise ValueError(f"exclude_self needs as many points in x as in y, got {x.shape[-2]} and {m}")
    if m == 0:
        raise ValueError("y must hold between 1 and 2^31 - 1 points, but holds 0")
    most = min(_MOST, m - exclude_self)
    if not 1 <= k <= most:
        raise ValueError(f"k must lie between 1 and {most} for {m} points, got {k}")


def _kernel(x: Tensor, y: Tensor, k: int, exclude_self: bool, fast: bool) -> tuple[Tensor, Tensor]:
    x, y = x.contiguous(), y.contiguous()
    index, distance = _fake(x, y, k, exclude_self, fast)
    pairs = call(x, y, 0, fast=fast)
    native.library.pairwise_nearest(pairs, k, exclude_self, index.data_ptr(), distance.data_ptr())
    return index, distance


def _fake(x: Tensor, y: Tensor, k: int, exclude_self: bool, fast: bool) -> tuple[Tensor, Tensor]:
    shape = (*x.shape[:-1], k)
    return x.new_empty(shape, dtype=torch.int64), x.new_empty(shape)


def _pullback(gradients, inputs, indices, wanted):
    (x, y, *_), (index,) = inputs, indices
    at = index.flatten(-2)[..., None].expand(*x.shape[:-2], -1, x.shape[-1])
    difference = x[..., :, None, :] - y.gather(-2, at).reshape(*index.shape, -1)
    distance = safe_root(difference.square().sum(-1))
    force = gradients[1] / torch.where(distance == 0, 1, distance)
    pulled = force[..., None] * difference
    return pulled.sum(-2), torch.zeros_like(y).scatter_add(-2, at, -pulled.flatten(-3, -2))


_knn = define_op(
    "knn(Tensor x, Tensor y, int k, bool exclude_self, bool fast) -> (Tensor, Tensor)",
    _kernel,
    _fake,
    _pullback,
)

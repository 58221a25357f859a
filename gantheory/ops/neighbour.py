"""The nearest of a set of points."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.pairs import check_points, differences, safe_root, sizes


def nearest(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return for every point of x the index of the nearest point of y, and its distance.

    ``index_i = argmin_j |x_i - y_j|``, the smallest index among equals (of the squared distance as
    computed), and ``distance_i = |x_i - y_index_i|``. The distance is differentiable in x and y, with
    gradient 0 at distance 0. A point with a NaN is never nearest. Memory O((n + m) d).

    Shapes: x ``(..., n, d)``, y ``(..., m, d)`` with m >= 1, float32 or float64, leading axes broadcast;
    results ``(..., n)``, int64 and x's dtype. Raises `ValueError` for shapes or dtypes that do not fit.

    Reference: Fix and Hodges (1951).

    Example:
        >>> nearest(torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [3.0], [0.0]]))
        (tensor([2, 0]), tensor([0., 1.]))
    """
    x, y = check_points(x, y)
    if not 1 <= y.shape[-2] < 2**31:
        raise ValueError(f"y must hold between 1 and 2^31 - 1 points, but holds {y.shape[-2]}")
    if not native.runs(x):
        return nearest_reference(x, y)
    return _nearest(x, y)


def nearest_reference(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the same as `nearest` by plain torch, holding all n m d differences."""
    square = differences(x, y).square().sum(-1)
    index = torch.where(square.isnan(), torch.inf, square).argmin(-1)
    return index, safe_root(square.gather(-1, index[..., None])[..., 0])


def _kernel(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    x, y = x.contiguous(), y.contiguous()
    index, distance = _fake(x, y)
    native.library.pairwise_nearest(
        x.dtype == torch.float64,
        x.data_ptr(),
        y.data_ptr(),
        sizes(x, y),
        index.data_ptr(),
        distance.data_ptr(),
        native.threads(),
    )
    return index, distance


def _fake(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return x.new_empty(x.shape[:-1], dtype=torch.int64), x.new_empty(x.shape[:-1])


def _pullback(gradients, inputs, indices, wanted):
    (x, y), (index,) = inputs, indices
    at = index[..., None].expand(x.shape)
    difference = x - y.gather(-2, at)
    distance = safe_root(difference.square().sum(-1))
    pulled = (gradients[1] / torch.where(distance == 0, 1, distance))[..., None] * difference
    return pulled, torch.zeros_like(y).scatter_add(-2, at, -pulled)


_nearest = define_op("nearest(Tensor x, Tensor y) -> (Tensor, Tensor)", _kernel, _fake, _pullback)

"""How many points lie within reach."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.define import define_op
from gantheory.ops.pairs import call, check_points, check_precision, squares, with_per_point


def radius_count(
    x: Tensor,
    y: Tensor | None = None,
    radius: float | Tensor = 1.0,
    *,
    exclude_self: bool = False,
    precision: str = "full",
) -> Tensor:
    """Return for every point of x how many points of y (or of x) have it within their radius.

    ``c_i = #{j : |x_i - y_j| <= r_j}``, compared by squares as computed. One number for all, or a radius
    for every point of y: c_i > 0 says whether x_i lies in the union of balls around y. With
    ``exclude_self``, point i of y does not count for point i of x. A point with a NaN is within no reach.
    Memory O((n + m) d); no gradient. ``precision`` is that of `pairwise_distance`: with ``"tf32"`` a point
    counts or not whose squared distance is within 2^-8 of the radius's square.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, radius a number >= 0 or ``(..., m)``, float32 or float64,
    leading axes broadcast; result ``(..., n)`` int64. Raises `ValueError` for shapes, dtypes or radii that
    do not fit.

    Reference: Kynkaanniemi, Karras, Laine, Lehtinen, Aila (2019), for the balls of a manifold's estimate.

    Example:
        >>> radius_count(torch.tensor([[0.0], [1.0], [3.0]]), radius=2.0)
        tensor([2, 3, 2])
    """
    x, other = check_points(x, x if y is None else y)
    if exclude_self and x.shape[-2] != other.shape[-2]:
        raise ValueError(
            f"exclude_self needs as many points in x as in y, got {x.shape[-2]} and {other.shape[-2]}"
        )
    if not isinstance(radius, Tensor) and not radius >= 0:
        raise ValueError(f"radius must be at least 0, got {radius}")
    x, other, reach = with_per_point(x, other, _per_point(radius, other), "radius")
    operation = _count if native.runs(x) else _reference
    fast = check_precision(precision, x)
    return operation(x.detach(), other.detach(), _signed_square(reach.detach()), exclude_self, fast)


def radius_count_reference(
    x: Tensor, y: Tensor | None = None, radius: float | Tensor = 1.0, *, exclude_self: bool = False
) -> Tensor:
    """Return the same as `radius_count` by plain torch, holding all n m d differences."""
    other = x if y is None else y
    return _reference(x, other, _signed_square(_per_point(radius, other)), exclude_self)


def _per_point(radius: float | Tensor, y: Tensor) -> Tensor:
    return radius if isinstance(radius, Tensor) else y.new_full(y.shape[-2:-1], float(radius))


def _signed_square(reach: Tensor) -> Tensor:
    """A negative radius reaches nothing, not even the point itself."""
    return reach * reach.abs()


def _reference(x: Tensor, y: Tensor, reach: Tensor, exclude_self: bool, fast: bool = False) -> Tensor:
    inside = squares(x, y) <= reach[..., None, :]
    if exclude_self:
        inside = inside & ~torch.eye(*inside.shape[-2:], dtype=torch.bool, device=inside.device)
    return inside.sum(-1)


def _kernel(x: Tensor, y: Tensor, reach: Tensor, exclude_self: bool, fast: bool) -> Tensor:
    x, y, reach = x.contiguous(), y.contiguous(), reach.contiguous()
    count = _fake(x, y, reach, exclude_self, fast)
    pairs = call(x, y, 0, fast=fast)
    native.library.pairwise_within(pairs, reach.data_ptr(), exclude_self, count.data_ptr())
    return count


def _fake(x: Tensor, y: Tensor, reach: Tensor, exclude_self: bool, fast: bool) -> Tensor:
    return x.new_empty(x.shape[:-1], dtype=torch.int64)


def _pullback(gradients, inputs, indices, wanted):
    return None, None, None


_count = define_op(
    "radius_count(Tensor x, Tensor y, Tensor reach, bool exclude_self, bool fast) -> Tensor",
    _kernel,
    _fake,
    _pullback,
)

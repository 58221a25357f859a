"""Transport on the line, in closed form, and its average over projections."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.ops.pairs import broadcast, check_points


def wasserstein_1d(
    x: Tensor, y: Tensor, *, p: float = 2.0, a: Tensor | None = None, b: Tensor | None = None
) -> Tensor:
    """Return the p-th power of the Wasserstein-p distance between weighted points on the line.

    ``W_p^p = integral_0^1 |F^-1(q) - G^-1(q)|^p dq``, with F and G the weighted distribution functions.
    Weights are scaled to sum 1; uniform by default. Differentiable in x, y, a and b.

    Shapes: x ``(..., n)``, y ``(..., m)``, a ``(..., n)``, b ``(..., m)``, float32 or float64, leading axes
    broadcast, n and m at least 1; result ``(...)``. Raises `ValueError` for what does not fit and p < 1.

    Reference: Peyre and Cuturi (2019), section 2.6.

    Example:
        >>> wasserstein_1d(torch.tensor([0.0, 1.0]), torch.tensor([5.0]), p=1)
        tensor(4.5000)
    """
    if not p >= 1:
        raise ValueError(f"p must be at least 1, but is {p}")
    x, y = (points[..., 0] for points in check_points(x[..., None], y[..., None]))
    if x.shape[-1] == 0 or y.shape[-1] == 0:
        raise ValueError(f"x and y must hold at least one point, but hold {x.shape[-1]} and {y.shape[-1]}")
    if a is None and b is None and x.shape[-1] == y.shape[-1]:
        return _power(x.sort(-1).values - y.sort(-1).values, p).mean(-1)
    x, a = _ordered(x, a, "a")
    y, b = _ordered(y, b, "b")
    lead = broadcast(x.shape[:-1], y.shape[:-1], "y")
    x, a, y, b = (t.expand(*lead, t.shape[-1]).contiguous() for t in (x, a, y, b))
    # Between two neighbouring levels of either distribution function both quantiles are constant.
    levels = torch.cat((a, b), -1).sort(-1).values
    with torch.no_grad():
        starts = torch.cat((torch.zeros_like(levels[..., :1]), levels[..., :-1]), -1)
        middle = (starts + levels) / 2
        i = torch.searchsorted(a.detach(), middle).clamp_max(x.shape[-1] - 1)
        j = torch.searchsorted(b.detach(), middle).clamp_max(y.shape[-1] - 1)
    widths = torch.diff(levels, dim=-1, prepend=torch.zeros_like(levels[..., :1]))
    return (widths * _power(x.gather(-1, i) - y.gather(-1, j), p)).sum(-1)


def sliced_wasserstein(
    x: Tensor,
    y: Tensor,
    directions: Tensor,
    *,
    p: float = 2.0,
    a: Tensor | None = None,
    b: Tensor | None = None,
) -> Tensor:
    """Return the p-th power of the sliced Wasserstein-p distance, averaged over the given directions.

    ``SW_p^p = mean_u W_p^p(u.x, u.y)``. Directions are taken as they are: draw them uniform on the sphere
    for the usual distance. Differentiable in everything; sorts of all directions run as one batch.

    Shapes: x ``(..., n, d)``, y ``(..., m, d)``, directions ``(k, d)``, a ``(..., n)``, b ``(..., m)``,
    float32 or float64, leading axes broadcast; result ``(...)``. Raises `ValueError` for what does not fit.

    Reference: Bonneel, Rabin, Peyre and Pfister (2015).

    Example:
        >>> import torch
        >>> x = torch.zeros(3, 2)
        >>> sliced_wasserstein(x, x + 1.0, torch.eye(2))
        tensor(1.)
    """
    x, y = check_points(x, y)
    if directions.ndim != 2 or directions.shape[0] == 0 or directions.shape[1] != x.shape[-1]:
        raise ValueError(
            f"directions must be (k, {x.shape[-1]}) with k at least 1, but are {tuple(directions.shape)}"
        )
    weights = [None if w is None else w[..., None, :] for w in (a, b)]
    slices = [(points @ directions.mT).mT for points in (x, y)]
    return wasserstein_1d(*slices, p=p, a=weights[0], b=weights[1]).mean(-1)


def _power(gap: Tensor, p: float) -> Tensor:
    if p == 1:
        return gap.abs()
    return gap.square() if p == 2 else gap.abs().pow(p)


def _ordered(x: Tensor, weights: Tensor | None, name: str) -> tuple[Tensor, Tensor]:
    """Return sorted points with their distribution function."""
    if weights is None:
        n = x.shape[-1]
        levels = torch.arange(1, n + 1, dtype=x.dtype, device=x.device) / n
        return x.sort(-1).values, levels.expand(x.shape)
    if weights.shape[-1:] != x.shape[-1:] or weights.dtype != x.dtype or weights.device != x.device:
        raise ValueError(
            f"{name} must be (..., {x.shape[-1]}) in {x.dtype} on {x.device}, but is {tuple(weights.shape)} "
            f"in {weights.dtype} on {weights.device}"
        )
    lead = broadcast(x.shape[:-1], weights.shape[:-1], name)
    x, weights = x.expand(*lead, x.shape[-1]), weights.expand(*lead, x.shape[-1])
    x, order = x.sort(-1)
    total = weights.gather(-1, order).cumsum(-1)
    return x, total / total[..., -1:]

"""What a mixture of Gaussians is fitted with: its maximisation step, and means far apart to begin at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor


if TYPE_CHECKING:
    from gantheory.random import Key


def weighted_parts(r: Tensor, x: Tensor, floor: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return weights, means and covariances of points ``(n, d)`` shared out by ``r`` ``(n, K)``.

    ``floor`` is added to all variances. A component without any points is left with the least weight there is.
    """
    counts = r.sum(0).clamp(min=len(x) * torch.finfo(x.dtype).tiny)
    means = r.T @ x / counts[:, None]
    aside = x[:, None] - means
    covariances = torch.einsum("nk,nki,nkj->kij", r, aside, aside) / counts[:, None, None]
    eye = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    return counts / len(x), means, covariances + floor * eye


def spread_points(x: Tensor, count: int, key: Key) -> Tensor:
    """Return ``count`` of the points ``(n, d)``, each drawn with the squared distance to the nearest as weight.

    Reference: Arthur, Vassilvitskii (2007), k-means++.
    """
    u = key.uniform(count, dtype=torch.float64).to(x.device)
    chosen, nearest = x[:0], x.new_ones(len(x), dtype=torch.float64)
    for i in range(count):
        ends = nearest.cumsum(0)
        row = torch.searchsorted(ends, u[i] * ends[-1]).clamp(max=len(x) - 1)
        chosen = torch.cat((chosen, x[row][None]))
        away = (x - x[row]).double().square().sum(-1)
        nearest = away if i == 0 else torch.minimum(nearest, away)
    return chosen

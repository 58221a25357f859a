"""Expectation maximisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gantheory.models.gaussian_mixture_model import GaussianMixtureModel
from gantheory.shapes import dims


if TYPE_CHECKING:
    from gantheory.random import Key


def fit_em(
    model: GaussianMixtureModel,
    x: Tensor,
    *,
    steps: int = 100,
    ridge: float = 1e-6,
    start: Tensor | None = None,
    key: Key,
) -> Tensor:
    """Return the parameters ``(*batch, size)`` of a Gaussian mixture fitted to points by expectation maximisation.

    Equation: with ``r_ik = q(k | x_i)``, a step sets ``w_k = mean_i r_ik``, ``m_k`` and ``S_k`` to the mean and the
    covariance of the points weighted by ``r_ik``, and adds ``ridge`` times the mean variance of the data to the
    variances. With ``ridge=0`` no step lowers the likelihood of the points; a component may then end on a
    single point, where it has no maximum.

    ``x`` is ``(n, dim)``. Without ``start``, means are points far apart (k-means++), covariances those of all
    points over the number of components, and weights equal. A batch of keys makes independent fits, ``start``
    then has one row each. Computed in float64, returned in the dtype of ``x``.

    Raises `ValueError` for points of other dimensions, fewer points than components, a negative number of
    steps or ridge.

    Reference: Dempster, Laird, Rubin (1977); Arthur, Vassilvitskii (2007) for the start.

    Example:
        >>> from gantheory import Key, Ring
        >>> model, points = GaussianMixtureModel(2, components=8), Ring(scale=0.1).sample(2000, Key(0))
        >>> w = fit_em(model, points, key=Key(1).split(4))
        >>> bool(max(model.log_prob(row, points).mean() for row in w) > -0.6)
        True
    """
    (n,) = dims(x, f"n {model.dim}")
    if n < model.components or steps < 0 or ridge < 0:
        raise ValueError(
            f"fit_em needs at least {model.components} points, steps and a ridge of at least 0, got {n}, {steps}, "
            f"{ridge}"
        )
    points = x.detach().double()
    floor = ridge * points.var(0, correction=0).mean()
    if len(key.batch) > 1:
        raise ValueError(f"fit_em takes a key or one batch of keys, got a batch of shape {key.batch}")
    if start is None:
        keys = [key[i] for i in range(*key.batch)] if key.batch else [key]
        start = torch.stack([_start(model, points, single) for single in keys])
        start = start if key.batch else start[0]
    w = start.detach().double()

    def step(row: Tensor) -> Tensor:
        return _step(model, row, points, floor)

    for _ in range(steps):
        w = torch.func.vmap(step)(w) if w.dim() == 2 else step(w)
    return w.to(x.dtype)


def _step(model: GaussianMixtureModel, w: Tensor, x: Tensor, floor: Tensor) -> Tensor:
    r = model.call(w, x, method="joint_log_prob").softmax(-1)
    counts = r.sum(0) + torch.finfo(x.dtype).tiny
    means = r.T @ x / counts[:, None]
    aside = x[:, None] - means
    covariances = torch.einsum("nk,nki,nkj->kij", r, aside, aside) / counts[:, None, None]
    eye = torch.eye(model.dim, dtype=x.dtype, device=x.device)
    return model.pack((counts / len(x), means, covariances + floor * eye))


def _start(model: GaussianMixtureModel, x: Tensor, key: Key) -> Tensor:
    """Means by k-means++: each next one is a point drawn with the squared distance to the nearest as weight."""
    u = key.child("means").uniform(model.components, dtype=torch.float64).to(x.device)
    means, nearest = x[:0], x.new_ones(len(x))
    for i in range(model.components):
        ends = nearest.cumsum(0)
        chosen = torch.searchsorted(ends, u[i] * ends[-1]).clamp(max=len(x) - 1)
        means = torch.cat((means, x[chosen][None]))
        away = (x - x[chosen]).square().sum(-1)
        nearest = away if i == 0 else torch.minimum(nearest, away)
    spread = x.T.cov(correction=0).reshape(model.dim, model.dim) / model.components
    weights = x.new_full((model.components,), 1 / model.components)
    return model.pack((weights, means, spread.expand(model.components, -1, -1)))

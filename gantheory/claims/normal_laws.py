"""Gaussians as plain data, for instances of claims."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory.distributions import GaussianMixture


Normal = tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]
"""A mean and the rows of a covariance."""

Points = tuple[tuple[float, ...], ...]


def points(dim: int, count: int, *, size: int = 30) -> st.SearchStrategy[Points]:
    """Draw so many points on a grid of tenths, up to ``size`` tenths from 0."""
    number = st.integers(-size, size).map(lambda tenths: tenths / 10)
    return st.lists(st.tuples(*[number] * dim), min_size=count, max_size=count).map(tuple)


def normals(dim: int) -> st.SearchStrategy[Normal]:
    """Draw a Gaussian: a mean, and the covariance ``R R' + 1/4`` of a root R of tenths."""

    def made(drawn: tuple[Points, Points]) -> Normal:
        (mean,), root = drawn[0], np.array(drawn[1])
        covariance = (root @ root.T + 0.25 * np.eye(dim)).round(4)
        return mean, tuple(map(tuple, covariance.tolist()))

    return st.tuples(points(dim, 1), points(dim, dim, size=15)).map(made)


def law(normal: Normal) -> GaussianMixture:
    """Return the Gaussian as a distribution."""
    return GaussianMixture((normal[0],), (normal[1],))


def moments(normal: Normal) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean ``(d,)`` and covariance ``(d, d)`` as tensors."""
    return torch.tensor(normal[0], dtype=torch.float64), torch.tensor(normal[1], dtype=torch.float64)

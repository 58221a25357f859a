"""A piecewise linear generator, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gantheory.models.exact_density.lookup import pairs_in_boxes
from gantheory.models.exact_density.polygons import Polygons, clip, join, normal_mass


RADIUS = 1e4
"""Latent vectors beyond this have a density below exp(-5e7): no number holds it."""

_ON_THE_LINE = 1e-13
_SINGULAR = 1e-12


@dataclass(frozen=True)
class Cells:
    """The cells ``polygons`` of a generator that is ``slopes z + offsets`` on each: ``(m, 2, 2)``, ``(m, 2)``.

    In one dimension the second coordinate is idle: it is handed through.
    """

    polygons: Polygons
    slopes: np.ndarray
    offsets: np.ndarray

    @property
    def singular(self) -> np.ndarray:
        """Which cells ``(m,)`` are mapped to a line or a point."""
        size = np.square(self.slopes).sum((1, 2))
        return np.abs(np.linalg.det(self.slopes)) <= _SINGULAR * size

    def singular_mass(self) -> float:
        """The probability of those cells."""
        return float(normal_mass(self.polygons)[self.singular].sum())

    def preimages(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the number of the point, the latent vector and log |det| of every preimage of points."""
        regular = np.flatnonzero(~self.singular)
        (vertices, _), slopes = self.polygons, self.slopes[regular]
        corners = vertices[regular]
        offsets, inverses = self.offsets[regular], np.linalg.inv(slopes)
        log_det = np.log(np.abs(np.linalg.det(slopes)))
        images = np.einsum("mij,mvj->mvi", slopes, corners) + offsets[:, None]
        edges = np.roll(corners, -1, axis=1) - corners
        found = []
        for point, cell in pairs_in_boxes(x, images.min(1), images.max(1)):
            z = np.einsum("pij,pj->pi", inverses[cell], x[point] - offsets[cell])
            aside = z[:, None] - corners[cell]
            left = edges[cell, :, 0] * aside[..., 1] - edges[cell, :, 1] * aside[..., 0]
            sizes = np.abs(edges[cell]).max(2) * (1 + np.abs(z).max(1))[:, None]
            inside = (left >= -_ON_THE_LINE * sizes).all(1)
            found.append((point[inside], z[inside], log_det[cell[inside]]))
        empty = (np.zeros(0, dtype=int), np.zeros((0, 2)), np.zeros(0))
        return tuple(np.concatenate(parts) for parts in zip(empty, *found))  # type: ignore[return-value]


def cut(polygons: Polygons, slope: np.ndarray, offset: np.ndarray) -> tuple[Polygons, np.ndarray]:
    """Cut every polygon where its own affine function (m, 2), (m,) is 0; return which one each piece is of."""
    vertices, counts = polygons
    heights = np.einsum("mvi,mi->mv", vertices, slope) + offset[:, None]
    rounding = np.einsum("mvi,mi->mv", np.abs(vertices), np.abs(slope)) + np.abs(offset)[:, None]
    heights[np.abs(heights) <= _ON_THE_LINE * rounding] = 0.0
    crossed = (heights > 0).any(1) & (heights < 0).any(1)
    whole, pieces = np.flatnonzero(~crossed), np.flatnonzero(crossed)
    if not len(pieces):
        return polygons, whole
    crossing, sides = (vertices[pieces], counts[pieces]), heights[pieces]
    joined = join((vertices[whole], counts[whole]), clip(crossing, sides), clip(crossing, -sides))
    return joined, np.concatenate((whole, pieces, pieces))

"""Many convex polygons at once: cut by lines, and weighed by the standard normal law."""

from __future__ import annotations

import numpy as np
from scipy.special import owens_t


Polygons = tuple[np.ndarray, np.ndarray]
"""Vertices ``(m, v, 2)``, anticlockwise, and how many of them count ``(m,)``; the rest repeat the first."""


def square(radius: float) -> Polygons:
    """Return one square around the origin."""
    corners = radius * np.array([[[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]])
    return corners, np.array([4])


def clip(polygons: Polygons, heights: np.ndarray) -> Polygons:
    """Return what lies above the line where the heights ``(m, v)`` of the vertices, linear in each, are 0.

    Every polygon must have a vertex above and one below its line. Vertices on the line are kept.
    """
    vertices, counts = polygons
    m, v, _ = vertices.shape
    following, next_heights = np.roll(vertices, -1, axis=1), np.roll(heights, -1, axis=1)
    own = np.arange(v) < counts[:, None]
    crosses = own & (heights * next_heights < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, heights / (heights - next_heights), 0.0)[..., None]
    points = np.stack((vertices, vertices + share * (following - vertices)), axis=2).reshape(m, 2 * v, 2)
    kept = np.stack((own & (heights >= 0), crosses), axis=2).reshape(m, 2 * v)
    order = np.argsort(~kept, axis=1, kind="stable")
    counts = kept.sum(1)
    order = np.where(np.arange(2 * v) < counts[:, None], order, order[:, :1])[:, : counts.max()]
    return np.take_along_axis(points, order[..., None], axis=1), counts


def join(first: Polygons, *others: Polygons) -> Polygons:
    """Return all polygons in one."""
    parts = (first, *others)
    width = max(vertices.shape[1] for vertices, _ in parts)
    padded = []
    for vertices, _ in parts:
        pad = np.broadcast_to(vertices[:, :1], (len(vertices), width - vertices.shape[1], 2))
        padded.append(np.concatenate((vertices, pad), axis=1))
    return np.concatenate(padded), np.concatenate([counts for _, counts in parts])


def normal_mass(polygons: Polygons) -> np.ndarray:
    """Return the probability ``(m,)`` of each polygon under the standard normal law.

    Equation: an edge on a line at distance h from the origin, whose ends are at angles s < t from the line's
    foot, adds ``(t - s) / (2 pi) - T(h, tan t) + T(h, tan s)``, with Owen's ``T(h, a)``, the mass of the
    triangle between the origin and the edge; signs are those of the angles.

    Reference: Owen (1956).
    """
    vertices, _ = polygons
    edges = np.roll(vertices, -1, axis=1) - vertices
    lengths = np.linalg.norm(edges, axis=-1)
    along = edges / np.where(lengths > 0, lengths, 1.0)[..., None]
    h = vertices[..., 0] * along[..., 1] - vertices[..., 1] * along[..., 0]  # positive: origin to the left
    begin = (vertices * along).sum(-1)
    distance = np.where((lengths > 0) & (h != 0), np.abs(h), 1.0)
    parts = [
        np.arctan(s / distance) / (2 * np.pi) - owens_t(distance, s / distance)
        for s in (begin, begin + lengths)
    ]
    mass = np.where((lengths > 0) & (h != 0), np.sign(h) * (parts[1] - parts[0]), 0.0).sum(1)
    return np.clip(mass, 0.0, 1.0)

"""The preimages of a smooth generator, by subdivision and Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from gantheory.models.exact_density.lookup import pairs_in_boxes


RADIUS = 10.0
"""Latent vectors are searched in the box of this half-width, outside of which lies a mass of 3e-23."""

Preimages = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Numbers of points ``(p,)``, latent vectors ``(p, d)`` and log |det| ``(p,)``."""

Linearise = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From latent vectors ``(n, d)`` to images ``(n, d)`` and Jacobians ``(n, d, d)``."""

_START = 32  # boxes a side
_DEPTH = {1: 12, 2: 5}  # halvings where the generator folds
_HEAVY = 8.0  # boxes farther out than this are not halved
_BENT = 0.4  # the change of the Jacobian within a box, below which Newton's method finds its one preimage
_STEPS = 30


@dataclass(frozen=True)
class Boxes:
    """Latent boxes ``centre +- half``; in a tame one the generator is injective and nearly linear.

    ``centre`` (m, d), ``half`` (m, 1), ``tame`` (m,), the ``image`` (m, d) and ``slope`` (m, d, d) of the
    centre, and boxes from ``low`` to ``high`` (m, d) that the image of the whole lies in: along the axes, and
    along the principal axes ``frame`` (m, d, d) of the slope, where it is seen from the centre's image.
    """

    linearise: Linearise
    centre: np.ndarray
    half: np.ndarray
    tame: np.ndarray
    image: np.ndarray
    slope: np.ndarray
    low: np.ndarray
    high: np.ndarray
    frame: np.ndarray
    turned_low: np.ndarray
    turned_high: np.ndarray

    def singular_mass(self) -> float:
        """The probability of an open set of latent vectors without a density: an analytic generator has none."""
        return 0.0

    def preimages(self, x: np.ndarray) -> Preimages:
        """Return the number of the point, the latent vector and log |det| of every preimage of points."""
        d = x.shape[1]
        found: list[Preimages] = [(np.zeros(0, dtype=int), np.zeros((0, d)), np.zeros(0))]
        for point, box in pairs_in_boxes(x, self.low, self.high):
            tame = self.tame[box]
            found += [self._in_tame(x, point[tame], box[tame]), self._in_others(x, point[~tame], box[~tame])]
        return tuple(np.concatenate(parts) for parts in zip(*found))  # type: ignore[return-value]

    def _in_tame(self, x: np.ndarray, point: np.ndarray, box: np.ndarray) -> Preimages:
        step = np.linalg.solve(self.slope[box], (x[point] - self.image[box])[..., None])[..., 0]
        near = (np.abs(step) <= _reach(x.shape[1]) * self.half[box]).all(1)
        point, box = point[near], box[near]
        z, log_det, good = self._newton(x[point], self.centre[box] + step[near], box)
        return point[good], z[good], log_det[good]

    def _in_others(self, x: np.ndarray, point: np.ndarray, box: np.ndarray) -> Preimages:
        """From the centre and from every corner; a root that was found before is dropped."""
        turned = np.einsum("pij,pj->pi", self.frame[box], x[point] - self.image[box])
        near = ((turned >= self.turned_low[box]) & (turned <= self.turned_high[box])).all(1)
        point, box = point[near], box[near]
        starts = np.concatenate((np.zeros((1, x.shape[1])), _corners(x.shape[1])))
        points, boxes = np.tile(point, len(starts)), np.tile(box, len(starts))
        begin = self.centre[boxes] + self.half[boxes] * np.repeat(starts, len(point), axis=0)
        z, log_det, good = (
            part.reshape(len(starts), len(point), *part.shape[1:])
            for part in self._newton(x[points], begin, boxes)
        )
        for i in range(len(starts)):
            same = (np.abs(z[:i] - z[i]) <= 1e-5 * self.half[box]).all(-1)
            good[i] &= ~(good[:i] & same).any(0)
        return np.tile(point, (len(starts), 1))[good], z[good], log_det[good]

    def _newton(self, x: np.ndarray, z: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return where Newton's method ends, log |det| there, and whether it is a root in the box."""
        half, z, log_det = self.half[box], z.copy(), np.zeros(len(z))
        moving = np.ones(len(z), dtype=bool)
        good = np.zeros(len(z), dtype=bool)
        for _ in range(_STEPS):
            rows = np.flatnonzero(moving)
            if not len(rows):
                break
            step, log_det[rows] = self._step(x[rows], z[rows])
            z[rows] += np.clip(step, -half[rows], half[rows])
            aside = np.abs(z[rows] - self.centre[box[rows]])
            small = (np.abs(step) <= 1e-6 * half[rows]).all(1)
            good[rows] = small & (aside <= (1 + 1e-9) * half[rows]).all(1)
            moving[rows] = ~small & (aside <= 3 * half[rows]).all(1)  # farther off it is lost
        step, log_det[good] = self._step(x[good], z[good])
        z[good] += np.clip(step, -1e-6 * half[good], 1e-6 * half[good])
        return z, log_det, good

    def _step(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        image, slope = self.linearise(z)
        slope, _ = invertible(slope)
        return np.linalg.solve(slope, (x - image)[..., None])[..., 0], np.log(np.abs(np.linalg.det(slope)))


def subdivide(linearise: Linearise, dim: int) -> Boxes:
    """Halve boxes until the generator is nearly linear on each, or they are small, or far out."""
    half = RADIUS / _START
    axis = -RADIUS + half * (2 * np.arange(_START) + 1)
    centre = np.stack([g.ravel() for g in np.meshgrid(*(axis,) * dim, indexing="ij")], axis=-1)
    done = []
    for depth in range(_DEPTH[dim] + 1):
        tame, *rest = _examine(linearise, centre, half)
        far = np.linalg.norm(np.maximum(np.abs(centre) - half, 0), axis=1) > _HEAVY
        ready = tame | far if depth < _DEPTH[dim] else np.ones(len(centre), dtype=bool)
        parts = (centre, np.full((len(centre), 1), half), tame, *rest)
        done.append([part[ready] for part in parts])
        half /= 2
        centre = (centre[~ready][:, None] + half * _corners(dim)).reshape(-1, dim)
        if not len(centre):
            break
    return Boxes(linearise, *(np.concatenate(parts) for parts in zip(*done)))


def invertible(slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Jacobians ``(m, d, d)`` with the nearly singular ones moved aside, and which were not."""
    d = slope.shape[-1]
    size = np.sqrt(np.square(slope).sum((1, 2)))
    regular = np.abs(np.linalg.det(slope)) > 1e-12 * size**d
    aside = slope + (1e-6 * size + 1e-100)[:, None, None] * np.eye(d)
    return np.where(regular[:, None, None], slope, aside), regular


def _examine(linearise: Linearise, centre: np.ndarray, half: float):
    """Return the fields of `Boxes` from ``tame`` on."""
    dim = centre.shape[1]
    image, slope = linearise(centre)
    safe, regular = invertible(slope)
    frame = np.linalg.svd(slope)[0].swapaxes(1, 2)
    corners, bend = np.zeros((2**dim, *centre.shape)), np.zeros(len(centre))
    for i, corner in enumerate(_corners(dim)):
        corners[i], its_slope = linearise(centre + half * corner)
        bend = np.maximum(bend, np.linalg.norm(np.linalg.solve(safe, its_slope - slope), axis=(1, 2)))
    tame = regular & (bend < _BENT)
    reach = _reach(dim) * half * np.abs(slope).sum(2)
    seen = corners - image
    low, high = (image + bound for bound in _around(seen))
    low, high = np.where(tame[:, None], image - reach, low), np.where(tame[:, None], image + reach, high)
    return tame, image, slope, low, high, frame, *_around(np.einsum("mij,cmj->cmi", frame, seen))


def _around(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of points ``(c, m, d)`` and the origin, with half of their distance to spare at either end."""
    low, high = np.minimum(seen.min(0), 0), np.maximum(seen.max(0), 0)
    room = 0.5 * (high - low)
    return low - room, high + room


def _reach(dim: int) -> float:
    """How far a preimage in a tame box can lie from where the linear map has it, in half-widths."""
    return 1 + _BENT * dim**0.5


def _corners(dim: int) -> np.ndarray:
    return np.array(list(product((-1.0, 1.0), repeat=dim)))

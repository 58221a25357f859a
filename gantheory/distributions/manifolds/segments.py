"""Disjoint line segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Preset
from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.disjoint_curves import DisjointCurves
from gantheory.distributions.manifolds.manifold import betti


if TYPE_CHECKING:
    from gantheory.random import Key


_FOUR = (
    ((0.75, 0.25), (0.25, 0.75)),
    ((-0.75, -0.25), (-0.25, -0.75)),
    ((0.75, -0.25), (0.25, -0.75)),
    ((-0.75, 0.25), (-0.25, 0.75)),
)


@dataclass(frozen=True)
class Segments(DisjointCurves):
    """The law uniform in length on disjoint line segments, given by their ends, in any dimension.

    Equation: segment k with probability ``|b_k - a_k| / sum``, then ``x = a_k + u (b_k - a_k)``, u uniform.
    Labels number the segments. The reach is half the least distance between two of them, the curvature 0. The
    four lines without arguments are those of Khayatkhoei et al.

    Raises `ValueError` without segments, for ends of different dimensions, a segment without length, or
    segments that touch.

    Reference: Khayatkhoei, Singh, Elgammal (2018).

    Example:
        >>> Segments().facts().topology.value.betti
        (4, 0)
        >>> round(Segments().facts().reach.value, 4)
        0.25
    """

    ends: tuple[tuple[tuple[float, ...], ...], ...] = _FOUR

    def check(self) -> None:
        shapes = {len(segment) for segment in self.ends}, {len(end) for s in self.ends for end in s}
        if shapes[0] != {2} or len(shapes[1]) != 1 or shapes[1] == {0}:
            raise ValueError(f"Segments: ends must be pairs of points of one dimension, got {self.ends}")
        if not np.isfinite(self.ends).all() or not (self.lengths > 0).all():
            raise ValueError(f"Segments: every segment needs two different, finite ends, got {self.ends}")
        if not self.least_gap() > 0:
            raise ValueError("Segments: two of them touch, so that their number is not that of the pieces")

    @property
    def dim(self) -> int:
        return len(self.ends[0][0])

    @property
    def lengths(self) -> np.ndarray:
        return np.linalg.norm(np.diff(self.ends, axis=1).squeeze(1), axis=-1)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, 1, start=start)
        ends = torch.tensor(self.ends, dtype=u.dtype, device=u.device)
        a, b = ends[self.pick(n, key, start=start, device=u.device)].unbind(-2)
        return a + u * (b - a)

    def feet(self, x: Tensor) -> Tensor:
        a, b = torch.tensor(self.ends, dtype=x.dtype, device=x.device).unbind(-2)
        along = b - a
        s = ((x.unsqueeze(-2) - a) * along).sum(-1) / along.square().sum(-1)
        return a + s.clamp(0, 1).unsqueeze(-1) * along

    def gap(self, first: int, second: int) -> float:
        return _gap(np.array(self.ends[first]), np.array(self.ends[second]))

    def facts(self) -> Facts:
        ends = np.array(self.ends)
        along = ends[:, 1] - ends[:, 0]
        mean, covariance = self.covariance_of(ends.mean(1), along[:, :, None] * along[:, None] / 12)
        return self.on_set(
            mean=mean,
            covariance=covariance,
            mode_of=self.mode_of,
            labels=self.shares,
            intrinsic_dimension=1,
            topology=betti(len(ends), 0),
            reach=self.least_gap() / 2,
            curvature=0.0,
            isoperimetric=self.isoperimetric(),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {
            "khayatkhoei": Preset(cls(), "Khayatkhoei et al. (2018), generate_line_data of dmgan_release")
        }

    @classmethod
    def examples(cls) -> list[Segments]:
        skew = (((0.0, 0.0, 0.0), (1.0, 2.0, 0.0)), ((1.0, 0.0, 1.0), (1.0, 0.5, 2.0)))
        return [cls(), cls(skew)]


def _gap(first: np.ndarray, second: np.ndarray) -> float:
    """The distance of two segments: from an end to the other segment, or between two inner points."""
    gaps = [_from_point(end, second) for end in first] + [_from_point(end, first) for end in second]
    u, v, offset = first[1] - first[0], second[1] - second[0], first[0] - second[0]
    matrix = np.array([[u @ u, -u @ v], [-u @ v, v @ v]])
    if np.linalg.det(matrix) > 1e-12 * (u @ u) * (v @ v):  # parallel ones are nearest at an end, too
        s, t = np.linalg.solve(matrix, [-u @ offset, v @ offset])
        if 0 < s < 1 and 0 < t < 1:
            gaps.append(float(np.linalg.norm(offset + s * u - t * v)))
    rounding = 1e-12 * max(np.abs(first).max(), np.abs(second).max())  # crossing lines miss by as much
    return min(gaps) if min(gaps) > rounding else 0.0


def _from_point(point: np.ndarray, segment: np.ndarray) -> float:
    along = segment[1] - segment[0]
    s = np.clip((point - segment[0]) @ along / (along @ along), 0, 1)
    return float(np.linalg.norm(segment[0] + s * along - point))

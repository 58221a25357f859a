"""A minimum of cones, its cells and their rays."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from gantheory.random import Key


class Ray(NamedTuple):
    """Where points lie: the ``centre`` (..., n, d) of their cell, the ``direction`` (..., n, d) from it (the
    first axis in the centre), how far its ray's ``end`` (..., n) at the border of the cell or cube is, and the
    ``fraction`` (..., n) of the ray that lies before the point."""

    centre: Tensor
    direction: Tensor
    end: Tensor
    fraction: Tensor


class Funnels(NamedTuple):
    """``u(x) = min_i (|x - a_i| + b_i)`` in the cube [-half, half]^d: ``centres`` a (K, d), ``offsets`` b (K,)."""

    centres: Tensor
    offsets: Tensor
    half: float

    def to(self, x: Tensor) -> Funnels:
        """Return the same with the dtype and device of x."""
        return Funnels(self.centres.to(x), self.offsets.to(x), self.half)

    def least(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and the number of the least funnel at points (..., n, d)."""
        # differences of coordinates, for those of squares lose the gradient near a centre
        distance = torch.stack([(x - a).norm(dim=-1) for a in self.centres], dim=-1)
        least = (distance + self.offsets).min(-1)
        return least.values, least.indices

    def ray(self, x: Tensor) -> Ray:
        """Return the ray of each point (..., n, d)."""
        number, direction, length = self._polar(x)
        cell, cube = self._borders(number, direction)
        end = torch.minimum(cell.amin(-1), cube.amin(-1))
        return Ray(self.centres[number], direction, end, (length / end).clamp(max=1))

    def _polar(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        number = self.least(x)[1]
        offset = x - self.centres[number]
        length = offset.norm(dim=-1)
        inside = (length > 0).unsqueeze(-1)
        east = torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)[0]
        return number, torch.where(inside, offset, east) / length.unsqueeze(-1).where(inside, 1), length

    def _borders(self, number: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
        """How far from its centre a ray meets the other cells (..., n, K) and the walls (..., n, d).

        ``|D + r v| + b_j = r + b_i``, with D = a_i - a_j and B = b_i - b_j, has the solution
        ``r = (|D|^2 - B^2) / (2 (B - v.D))`` where the denominator is positive.
        """
        gap, lean, product = self._against(number, direction)
        ahead = (lean - product).scatter(
            -1, number.unsqueeze(-1), 0
        )  # rounding must not end it in its own cell
        cell = torch.where(ahead > 0, gap / (2 * ahead.where(ahead > 0, 1)), torch.inf)
        wall = self.half - direction.sign() * self.centres[number]
        speed = direction.abs()
        return cell, torch.where(speed > 0, wall / speed.where(speed > 0, 1), torch.inf)

    def _against(self, number: Tensor, direction: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``|D|^2 - B^2``, B and v.D of each point's funnel against all, (..., n, K)."""
        a, b = self.centres, self.offsets
        lean = b[:, None] - b
        gap = (a[:, None] - a).square().sum(-1) - lean.square()
        product = (direction * a[number]).sum(-1, keepdim=True) - direction @ a.mT
        return gap[number], lean[number], product

    def fraction_slope(self, x: Tensor) -> Tensor:
        """Return the gradient of the logarithm of the fraction, (..., n, d)."""
        number, direction, length = self._polar(x)
        cell, cube = self._borders(number, direction)
        nearest, axis = cell.min(-1), cube.min(-1)
        _, lean, product = self._against(number, direction)
        at = nearest.indices.unsqueeze(-1)
        product, lean = product.gather(-1, at), lean.gather(-1, at)
        between = self.centres[number] - self.centres[nearest.indices]
        by_cell = (between - product * direction) / (lean - product)
        unit = torch.nn.functional.one_hot(axis.indices, x.shape[-1]).to(x.dtype)
        by_cube = direction - unit / direction.gather(-1, axis.indices.unsqueeze(-1))
        end_slope = torch.where((nearest.values < axis.values).unsqueeze(-1), by_cell, by_cube)
        return (direction - end_slope) / length.unsqueeze(-1)


@lru_cache(maxsize=64)
def drawn(count: int, d: int, half: float, spread: float, seed: int) -> Funnels:
    """Return funnels with uniform centres and normal offsets, from a seed."""
    key = Key(seed).child("funnels").to(torch.float64)
    centres = half * (2 * key.child("centres").uniform(count, d) - 1)
    return Funnels(centres, spread * key.child("offsets").normal(count), half)

"""Small pictures of convex polygons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gantheory.distributions.distribution import Distribution, Preset
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.picture_projection import nearest_picture
from gantheory.distributions.points import check_points
from gantheory.distributions.polygon_pictures import pictures


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Triangles(Distribution):
    """Gray-scale pictures of a random triangle, or another convex polygon: a curved set of known dimension.

    Equation: corner i lies on a circle of diameter ``scale size`` pixels at the angle
    ``turn + 360 i / corners + offset_i`` degrees, turn uniform in (first, first + span), offset_i uniform in
    (gap / 2, 360 / corners - gap / 2), so that corners are at least `gap` degrees apart; the polygon is
    shifted so that the mean of its corners is the middle of the picture. A pixel's value is the share of it
    that the polygon leaves white; a picture of size x size pixels is one row of samples, pixel (i, j) at i size + j.
    The intrinsic dimension is the number of corners; `nearest` finds the nearest picture by optimisation over the
    parameters.

    Raises `ValueError` below three corners or two pixels, for a scale outside (0, 1], a gap that does not fit, a span
    outside (0, 360] or a first angle that is not finite.

    Reference: Lucic, Kurach, Michalski, Gelly, Bousquet (2018).

    Example:
        >>> from gantheory import Key
        >>> pictures = Triangles().sample(2, Key(0)).reshape(2, 28, 28)
        >>> bool((pictures >= 0).all() and (pictures <= 1).all())
        True
    """

    corners: int = 3
    size: int = 28
    scale: float = 0.75
    gap: float = 20.0
    span: float = 360.0
    first: float = 0.0

    def check(self) -> None:
        if self.corners < 3 or self.size < 2 or not 0 < self.scale <= 1:
            raise ValueError(f"Triangles needs three corners, two pixels and a scale in (0, 1], got {self}")
        if (
            not 0 <= self.gap < 360 / self.corners
            or not 0 < self.span <= 360
            or not math.isfinite(self.first)
        ):
            raise ValueError(
                f"Triangles needs a gap in [0, {360 / self.corners:g}), a span in (0, 360] and a finite first angle, "
                f"got {self}"
            )

    @property
    def dim(self) -> int:
        return self.size**2

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("parameters").uniform(n, self.corners + 1, start=start)
        low, high = self._ends(u)
        return self._draw(low + (high - low) * u.double()).to(u.dtype)

    def _ends(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """The ends of turn and offsets, in radians."""
        room = 360 / self.corners - self.gap / 2
        low = (self.first, *(self.gap / 2,) * self.corners)
        high = (self.first + self.span, *(room,) * self.corners)
        ends = torch.tensor((low, high), dtype=torch.float64, device=like.device)
        return ends[0].deg2rad(), ends[1].deg2rad()

    def _draw(self, parameters: Tensor) -> Tensor:
        """The pictures (..., dim) of turns and offsets (..., corners + 1), in radians."""
        segment = 2 * math.pi / self.corners
        fixed = segment * torch.arange(self.corners, dtype=torch.float64, device=parameters.device)
        angle = parameters[..., :1] + fixed + parameters[..., 1:]
        on_circle = torch.stack((angle.cos(), angle.sin()), dim=-1)
        middle = on_circle.mean(-2, keepdim=True)
        return pictures(self.size / 2 + self.scale * self.size / 2 * (on_circle - middle), self.size)

    def nearest(self, x: Tensor) -> Tensor:
        """Return the nearest pictures (..., n, dim) to points x, the best of many local searches.

        True pictures are found again to 1e-9 or so. That nothing else is nearer is likely and not proved, which is
        why `facts` has no distance.
        """
        low, high = self._ends(check_points(x, self.dim))
        return nearest_picture(self._draw, low, high, x, endless=self.span == 360)

    def facts(self) -> Facts:
        no_density = Fact(None, reason=f"its support has dimension {self.corners} in {self.dim}: no density")
        searched = Fact(None, reason="it takes a search that proves nothing: use nearest")
        moments = Fact(None, reason="the moments of pictures have no closed form")
        return Facts(
            mean=moments,
            covariance=moments,
            entropy=no_density,
            support_distance=searched,
            project=searched,
            noise=Fact(0.0),
            intrinsic_dimension=Fact(self.corners),
            tail_index=Fact(math.inf),
            smoothness=no_density,
            score_lipschitz=no_density,
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        degrees = 2 * math.pi
        return {
            "lucic": Preset(
                cls(3, 28, 0.75, 20.0),
                "Lucic et al. (2018), Convex_Polygons_Dataset.ipynb, whose turn, taken for degrees, is at most 6.28, "
                "and whose corners are 10 degrees apart where 20 are asked; pixels there in steps of 1/64",
                cls(3, 28, 0.75, 10.0, degrees, 5 - degrees),
            )
        }

    @classmethod
    def examples(cls) -> list[Triangles]:
        return [cls(size=8), cls(size=8, gap=10.0, span=6.0, first=-1.0)]

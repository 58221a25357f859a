"""A plate with holes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Plate(Density):
    """The uniform law on a rectangular plate with a row of equal round holes.

    Equation: the rectangle ``[-w, w] x [-w/4, w/4]``, less discs around the middles of `holes` equal cells in a
    row. The discs take the share `missing` of the rectangle whatever their number, and the plate that is left has the
    area 4: `holes` is a dial that moves the topology and holds area, entropy and outline; a plate without a
    hole is smaller, for its area is 4 too.

    Raises `ValueError` for a negative number of holes, or where they do not fit into their cells.

    Example:
        >>> plate = Plate(holes=3)
        >>> plate.facts().topology.value.betti, round(plate.facts().entropy.value, 4)
        ((1, 3), 1.3863)
    """

    holes: int = 1
    missing: float = 0.15

    def check(self) -> None:
        fits = self.holes >= 0 and 0 < self.missing < 1 and self.hole_radius < min(self._cell)
        if not fits:
            raise ValueError(
                f"Plate: discs of the share {self.missing} of a plate 4 wide and 1 high do not fit into "
                f"{self.holes} cells: take a smaller share, or fewer holes"
            )

    @property
    def dim(self) -> int:
        return 2

    @property
    def width(self) -> float:
        """Half the plate's length."""
        return 2 / (1 - self.missing if self.holes else 1) ** 0.5

    @property
    def hole_radius(self) -> float:
        """The radius of every hole."""
        return self.width * (self.missing / (math.pi * self.holes)) ** 0.5 if self.holes else 0.0

    @property
    def _cell(self) -> tuple[float, float]:
        """Half the sides of a cell."""
        return self.width / max(1, self.holes), self.width / 4

    def _middles(self) -> np.ndarray:
        half = self._cell[0]
        return half * (2 * np.arange(max(1, self.holes)) + 1) - self.width

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, 3, start=start)
        cell = key.child("cell").integers(max(1, self.holes), n, start=start, device=u.device)
        offset = _around_hole(u.double(), *self._cell, self.hole_radius)
        middles = torch.as_tensor(self._middles(), device=u.device)[cell]
        return (offset + torch.stack((middles, torch.zeros_like(middles)), dim=-1)).to(u.dtype)

    def _offset(self, x: Tensor) -> Tensor:
        """Where points lie from the middle of the nearest hole."""
        middles = torch.as_tensor(self._middles(), dtype=x.dtype, device=x.device)
        across = check_points(x, 2)[..., :1] - middles
        nearest = across.abs().argmin(-1, keepdim=True)
        return torch.cat((across.gather(-1, nearest), x[..., 1:]), dim=-1)

    def log_prob(self, x: Tensor) -> Tensor:
        outside = self._offset(x).norm(dim=-1) >= self.hole_radius
        inside = outside & (x[..., 0].abs() <= self.width) & (x[..., 1].abs() <= self.width / 4)
        return (0 * x.sum(-1) - math.log(4)).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        return torch.zeros_like(check_points(x, 2))

    def _project(self, x: Tensor) -> Tensor:
        limits = torch.tensor((self.width, self.width / 4), dtype=x.dtype, device=x.device)
        x = torch.maximum(torch.minimum(check_points(x, 2), limits), -limits)
        if not self.holes:
            return x
        offset = self._offset(x)
        r = offset.norm(dim=-1, keepdim=True)
        east = torch.tensor((1.0, 0.0), dtype=x.dtype, device=x.device)
        direction = torch.where(r > 0, offset / torch.where(r > 0, r, 1), east)
        return torch.where(r < self.hole_radius, x - offset + self.hole_radius * direction, x)

    def facts(self) -> Facts:
        w, r, k = self.width, self.hole_radius, self.holes
        cut = math.pi * r**2
        along = (w**4 / 3 - k * cut * r**2 / 4 - cut * (self._middles() ** 2).sum()) / 4
        across = (w**4 / 48 - k * cut * r**2 / 4) / 4
        return Facts(
            mean=Fact(np.zeros(2)),
            covariance=Fact(np.diag((along, across))),
            entropy=Fact(math.log(4)),
            support_distance=Fact(lambda x: (x - self._project(x)).norm(dim=-1)),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(2),
            topology=Fact(Topology((1, k), "the support")),
            reach=Fact(r if k else math.inf),
            tail_index=Fact(math.inf),
            edge=Fact(Edge(np.zeros(2), 2.0)),
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        held = ("mean", "entropy", "width", "intrinsic_dimension")
        return (
            [Dial("holes", "b_1", cls(), "holes", 1, 12, "integers", "topology.betti", held)]
            if dim == 2
            else []
        )

    @classmethod
    def examples(cls) -> list[Plate]:
        return [cls(), cls(holes=5, missing=0.1), cls(holes=0)]


def _around_hole(u: Tensor, p: float, q: float, radius: float) -> Tensor:
    """Points (..., 2), uniform on ``[-p, p] x [-q, q]`` less a disc, from uniform numbers (..., 3).

    In polar coordinates the angle has the density ``R(a)^2 - radius^2`` for the distance R of the side met: on
    the octant below a vertical side ``p^2 tan a - radius^2 a`` is uniform, and Newton's steps, which the
    function's convexity keeps monotone, invert it. The square of the distance is uniform.
    """
    corner = math.atan2(q, p)
    shares = [
        p * q - radius**2 * corner,
        p * q - radius**2 * (math.pi / 2 - corner),
    ]  # of 8 octants, by their side
    side = u[..., 0] * sum(shares) >= shares[0]
    near = torch.where(side, q, p)
    end = torch.where(side, math.pi / 2 - corner, corner)
    within = torch.where(
        side, (u[..., 0] * sum(shares) - shares[0]) / shares[1], u[..., 0] * sum(shares) / shares[0]
    )
    target, angle = within * torch.where(side, shares[1], shares[0]), end.clone()
    for _ in range(25):  # from the right end, where a convex function's steps cannot overshoot
        height = near**2 * angle.tan() - radius**2 * angle - target
        angle = (angle - height / (near**2 / angle.cos() ** 2 - radius**2)).clamp(min=0)
    r = (radius**2 + ((near / angle.cos()) ** 2 - radius**2) * u[..., 2]).sqrt()
    quarter = (4 * u[..., 1]).floor()  # which of the four images of an octant
    a, b = r * angle.cos(), r * angle.sin()
    a, b = torch.where(side, b, a), torch.where(side, a, b)
    return torch.stack((a * (1 - 2 * (quarter % 2)), b * (1 - 2 * (quarter // 2))), dim=-1)

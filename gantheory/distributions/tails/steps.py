"""A piecewise constant density."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Steps(Density):
    """A density on the line that is constant between edges, and jumps there.

    Equation: ``p(x) = m_k / (e_{k+1} - e_k)`` for x between e_k and e_{k+1}, with the `masses` m divided by
    their sum. The score is zero, so Stein's identities live on the jumps alone: the fact `edge` counts both
    sides of each.

    Raises `ValueError` for edges that do not rise, or masses that are not positive, finite and one fewer than
    the edges.

    Reference: Scott (2015), chapter 3.

    Example:
        >>> Steps((0.0, 1.0, 3.0), masses=(1.0, 1.0)).facts().mean.value.tolist()
        [1.25]
    """

    edges: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0)
    masses: tuple[float, ...] = (1.0, 3.0, 2.0)

    def check(self) -> None:
        rising = all(a < b for a, b in zip(self.edges, self.edges[1:]))
        if len(self.edges) < 2 or not rising or not all(map(math.isfinite, self.edges)):
            raise ValueError(f"Steps: edges must be at least two finite, rising numbers, got {self.edges}")
        if len(self.masses) != len(self.edges) - 1 or not all(0 < m < math.inf for m in self.masses):
            raise ValueError(
                f"Steps: masses must be {len(self.edges) - 1} positive numbers, got {self.masses}"
            )

    @property
    def dim(self) -> int:
        return 1

    def _shares(self) -> np.ndarray:
        return np.array(self.masses) / sum(self.masses)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        place = key.child("place").uniform(n, 1, start=start)
        u = key.child("step").uniform(n, 1, start=start, dtype=torch.float64, device=place.device)
        ends = torch.as_tensor(self._shares().cumsum()[:-1]).to(u.device)
        step = torch.searchsorted(ends, u, right=True)
        edges = torch.tensor(self.edges, dtype=place.dtype, device=place.device)
        return edges[step] + (edges[step + 1] - edges[step]) * place

    def _step(self, x: Tensor) -> Tensor:
        edges = torch.tensor(self.edges, dtype=x.dtype, device=x.device)
        return torch.bucketize(check_points(x, 1)[..., 0].contiguous(), edges[1:-1], right=True)

    def log_prob(self, x: Tensor) -> Tensor:
        heights = np.log(self._shares() / np.diff(self.edges))
        log_p = torch.as_tensor(heights).to(x)[self._step(x)]
        inside = ((x >= self.edges[0]) & (x <= self.edges[-1])).all(-1)
        return (0 * x.sum(-1) + log_p).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        return torch.zeros_like(check_points(x, 1))

    def facts(self) -> Facts:
        shares, edges = self._shares(), np.array(self.edges)
        width, middle = np.diff(edges), (edges[1:] + edges[:-1]) / 2
        mean = shares @ middle
        variance = shares @ (width**2 / 12 + (middle - mean) ** 2)
        ends = self.edges[0], self.edges[-1]
        return Facts(
            mean=Fact(np.array([mean])),
            covariance=Fact(np.array([[variance]])),
            entropy=Fact(float(shares @ np.log(width / shares))),
            mode_of=Fact(self._step),
            labels=Fact(shares),
            support_distance=Fact(lambda x: (check_points(x, 1) - x.clamp(*ends)).abs().squeeze(-1)),
            project=Fact(lambda x: check_points(x, 1).clamp(*ends)),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(1),
            topology=Fact(Topology((1,), "the support")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            smoothness=Fact(0.0),
            edge=Fact(Edge(np.zeros(1), 1.0)),
        )

    @classmethod
    def examples(cls) -> list[Steps]:
        return [cls(), cls((-2.0, -1.0, 0.5, 0.6), (1.0, 1.0, 1.0))]

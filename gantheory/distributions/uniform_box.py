"""A uniform law on a cube."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class UniformBox(Density):
    """The uniform law on a cube.

    Equation: ``p(x) = (high - low)^-dim`` on ``[low, high]^dim``, 0 elsewhere. Its score is 0: Stein's identity
    is all edge.

    Raises `ValueError` below one dimension or where low is not below high.

    Reference: Song and Ermon (2020).

    Example:
        >>> round(UniformBox(dim=2, low=-3.0, high=3.0).facts().entropy.value, 4)  # log 36
        3.5835
    """

    dim: int = 2
    low: float = 0.0
    high: float = 1.0

    def check(self) -> None:
        if self.dim < 1 or not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"UniformBox needs a dimension and finite low < high, got {self}")

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.low + (self.high - self.low) * key.child("place").uniform(n, self.dim, start=start)

    def log_prob(self, x: Tensor) -> Tensor:
        inside = (self._project(x) == x).all(-1)
        return (0 * x.sum(-1) - self._log_volume).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        return torch.zeros_like(check_points(x, self.dim))

    def _project(self, x: Tensor) -> Tensor:
        return check_points(x, self.dim).clamp(self.low, self.high)

    @property
    def _log_volume(self) -> float:
        return self.dim * math.log(self.high - self.low)

    def facts(self) -> Facts:
        d = self.dim
        return Facts(
            mean=Fact(np.full(d, (self.low + self.high) / 2)),
            covariance=Fact((self.high - self.low) ** 2 / 12 * np.eye(d)),
            entropy=Fact(self._log_volume),
            support_distance=Fact(lambda x: (x - self._project(x)).norm(dim=-1)),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(d),
            topology=Fact(Topology((1,) + (0,) * (d - 1), "the cube")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            edge=Fact(Edge(np.zeros(d), float(d))),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"f_wgan": Preset(cls(2, -3.0, 3.0), "Song and Ermon (2020), datasets.py, Uniform")}

    @classmethod
    def examples(cls) -> list[UniformBox]:
        return [cls(dim=1), cls(dim=3, low=-1.0, high=2.0)]

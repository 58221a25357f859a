"""A cosine wave with noise across it."""

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
class Cosine(Density):
    """A uniform coordinate, and a second one that follows a cosine over it, with Gaussian noise.

    Equation: ``x_1 ~ U(-half, half)``, ``x_2 | x_1 ~ N(amplitude cos(frequency x_1), noise^2)``. Density, score,
    entropy and moments are exact; the density does not vanish at the edge x_1 = -half, half.

    Raises `ValueError` for an amplitude that is not finite, or a frequency, half width or noise that is not
    positive.

    Reference: Song and Ermon (2020).

    Example:
        >>> law = Cosine(amplitude=3.0, frequency=2.0, half=4.0, noise=1.0)
        >>> round(law.facts().entropy.value, 4)
        3.4984
    """

    amplitude: float = 3.0
    frequency: float = 2.0
    half: float = 4.0
    noise: float = 1.0

    def check(self) -> None:
        positive = (self.frequency, self.half, self.noise)
        if not math.isfinite(self.amplitude) or not all(0 < v < math.inf for v in positive):
            raise ValueError(
                f"Cosine needs a finite amplitude and a positive, finite frequency, half and noise, got {self}"
            )

    @property
    def dim(self) -> int:
        return 2

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        t = self.half * (2 * key.child("place").uniform(n, start=start) - 1)
        return torch.stack((t, self._height(t) + self.noise * key.child("noise").normal(n, start=start)), -1)

    def _height(self, t: Tensor) -> Tensor:
        return self.amplitude * (self.frequency * t).cos()

    def log_prob(self, x: Tensor) -> Tensor:
        t, white = self._whiten(x)
        constant = math.log(2 * self.half * self.noise) + 0.5 * math.log(2 * math.pi)
        return (-white.square() / 2 - constant).where(t.abs() <= self.half, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        t, white = self._whiten(x)
        pull = white / self.noise
        slope = -self.amplitude * self.frequency * (self.frequency * t).sin()
        inside = (t.abs() <= self.half).unsqueeze(-1)
        return torch.stack((pull * slope, -pull), dim=-1).where(inside, 0.0)

    def _whiten(self, x: Tensor) -> tuple[Tensor, Tensor]:
        t, y = check_points(x, 2).unbind(-1)
        return t, (y - self._height(t)) / self.noise

    def _project(self, x: Tensor) -> Tensor:
        t, y = check_points(x, 2).unbind(-1)
        return torch.stack((t.clamp(-self.half, self.half), y), dim=-1)

    def facts(self) -> Facts:
        turn = self.frequency * self.half
        height = self.amplitude * math.sin(turn) / turn
        square = self.amplitude**2 * (0.5 + math.sin(2 * turn) / (4 * turn))
        return Facts(
            mean=Fact(np.array([0.0, height])),
            covariance=Fact(np.diag([self.half**2 / 3, square - height**2 + self.noise**2])),
            entropy=Fact(math.log(2 * self.half * self.noise) + 0.5 * math.log(2 * math.pi * math.e)),
            support_distance=Fact(lambda x: (x - self._project(x)).norm(dim=-1)),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(2),
            topology=Fact(Topology((1, 0), "the support, a strip")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            edge=Fact(Edge(np.zeros(2), 1.0)),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"f_wgan": Preset(cls(3.0, 2.0, 4.0, 1.0), "Song and Ermon (2020), datasets.py, Cosine")}

    @classmethod
    def examples(cls) -> list[Cosine]:
        return [cls(), cls(amplitude=1.0, frequency=0.7, half=2.0, noise=0.3)]

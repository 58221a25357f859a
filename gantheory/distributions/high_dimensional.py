"""A few affine subspaces of a high-dimensional space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Distribution, Preset
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class HighDimensional(Distribution):
    """Gaussians on parallel affine subspaces: some coordinates vary, the others only say which one it is.

    Equation: with a uniform level m, ``x_i = m + scale z_i`` for the first `active` coordinates, z standard normal,
    and ``x_i = m`` for the others. The law has no density; its intrinsic dimension is `active`, its labels are
    exact, and the distance from its support is that from the nearest subspace.

    Raises `ValueError` for levels that are not distinct and finite, unless 1 <= active < dim, and for a scale
    that is not positive.

    Reference: Srivastava et al. (2017), with ten levels, 700 of 1200 coordinates and scale 1.

    Example:
        >>> law = HighDimensional()
        >>> law.dim, law.facts().intrinsic_dimension.value
        (1200, 700)
    """

    levels: tuple[float, ...] = (-1.0, -0.5, 0.0, 0.5, -2.0, -2.5, 10.0, 0.25, -13.0, -5.5)
    active: int = 700
    dim: int = 1200
    scale: float = 1.0

    def check(self) -> None:
        if not self.levels or len(set(self.levels)) < len(self.levels) or not np.isfinite(self.levels).all():
            raise ValueError(f"HighDimensional: levels must be distinct and finite, got {self.levels}")
        if not 1 <= self.active < self.dim or not 0 < self.scale < math.inf:
            raise ValueError(
                "HighDimensional needs 1 <= active < dim and a positive, finite scale, got "
                f"active={self.active}, dim={self.dim}, scale={self.scale}"
            )

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = self.scale * key.child("noise").normal(n, self.active, start=start)
        level = key.child("level").integers(len(self.levels), n, start=start, device=noise.device)
        m = self._held(noise)[level].unsqueeze(-1)
        return torch.cat((m + noise, m.expand(*m.shape[:-1], self.dim - self.active)), dim=-1)

    def _held(self, like: Tensor) -> Tensor:
        return torch.tensor(self.levels, dtype=like.dtype, device=like.device)

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number (..., n) of the level whose subspace is nearest to points (..., n, dim)."""
        middle = check_points(x, self.dim)[..., self.active :].mean(-1, keepdim=True)
        return (middle - self._held(x)).abs().argmin(-1)

    def _project(self, x: Tensor) -> Tensor:
        m = self._held(x)[self.mode_of(x)].unsqueeze(-1)
        return torch.cat((x[..., : self.active], m.expand(*m.shape[:-1], self.dim - self.active)), dim=-1)

    def facts(self) -> Facts:
        levels, count = np.array(self.levels), len(self.levels)
        active = np.zeros(self.dim)
        active[: self.active] = self.scale**2
        gap = np.diff(np.sort(levels)).min() if count > 1 else math.inf
        no_density = Fact(None, reason="its support is a union of subspaces, on which it has no density")
        return Facts(
            mean=Fact(np.full(self.dim, levels.mean())),
            covariance=Fact(levels.var() + np.diag(active)),
            entropy=no_density,
            modes=Fact(None, reason="its components have singular covariances: use mode_of"),
            mode_of=Fact(self.mode_of),
            labels=Fact(np.full(count, 1 / count)),
            support_distance=Fact(lambda x: (x - self._project(x)).norm(dim=-1)),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(self.active),
            topology=Fact(Topology((count,), "the support")),
            reach=Fact(float(gap) * math.sqrt(self.dim - self.active) / 2),
            curvature=Fact(0.0),
            tail_index=Fact(math.inf),
            smoothness=no_density,
            score_lipschitz=no_density,
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"veegan": Preset(cls(), "Srivastava et al. (2017), by PacGAN's datasets")}

    @classmethod
    def examples(cls) -> list[HighDimensional]:
        return [cls(levels=(-1, 0, 2.5), active=2, dim=5, scale=0.5), cls(active=20, dim=40)]

"""Circles around the origin, with radial noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import integrate
from scipy.special import log_ndtr
from torch import Tensor

from gantheory.distributions.blocks import in_blocks
from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Circles(Density):
    """Concentric circles whose radius has Gaussian noise, with uniform angles.

    Equation: ``p(x) = sum_k w_k N(r; radii_k, scale^2) / (Phi(radii_k / scale) 2 pi r)``, r = |x|: the
    radius is normal, cut at 0. The `weights` are divided by their sum; `None` stands for equal ones. (A
    published code divides by the circle's radius instead of r, which also integrates to 1 but is not the law
    of its samples.) Holes are a dial: circle k has b_0 = b_1 = 1.

    Raises `ValueError` without circles, for radii that do not increase from above 0, a scale that is not
    positive, or weights of another number or not positive.

    Reference: Song and Ermon (2020).

    Example:
        >>> Circles((1.0, 2.0), scale=0.1).facts().topology.value.betti
        (2, 2)
    """

    radii: tuple[float, ...] = (1.0, 3.0, 5.0)
    scale: float = 0.2
    weights: tuple[float, ...] | None = None

    def check(self) -> None:
        rising = all(a < b for a, b in zip((0.0, *self.radii), self.radii))
        if not self.radii or not rising or not self.radii[-1] < math.inf or not 0 < self.scale < math.inf:
            raise ValueError(f"Circles needs rising positive radii and a positive scale, got {self}")
        weights = (1.0,) * len(self.radii) if self.weights is None else self.weights
        if len(weights) != len(self.radii) or not all(0 < w < math.inf for w in weights):
            raise ValueError(
                f"Circles: weights must be {len(self.radii)} positive, finite numbers, got {self.weights}"
            )

    @property
    def dim(self) -> int:
        return 2

    @in_blocks
    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, 2, start=start)
        if self.weights is None:
            k = key.child("circle").integers(len(self.radii), n, start=start, device=u.device)
        else:
            pick = key.child("circle").uniform(n, start=start, dtype=torch.float64, device=u.device)
            edges = torch.as_tensor(self._shares.cumsum()[:-1], device=u.device)
            k = torch.searchsorted(edges, pick, right=True)
        radii = torch.tensor(self.radii, dtype=torch.float64, device=u.device)[k]
        below = torch.special.ndtr(-radii / self.scale)  # the mass that is cut
        normal = -torch.special.ndtri((1 - below) * u[..., 0].double())
        radius = (radii + self.scale * normal).to(u.dtype)
        angle = 2 * math.pi * u[..., 1]
        return radius[..., None] * torch.stack((angle.cos(), angle.sin()), dim=-1)

    @property
    def _shares(self) -> np.ndarray:
        weights = np.ones(len(self.radii)) if self.weights is None else np.array(self.weights)
        return weights / weights.sum()

    def _terms(self, r: Tensor) -> Tensor:
        """Log of each circle's share of the radius' density, (..., K)."""
        radii = torch.tensor(self.radii, dtype=r.dtype, device=r.device)
        kept = log_ndtr(np.array(self.radii) / self.scale)
        constant = kept + math.log(self.scale * math.sqrt(2 * math.pi)) - np.log(self._shares)
        white = (r.unsqueeze(-1) - radii) / self.scale
        return -white.square() / 2 - torch.tensor(constant, dtype=r.dtype, device=r.device)

    def log_prob(self, x: Tensor) -> Tensor:
        r = check_points(x, 2).norm(dim=-1)
        return self._terms(r).logsumexp(-1) - (2 * math.pi * r).log()

    def score(self, x: Tensor) -> Tensor:
        r = check_points(x, 2).norm(dim=-1, keepdim=True)
        radii = torch.tensor(self.radii, dtype=x.dtype, device=x.device)
        share = self._terms(r.squeeze(-1)).softmax(-1)
        slope = (share * (radii - r)).sum(-1, keepdim=True) / self.scale**2 - 1 / r
        return slope * x / r

    def _nearest(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Number and distance of the nearest circle, and the points' own radius."""
        r = check_points(x, 2).norm(dim=-1)
        off = (r.unsqueeze(-1) - torch.tensor(self.radii, dtype=x.dtype, device=x.device)).abs()
        distance, number = off.min(-1)
        return number, distance, r

    def _project(self, x: Tensor) -> Tensor:
        number, _, r = self._nearest(x)
        radius = torch.tensor(self.radii, dtype=x.dtype, device=x.device)[number]
        east = torch.tensor((1.0, 0.0), dtype=x.dtype, device=x.device)
        direction = torch.where((r > 0)[..., None], x / torch.where(r > 0, r, 1)[..., None], east)
        return radius[..., None] * direction

    def facts(self) -> Facts:
        square, entropy, error = _radial(self)
        gaps = np.diff((-self.radii[0], *self.radii)) / 2
        circles = len(self.radii)
        return Facts(
            mean=Fact(np.zeros(2)),
            covariance=Fact(square / 2 * np.eye(2)),
            entropy=Fact(entropy, error),
            mode_of=Fact(lambda x: self._nearest(x)[0]),
            labels=Fact(self._shares),
            support_distance=Fact(lambda x: self._nearest(x)[1]),
            project=Fact(self._project),
            noise=Fact(self.scale),
            intrinsic_dimension=Fact(2),
            topology=Fact(Topology((circles, circles), "the circles without noise")),
            reach=Fact(float(gaps.min())),
            curvature=Fact(1 / self.radii[0]),
            tail_index=Fact(math.inf),
        )

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        source = "Song and Ermon (2020), datasets.py"
        return {
            "f_wgan": Preset(cls((5.0,), 0.2), f"{source}, Ring"),
            "f_wgan_rings": Preset(
                cls((1.0, 3.0, 5.0), 0.2, (1, 3, 5)), f"{source}, Multiring: in proportion to their lengths"
            ),
        }

    @classmethod
    def examples(cls) -> list[Circles]:
        return [cls(), cls((1.0,), scale=0.1), cls((0.5, 1.0), scale=0.3, weights=(1, 3))]


@lru_cache(maxsize=64)
def _radial(law: Circles) -> tuple[float, float, float]:
    """E r^2, the entropy and its error."""

    def density(r: float) -> float:
        return float(law._terms(torch.tensor([r], dtype=torch.float64)).logsumexp(-1).exp())

    def surprise(r: float) -> float:
        p = density(r)
        return p * (math.log(2 * math.pi * r) - math.log(p)) if p > 0 else 0.0

    ends = sorted({0.0, *(max(0.0, r + c * law.scale) for r in law.radii for c in (-12, -3, 0, 3, 12))})
    total = np.zeros(3)
    for a, b in pairwise(ends):
        square, _ = integrate.quad(lambda r: r * r * density(r), a, b, epsabs=1e-12)
        entropy, error = integrate.quad(surprise, a, b, epsabs=1e-11, limit=200)
        total += square, entropy, error
    return float(total[0]), float(total[1]), float(total[2])

"""Gaussian arms, twisted around the origin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts, Modes
from gantheory.distributions.mixture import mixture_score
from gantheory.distributions.mixture_density import component_log_prob, mixture_log_prob, tensors
from gantheory.distributions.mixture_entropy import mixture_entropy
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Pinwheel(Density):
    """Equal Gaussian arms around the origin, each turned the further the farther out.

    Equation: ``y`` from the equal mixture of ``N(R_k (radius, 0), R_k diag(length^2, width^2) R_k')``, with R_k
    the turn by 2 pi k / arms, and ``x`` = y turned by ``twist |y|`` radians. A turn that depends on the distance
    alone keeps areas, so that density, score and entropy are those of the mixture. (In the published code
    the turn depends on one coordinate: that map is not one-to-one, its density is a sum over the roots of an
    equation at every point, and it is not offered.)

    Raises `ValueError` below three arms, for a radius, length or width that is not positive or a twist that is not
    finite.

    Reference: Johnson et al. (2016), whose turn near radius 1 changes by 0.68 radians a unit.

    Example:
        >>> law = Pinwheel(arms=5)
        >>> round(law.facts().entropy.value, 3)
        2.321
    """

    arms: int = 5
    radius: float = 2.0
    length: float = 0.6
    width: float = 0.2
    twist: float = 0.34

    def check(self) -> None:
        positive = (self.radius, self.length, self.width)
        if self.arms < 3 or not all(0 < v < math.inf for v in positive) or not math.isfinite(self.twist):
            raise ValueError(
                "Pinwheel needs three arms, a positive, finite radius, length and width, and a finite twist, "
                f"got {self}"
            )

    @property
    def dim(self) -> int:
        return 2

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, 2, start=start)
        arm = key.child("arm").integers(self.arms, n, start=start, device=noise.device)
        along, across = self.radius + self.length * noise[..., 0], self.width * noise[..., 1]
        angle = 2 * math.pi * arm / self.arms + self.twist * torch.hypot(along, across)
        return _turned(torch.stack((along, across), dim=-1), angle)

    def _straight(self, x: Tensor) -> Tensor:
        x = check_points(x, 2)
        return _turned(x, -self.twist * x.norm(dim=-1))

    def log_prob(self, x: Tensor) -> Tensor:
        return mixture_log_prob(_arms(self), self._straight(x))

    def score(self, x: Tensor) -> Tensor:
        y = self._straight(x)
        pull = mixture_score(_arms(self), y)
        r = x.norm(dim=-1, keepdim=True)
        outward = torch.nn.functional.normalize(x, dim=-1)  # 0 at the origin, where y is 0 too
        # the chain rule: turned back, less what the turn itself gains along the radius
        quarter = torch.stack((-y[..., 1], y[..., 0]), dim=-1)
        along = (pull * quarter).sum(-1, keepdim=True)
        return _turned(pull, self.twist * r.squeeze(-1)) - self.twist * along * outward

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number (..., n) of the likeliest arm at points (..., n, 2)."""
        y = self._straight(x)
        return component_log_prob(y, *tensors(_arms(self), y)).argmax(-1)

    def facts(self) -> Facts:
        square = self.radius**2 + self.length**2 + self.width**2
        return Facts(
            mean=Fact(np.zeros(2)),
            covariance=Fact(square / 2 * np.eye(2)),
            entropy=mixture_entropy(_arms(self)),
            modes=Fact(None, reason="its arms are no Gaussians: use mode_of"),
            mode_of=Fact(self.mode_of),
            labels=Fact(np.full(self.arms, 1 / self.arms)),
            support_distance=WHOLE_SPACE,
            project=WHOLE_SPACE,
            intrinsic_dimension=Fact(2),
            tail_index=Fact(math.inf),
        )

    @classmethod
    def examples(cls) -> list[Pinwheel]:
        return [cls(), cls(arms=3, radius=1.0, length=0.4, width=0.3, twist=-1.0)]


def _turned(x: Tensor, angle: Tensor) -> Tensor:
    """Return points (..., 2) turned by angles (...)."""
    cosine, sine = angle.cos(), angle.sin()
    a, b = x.unbind(-1)
    return torch.stack((cosine * a - sine * b, sine * a + cosine * b), dim=-1)


@lru_cache(maxsize=64)
def _arms(law: Pinwheel) -> Modes:
    angle = 2 * np.pi * np.arange(law.arms) / law.arms
    axis = np.stack((np.cos(angle), np.sin(angle)), axis=-1)
    frame = np.stack((axis, np.stack((-axis[:, 1], axis[:, 0]), axis=-1)), axis=-1)
    factors = frame * np.array([law.length, law.width])
    return Modes(law.radius * axis, factors @ factors.swapaxes(1, 2), np.full(law.arms, 1 / law.arms))

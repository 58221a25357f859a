"""Student's t in any dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import digamma, gammaln, stdtrit
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Student(Density):
    """Student's t around the origin, elliptical in more than one dimension.

    Equation: ``p(x) ~ (1 + |x|^2 / (nu s^2))^(-(nu + d) / 2)``; every coordinate is s times Student's t with
    nu degrees of freedom. The scale s is the one that gives every coordinate the median absolute deviation
    `mad`, for moments may not exist: ``s = mad / t_nu^-1(3/4)``, the property `scale`. `nu` is a dial: it
    moves the tail index and keeps centre, symmetry and median absolute deviation. Moments exist below order
    nu. Independent coordinates, each with an index of its own, are a product of one-dimensional laws.

    Raises `ValueError` below one dimension, or for a nu or mad that is not positive and finite.

    Reference: Kotz, Nadarajah (2004); Bailey (1994) for the sampler in the plane.

    Example:
        >>> law = Student(nu=3.0, dim=2)
        >>> law.facts().tail_index.value
        3.0
        >>> Student(nu=1.0).facts().mean.reason
        'moments exist below order 1.0 only'
    """

    nu: float = 3.0
    dim: int = 1
    mad: float = 1.0

    def check(self) -> None:
        if self.dim < 1 or not (0 < self.nu < math.inf and 0 < self.mad < math.inf):
            raise ValueError(f"Student needs a dimension and a positive, finite nu and mad, got {self}")

    @property
    def scale(self) -> float:
        """The factor of the standard t."""
        return self.mad / float(stdtrit(self.nu, 0.75))

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        pairs = (self.dim + 1) // 2
        u = key.child("radius").uniform(n, pairs, start=start)
        angle = 2 * math.pi * key.child("angle").uniform(n, pairs, start=start).double()
        # given the pairs before it, a pair is a t in the plane with 2 more degrees of freedom each, whose
        # radius has a distribution function that can be inverted
        log_u, square, points = u.double().log(), torch.full_like(angle[..., 0], self.nu), []
        for k in range(pairs):
            radius = (square * torch.expm1(-2 / (self.nu + 2 * k) * log_u[..., k])).sqrt()
            points += [radius * angle[..., k].cos(), radius * angle[..., k].sin()]
            square = square + radius.square()
        return (self.scale * torch.stack(points[: self.dim], dim=-1)).to(u.dtype)

    def log_prob(self, x: Tensor) -> Tensor:
        square = check_points(x, self.dim).square().sum(-1) / (self.nu * self.scale**2)
        return -(self.nu + self.dim) / 2 * square.log1p() - self._constant

    @property
    def _constant(self) -> float:
        nu, d = self.nu, self.dim
        lean = float(gammaln(nu / 2) - gammaln((nu + d) / 2))
        return lean + d / 2 * math.log(nu * math.pi) + d * math.log(self.scale)

    def score(self, x: Tensor) -> Tensor:
        square = check_points(x, self.dim).square().sum(-1, keepdim=True)
        return -(self.nu + self.dim) * x / (self.nu * self.scale**2 + square)

    def facts(self) -> Facts:
        nu, d = self.nu, self.dim
        missing = Fact(None, reason=f"moments exist below order {nu} only")
        spread = nu / (nu - 2) * self.scale**2 * np.eye(d) if nu > 2 else None
        surprise = (nu + d) / 2 * float(digamma((nu + d) / 2) - digamma(nu / 2))
        everywhere = Fact(None, reason="the support is the whole space")
        return Facts(
            mean=Fact(np.zeros(d)) if nu > 1 else missing,
            covariance=missing if spread is None else Fact(spread),
            entropy=Fact(self._constant + surprise),
            support_distance=everywhere,
            project=everywhere,
            intrinsic_dimension=Fact(d),
            tail_index=Fact(nu),
            smoothness=Fact(math.inf),
            score_lipschitz=Fact((nu + d) / (nu * self.scale**2)),
        )

    @classmethod
    def examples(cls) -> list[Student]:
        return [cls(nu=1.5), cls(nu=9.0, dim=3, mad=0.5)]

"""Exponential powers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import gammaincinv, gammaln
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class GeneralisedGaussian(Density):
    """Independent coordinates whose log-density is a power.

    Equation: ``p(x) = prod_i beta_i / (2 s_i Gamma(1 / beta_i)) exp(-|x_i / s_i|^beta_i)``. The scales s_i are
    those that give every coordinate the median absolute deviation `mad`; they are the property `scale`. One
    `beta` serves all coordinates, or a tuple gives each its own: 1 is Laplace's law, 2 Gauss', and towards
    infinity the law becomes uniform. `beta` is a dial: it moves the weight of the tails, which stay light,
    and keeps centre, symmetry and median absolute deviation.

    Raises `ValueError` below one dimension, for a tuple of another length, or a beta or mad that is not
    positive and finite.

    Reference: Subbotin (1923); Nadarajah (2005).

    Example:
        >>> law = GeneralisedGaussian(beta=(1.0, 2.0), dim=2)
        >>> [round(s, 4) for s in law.scale.tolist()]
        [1.4427, 2.0967]
    """

    beta: float | tuple[float, ...] = 2.0
    dim: int = 1
    mad: float = 1.0

    def check(self) -> None:
        if isinstance(self.beta, tuple) and len(self.beta) != self.dim:
            raise ValueError(f"GeneralisedGaussian: beta must be one number or {self.dim}, got {self.beta}")
        if self.dim < 1 or not all(0 < b < math.inf for b in (*self._powers, self.mad)):
            raise ValueError(
                f"GeneralisedGaussian needs a dimension, a positive, finite beta and mad, got {self}"
            )

    @property
    def _powers(self) -> np.ndarray:
        return np.broadcast_to(np.array(self.beta, dtype=np.float64), (self.dim,))

    @property
    def scale(self) -> np.ndarray:
        """The scale of every coordinate, (dim,)."""
        return self.mad / gammaincinv(1 / self._powers, 0.5) ** (1 / self._powers)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("size").uniform(n, self.dim, start=start)
        side = 2 * key.child("side").integers(2, n, self.dim, start=start, device=u.device) - 1
        powers = self._powers
        size = self.scale * gammaincinv(1 / powers, u.double().cpu().numpy()) ** (1 / powers)
        return side * torch.as_tensor(size).to(u)

    def _white(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The points over their scales, the scales and the powers."""
        x = check_points(x, self.dim)
        scale, powers = (torch.tensor(v, dtype=x.dtype, device=x.device) for v in (self.scale, self._powers))
        return x / scale, scale, powers

    def log_prob(self, x: Tensor) -> Tensor:
        white, _, powers = self._white(x)
        return -(white.abs() ** powers).sum(-1) - self._constant

    def tempered(self, temperature: float) -> GeneralisedGaussian | None:
        powers = set(self._powers.tolist())  # of one power, whose scales grow alike
        return self.replace(mad=self.mad * temperature ** (1 / powers.pop())) if len(powers) == 1 else None

    @property
    def _constant(self) -> float:
        powers = self._powers
        return float((np.log(2 * self.scale / powers) + gammaln(1 / powers)).sum())

    def score(self, x: Tensor) -> Tensor:
        white, scale, powers = self._white(x)
        return -powers / scale * white.abs() ** (powers - 1) * white.sign()

    def facts(self) -> Facts:
        powers, scale = self._powers, self.scale
        spread = scale**2 * np.exp(gammaln(3 / powers) - gammaln(1 / powers))
        kinks = powers[powers % 2 != 0]
        steep = "the score is not Lipschitz at the centre or far out, unless every beta is 2"
        return Facts(
            mean=Fact(np.zeros(self.dim)),
            covariance=Fact(np.diag(spread)),
            entropy=Fact(self._constant + float((1 / powers).sum())),
            support_distance=WHOLE_SPACE,
            project=WHOLE_SPACE,
            intrinsic_dimension=Fact(self.dim),
            tail_index=Fact(math.inf),
            smoothness=Fact(float(kinks.min(initial=math.inf))),
            score_lipschitz=Fact(2 / float(scale[0]) ** 2)
            if (powers == 2).all()
            else Fact(None, reason=steep),
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        held = ("mad", "mean", "tail_index")
        return [
            Dial("tails", "weight of light tails", cls(dim=dim), "beta", 0.5, 8, "log", "covariance", held)
        ]

    @classmethod
    def examples(cls) -> list[GeneralisedGaussian]:
        return [cls(beta=1.0, mad=0.5), cls(beta=(1.5, 4.0), dim=2)]

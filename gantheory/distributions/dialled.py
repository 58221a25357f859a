"""A law of any dimension with a dial for everything: bent bridges, whitened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.bridge import Bridge
from gantheory.distributions.bridge_axis import waves
from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Dialled(Density):
    """A law with eight dials, whitened: mean 0 and covariance I wherever they stand.

    Equation: ``u ~ Bridge`` in the first `intrinsic` coordinates. Every other coordinate follows a wave of
    ``u_1``: ``y = sqrt(2) cos(k f u_1) + thickness N(0, 1)``, the next one with the sine, for k = 1, 2, ...
    and the `frequency` f. These shears have the Jacobian 1; then ``x = L^-1 (y - E y)`` with the exact
    covariance ``L L'``. So density, score, entropy, labels and moments are exact. What the dials move:

    - `modes` (number), `separation`, `imbalance` (weights k^-imbalance), `bridge` (mass of the tube between
      neighbours: connectedness) and `tail` (1 / degrees of freedom), as in `Bridge`;
    - `intrinsic`: how many coordinates are free, the others being curved functions of the first but for noise;
    - `thickness`: the noise around them, against waves of size 1; `frequency`: how much they curve.

    The defaults are neutral: from them every dial moves its quantity alone. A shifted irrelevant axis is
    `NuisanceAxis` of this law.

    Raises `ValueError` for an intrinsic dimension outside [1, dim], a frequency or thickness that is not positive,
    and what `Bridge` refuses.

    Example:
        >>> from gantheory import Key
        >>> law = Dialled(dim=4, modes=3, bridge=0.1, intrinsic=2)
        >>> tuple(law.sample(5, Key(0)).shape), round(law.facts().entropy.value, 3)
        ((5, 4), 3.203)
    """

    dim: int = 2
    modes: int = 2
    separation: float = 6.0
    imbalance: float = 0.0
    bridge: float = 0.0
    tail: float = 0.0
    intrinsic: int = 1
    thickness: float = 0.3
    frequency: float = 2.0

    def check(self) -> None:
        if not 1 <= self.intrinsic <= self.dim:
            raise ValueError(f"Dialled: intrinsic must lie between 1 and dim, got {self}")
        if not (0 < self.thickness < math.inf and 0 < self.frequency < math.inf):
            raise ValueError(f"Dialled needs a positive, finite thickness and frequency, got {self}")
        self.latent  # noqa: B018 (its own check refuses the rest)

    @property
    def latent(self) -> Bridge:
        """The law of the free coordinates."""
        return Bridge(
            dim=self.intrinsic,
            pieces=self.modes,
            separation=self.separation,
            bridge=self.bridge,
            radius=1.0,
            imbalance=self.imbalance,
            tail=self.tail,
        )

    def _waves(self) -> tuple[np.ndarray, np.ndarray]:
        """The bent coordinates' frequencies and phases."""
        j = np.arange(self.dim - self.intrinsic)
        return self.frequency * (1 + j // 2), (j % 2) * math.pi / 2

    def _bend(self, first: Tensor) -> tuple[Tensor, Tensor]:
        """The waves over ``u_1 (..., n, 1)``, and their slopes."""
        frequency, phase = (torch.as_tensor(a, dtype=first.dtype, device=first.device) for a in self._waves())
        angle = frequency * first - phase
        return 2**0.5 * angle.cos(), -(2**0.5) * frequency * angle.sin()

    def _whitening(self, like: Tensor) -> tuple[Tensor, Tensor]:
        mean, factor, _ = _standard(self)
        return tuple(torch.as_tensor(a, dtype=like.dtype, device=like.device) for a in (mean, factor))  # pyright: ignore

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = self.latent.sample(n, key.child("latent"), start=start)
        noise = key.child("noise").normal(n, self.dim - self.intrinsic, start=start)
        y = torch.cat((u, self._bend(u[..., :1])[0] + self.thickness * noise), dim=-1)
        mean, factor = self._whitening(y)
        return torch.linalg.solve_triangular(factor, (y - mean).mT, upper=False).mT

    def _raw(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The free coordinates, what is left of the bent ones, and the waves' slopes."""
        mean, factor = self._whitening(check_points(x, self.dim))
        u, bent = (x @ factor.mT + mean).tensor_split([self.intrinsic], dim=-1)
        height, slope = self._bend(u[..., :1])
        return u, bent - height, slope

    def log_prob(self, x: Tensor) -> Tensor:
        u, rest, _ = self._raw(x)
        noise = (rest / self.thickness).square() / 2 + math.log(self.thickness * math.sqrt(2 * math.pi))
        return self.latent.log_prob(u) - noise.sum(-1) + _standard(self)[2]

    def score(self, x: Tensor) -> Tensor:
        u, rest, slope = self._raw(x)
        pull = -rest / self.thickness**2
        free = self.latent.score(u)
        first = free[..., :1] - (pull * slope).sum(-1, keepdim=True)
        return torch.cat((first, free[..., 1:], pull), dim=-1) @ self._whitening(x)[1]

    def waviness(self) -> float:
        """Return the largest curvature of a bent coordinate over the first, ``sqrt(2) (k f)^2``, before whitening."""
        return float(2**0.5 * self._waves()[0].max(initial=0.0) ** 2)

    def facts(self) -> Facts:
        latent, bent = self.latent.facts(), self.dim - self.intrinsic
        noise = bent * (0.5 * math.log(2 * math.pi * math.e) + math.log(self.thickness))
        entropy = latent.entropy
        return Facts(
            mean=Fact(np.zeros(self.dim)),
            covariance=Fact(np.eye(self.dim)),
            entropy=Fact(entropy.value + noise - _standard(self)[2], entropy.error),
            mode_of=Fact(lambda x: latent.mode_of.value(self._raw(x)[0])),
            labels=latent.labels,
            noise=Fact(None, reason="whitening makes the noise differ between directions"),
            intrinsic_dimension=Fact(self.dim),
            tail_index=latent.tail_index,
            smoothness=latent.smoothness,
        )

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        if dim < 2:
            return []  # nothing to bend: Bridge has the other dials
        whole = ("mean", "covariance")

        def dial(field: str, quantity: str, span: tuple, moves: str, *also: str) -> Dial:
            return Dial(field, quantity, cls(dim), field, *span, moves, (*whole, *also))

        return [
            dial("modes", "number of modes", (1, 8, "integers"), "labels", "tail_index", "waviness"),
            dial(
                "separation",
                "distance of modes",
                (3, 12, "log"),
                "latent.cut",
                "labels",
                "tail_index",
                "waviness",
            ),
            dial("imbalance", "weights of modes", (0, 3, "linear"), "labels", "tail_index", "waviness"),
            dial("bridge", "connectedness", (0, 0.3, "linear"), "latent.cut", "tail_index", "waviness"),
            dial("tail", "degrees of freedom", (0, 0.4, "linear"), "tail_index", "labels", "waviness"),
            dial("intrinsic", "free coordinates", (1, dim, "integers"), "intrinsic", "labels", "tail_index"),
            dial("thickness", "noise around the shape", (0.03, 1, "log"), "entropy", "labels", "waviness"),
            dial("frequency", "curvature", (0.5, 4, "log"), "waviness", "labels", "tail_index"),
        ]

    @classmethod
    def examples(cls) -> list[Dialled]:
        return [cls(), cls(4, modes=3, imbalance=1.0, bridge=0.1, tail=0.1, intrinsic=2)]


@lru_cache(maxsize=256)
def _standard(law: Dialled) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and Cholesky factor of y, exact by the characteristic function of ``u_1``, and log det of the factor."""
    frequency, phase = law._waves()
    latent, free, tilt = law.latent, law.intrinsic, np.exp(-1j * phase)

    def mean_wave(f: float) -> complex:
        return 1.0 if f == 0 else waves(latent, f)[0] if f > 0 else waves(latent, -f)[0].conjugate()

    mean, second = np.zeros(law.dim), np.eye(law.dim)
    for j, f in enumerate(frequency):
        value, lever = waves(latent, f)
        mean[free + j] = 2**0.5 * (tilt[j] * value).real
        second[0, free + j] = second[free + j, 0] = 2**0.5 * (tilt[j] * lever).real
        for k, g in enumerate(frequency):
            both = tilt[j] * tilt[k] * mean_wave(f + g) + tilt[j] * tilt[k].conjugate() * mean_wave(f - g)
            second[free + j, free + k] = both.real + (j == k) * law.thickness**2
    factor = np.linalg.cholesky(second - np.outer(mean, mean))
    return mean, factor, float(np.log(factor.diagonal()).sum())

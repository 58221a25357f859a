"""A game on the line, in the mean over instance noise."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from gantheory.games.adversarial import Adversarial, Parts
from gantheory.games.dirac import DiracGAN
from gantheory.games.objectives import Minimax
from gantheory.games.wrapped import Wrapped


@dataclass(frozen=True)
class WithExpectedNoise(Wrapped):
    """An adversarial game on data in one dimension whose losses are means over instance noise.

    Equation: losses are ``E_z l(x + scale z)`` with z standard normal, by Gauss-Hermite quadrature with
    ``nodes`` nodes: exact for losses that are polynomials of degree below ``2 nodes`` in z. So nothing is
    drawn for the noise, and the equilibria of the game stay zeros of the field. A penalty inside is
    averaged likewise; one outside sees the samples without noise.

    Raises `ValueError` for a negative scale, nodes outside 1 to 64, and data of more than one dimension.

    Reference: Mescheder, Geiger, Nowozin (2018), section 3.2.

    Example:
        >>> from gantheory import DiracGAN, Minimax
        >>> WithExpectedNoise(DiracGAN(Minimax()), scale=0.7).equilibria()
        ((0.0, 0.0),)
    """

    game: Adversarial
    scale: float
    nodes: int = 20

    def check(self) -> None:
        if not 0 <= self.scale < math.inf or not 1 <= self.nodes <= 64:
            raise ValueError(
                f"WithExpectedNoise needs a finite scale of at least 0 and 1 to 64 nodes, got "
                f"{self.scale}, {self.nodes}"
            )
        if self.samples[1] != 1:
            raise ValueError(
                f"WithExpectedNoise integrates in one dimension, but the data have {self.samples[1]}: "
                "draw the noise with WithInstanceNoise"
            )

    def loss_of(self, player: int, parts: Parts) -> Tensor:
        return self._mean(parts, lambda moved: (self.game.loss_of(player, moved),))[0]

    def losses_of(self, parts: Parts) -> tuple[Tensor, ...]:
        return self._mean(parts, self.game.losses_of)

    def _mean(self, parts: Parts, losses: Any) -> tuple[Tensor, ...]:
        z, weights = np.polynomial.hermite_e.hermegauss(self.nodes)
        shares = weights / weights.sum()
        total: list[Tensor] = []
        # all losses are means over samples, so real and generated ones may share their noise
        for node, share in zip(z.tolist(), shares.tolist()):
            shift = self.scale * node
            real = None if parts.real is None else parts.real + shift
            part = [share * loss for loss in losses(parts._replace(real=real, fake=parts.fake + shift))]
            total = [a + b for a, b in zip(total, part)] if total else part
        return tuple(total)

    @classmethod
    def examples(cls) -> Iterable[WithExpectedNoise]:
        return [cls(DiracGAN(Minimax()), 0.7, nodes=8)]

"""Noise on samples is a penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.games import DiracGAN, Minimax, WithExpectedNoise
from gantheory.random import Key


@dataclass(frozen=True)
class NoiseIsPenalty(Claim):
    """Instance noise adds to the losses half its variance times their curvature in the sample.

    Both sides list the generator's loss, then the critic's. The neighbour leaves the term of second order out
    (``order=0``).

    Reference: Bishop (1995); Roth, Lucchi, Nowozin, Hofmann (2017).

    Example:
        >>> NoiseIsPenalty().predicted((0.0, 1.0, 0.2)).round(6).tolist()
        [-0.698147, 1.396294]
    """

    order: Literal[0, 2] = 2

    part: ClassVar[str] = "I06"
    statement: ClassVar[str] = (
        "In the mean over instance noise of scale s, the losses of Dirac-GAN are those without noise plus "
        "(s^2/2) psi^2 times their second derivative, up to terms of order s^4"
    )
    latex: ClassVar[str] = (
        r"E f\big(\psi(x + s z)\big) = f(\psi x) + \tfrac{s^2}{2}\,\psi^2 f''(\psi x) + O(s^4)"
    )
    reference: ClassVar[str] = "Bishop (1995); Roth, Lucchi, Nowozin, Hofmann (2017)"
    assumptions: ClassVar[str] = "s psi at most 0.3"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 3e-4  # the fourth derivative of softplus is at most 1/8: twice (0.3)^4 / 64

    def instances(self) -> st.SearchStrategy[tuple[float, float, float]]:
        """Place of the generator, slope of the critic, and scale of the noise."""
        tenth = st.integers(-20, 20).map(lambda k: k / 10)
        drawn = st.tuples(tenth, tenth, st.integers(1, 60).map(lambda k: k / 100))
        return drawn.filter(lambda row: abs(row[1] * row[2]) <= 0.3)

    def predicted(self, instance: tuple[float, float, float]) -> np.ndarray:
        theta, psi, scale = instance
        return np.array(
            theory.noisy_dirac_losses(theta, psi, scale if self.order == 2 else 0.0), dtype=np.float64
        )

    def observed(self, instance: tuple[float, float, float], key: Key) -> np.ndarray:
        theta, psi, scale = instance
        game = WithExpectedNoise(DiracGAN(Minimax()), scale=scale)
        profile = tuple(torch.tensor([x], dtype=torch.float64) for x in (theta, psi))
        return np.array([loss.item() for loss in game.losses(profile, ())])

    @property
    def neighbour(self) -> NoiseIsPenalty | None:
        return self.replace(order=0) if self.order == 2 else None

    @classmethod
    def examples(cls) -> tuple[NoiseIsPenalty, ...]:
        return (cls(),)

"""The least-squares objective."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class LeastSquares(Objective):
    """Critic and generator fit targets: ``fake`` and ``real`` the critic, ``wanted`` the generator.

    Equation: ``critic = E_p (a - real)^2 / 2 + E_q (a - fake)^2 / 2`` and ``generator = E_q (a - wanted)^2 / 2``;
    the best critic is ``(real p + fake q) / (p + q)``. With ``real - wanted = 1`` and ``real - fake = 2`` the
    generator's loss and its counterpart on the data, both doubled, add up to ``int (p - q)^2 / (p + q)``.

    Notation: the paper's a, b, c are ``fake``, ``real``, ``wanted``. Raises `ValueError` unless ``fake`` lies
    below both others.

    Reference: Mao et al. (2017), theorem 1.

    Example:
        >>> import torch
        >>> generator, critic = LeastSquares().losses(torch.ones(4), torch.zeros(4))
        >>> generator.item(), critic.item()
        (0.5, 0.0)
    """

    fake: float = 0.0
    real: float = 1.0
    wanted: float = 1.0

    divergence: ClassVar[str] = "int (p - q)^2 / (p + q), for targets -1, 1, 0"

    def check(self) -> None:
        if not (all(map(math.isfinite, (self.fake, self.real, self.wanted))) and self.fake < self.real):
            raise ValueError(f"LeastSquares needs finite targets with fake below real, got {self}")
        if not self.fake < self.wanted:
            raise ValueError(f"LeastSquares needs a wanted target above fake, got {self}")

    @property
    def contested(self) -> tuple[float, float]:
        return self.fake, min(self.real, self.wanted)

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return (fake_logits - self.wanted).square().mean() / 2

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return ((real_logits - self.real).square().mean() + (fake_logits - self.fake).square().mean()) / 2

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return self.fake + (self.real - self.fake) * log_ratio.sigmoid()

    @classmethod
    def examples(cls) -> list[LeastSquares]:
        return [cls(), cls(-1.0, 1.0, 0.0)]

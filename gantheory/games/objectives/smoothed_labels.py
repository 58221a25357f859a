"""Label smoothing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.games.objectives.minimax import Minimax
from gantheory.games.objectives.non_saturating import NonSaturating
from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class SmoothedLabels(Objective):
    """A classifying critic whose targets are ``real`` and ``fake`` instead of 1 and 0; the generator's loss stays.

    Equation: with targets r and f the critic's cross-entropy becomes ``critic + (1 - r) E_p a - f E_q a`` in
    logits a, and its best output ``sigmoid(a) = (r p + f q) / (p + q)``. Smoothing on one side, f = 0, scales
    that output and leaves the gradient of its logarithm as it was; with f > 0 it has bumps where
    only the generator is.

    Raises `ValueError` unless ``0 <= fake < real <= 1``, and for an objective whose critic is no
    classifier: `LeastSquares` has targets of its own.

    Reference: Salimans et al. (2016), section 3.4; Goodfellow (2016), section 4.2.

    Example:
        >>> from gantheory import NonSaturating
        >>> import torch
        >>> one_sided = SmoothedLabels(NonSaturating(), real=0.9)
        >>> logit = one_sided.optimal_logit(torch.tensor(0.0))  # where p = q
        >>> round(logit.sigmoid().item(), 4)
        0.45
    """

    objective: Objective
    real: float = 0.9
    fake: float = 0.0

    def check(self) -> None:
        if not 0 <= self.fake < self.real <= 1:
            raise ValueError(
                f"SmoothedLabels needs targets 0 <= fake < real <= 1, got fake={self.fake} and real={self.real}"
            )
        if not self.objective.classifies:
            raise ValueError(
                f"SmoothedLabels needs a critic that classifies, as NonSaturating has, but that of {self.objective} "
                "has no labels"
            )

    @property
    def pairs(self) -> bool:  # type: ignore[override]
        return self.objective.pairs

    @property
    def largest(self) -> float:  # type: ignore[override]
        return self.objective.largest

    @property
    def divergence(self) -> str:  # type: ignore[override]
        return f"{self.objective.divergence}, between r p + f q and (1 - r) p + (1 - f) q"

    @property
    def contested(self) -> tuple[float, float]:
        return _logit(self.fake), _logit(self.real)

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return self.objective.generator_loss(real_logits, fake_logits)

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        # softplus(a) - softplus(-a) = a: what moves from one label to the other is linear
        hard = self.objective.critic_loss(real_logits, fake_logits)
        return hard + (1 - self.real) * real_logits.mean() - self.fake * fake_logits.mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        share = log_ratio.sigmoid()  # p / (p + q)
        return torch.logit(self.real * share + self.fake * (1 - share))

    @classmethod
    def examples(cls) -> Iterable[SmoothedLabels]:
        return [cls(NonSaturating()), cls(Minimax(), real=0.8, fake=0.1)]


def _logit(target: float) -> float:
    if target in (0, 1):
        return math.inf * (2 * target - 1)
    return math.log(target / (1 - target))

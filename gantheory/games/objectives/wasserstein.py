"""The Wasserstein objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class Wasserstein(Objective):
    """The difference of the critic's means; the Wasserstein-1 distance when the critic is 1-Lipschitz.

    Equation: ``critic = E_q a - E_p a`` and ``generator = -E_q a``. Nothing here holds the critic to be
    Lipschitz: `GradientPenalty`, `Projected` (weight clipping) or `SpectralNorm` has to.

    Reference: Arjovsky, Chintala, Bottou (2017).

    Example:
        >>> import torch
        >>> generator, critic = Wasserstein().losses(torch.ones(4), torch.zeros(4))
        >>> critic.item()
        -1.0
    """

    divergence: ClassVar[str] = "Wasserstein-1, over 1-Lipschitz critics"

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -fake_logits.mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return fake_logits.mean() - real_logits.mean()

    def optimal_logit(self, log_ratio: Tensor) -> None:
        return None

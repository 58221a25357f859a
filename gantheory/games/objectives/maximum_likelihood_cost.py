"""The objective whose generator follows the likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class MaximumLikelihoodCost(Objective):
    """The minimax critic, and a generator whose gradient at the best critic is that of ``KL(p || q)``.

    Equation: ``critic = E_p softplus(-a) + E_q softplus(a)`` and ``generator = -E_q e^a`` in logits ``a``: the
    paper's ``-E_q exp(sigmoid^-1(D))`` without its factor 1/2. Logits above 80 overflow in float32.

    Reference: Goodfellow (2014).

    Example:
        >>> import torch
        >>> generator, critic = MaximumLikelihoodCost().losses(torch.zeros(4), torch.zeros(4))
        >>> generator.item()
        -1.0
    """

    divergence: ClassVar[str] = "Jensen-Shannon (critic), Kullback-Leibler (generator)"
    classifies: ClassVar[bool] = True
    largest: ClassVar[float] = 80.0

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -fake_logits.exp().mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return softplus(-real_logits).mean() + softplus(fake_logits).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio

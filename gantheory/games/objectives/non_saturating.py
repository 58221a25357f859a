"""The non-saturating objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class NonSaturating(Objective):
    """The minimax critic, and a generator that maximises the log-probability of being taken for real.

    Equation: ``critic = E_p softplus(-a) + E_q softplus(a)`` and ``generator = E_q softplus(-a)`` in
    logits ``a``. Its gradient does not vanish where the critic is sure.

    Reference: Goodfellow et al. (2014), section 3.

    Example:
        >>> import torch
        >>> generator, critic = NonSaturating().losses(torch.zeros(4), torch.zeros(4))
        >>> round(generator.item(), 4)
        0.6931
    """

    divergence: ClassVar[str] = "Jensen-Shannon (critic)"
    classifies: ClassVar[bool] = True

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return softplus(-fake_logits).mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return softplus(-real_logits).mean() + softplus(fake_logits).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio

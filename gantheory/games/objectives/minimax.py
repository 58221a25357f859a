"""The minimax objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class Minimax(Objective):
    """The zero-sum game of the original paper, in logits ``a = D(x)``.

    Equation: ``critic = E_p softplus(-a) + E_q softplus(a)`` and ``generator = -E_q softplus(a)``, that
    is, the generator minimises ``E_q log(1 - sigmoid(a))``. The best logit is ``log p/q``, where the
    critic's loss is ``log 4 - 2 JSD(p, q)``.

    Reference: Goodfellow et al. (2014), proposition 1.

    Example:
        >>> import torch
        >>> generator, critic = Minimax().losses(torch.zeros(4), torch.zeros(4))
        >>> round(critic.item(), 4)
        1.3863
    """

    divergence: ClassVar[str] = "Jensen-Shannon"
    classifies: ClassVar[bool] = True

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -softplus(fake_logits).mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return softplus(-real_logits).mean() + softplus(fake_logits).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio

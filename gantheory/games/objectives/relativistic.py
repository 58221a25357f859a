"""The relativistic objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class Relativistic(Objective):
    """The critic tells which of two samples is real, and the generator wants it wrong.

    Equation: ``critic = E softplus(a(y) - a(x))`` and ``generator = E softplus(a(x) - a(y))`` over x real and y
    generated: all pairs of a batch. The best logit is ``log p/q``, up to a constant.

    Reference: Jolicoeur-Martineau (2019), who pairs samples one to one.

    Example:
        >>> import torch
        >>> generator, critic = Relativistic().losses(torch.zeros(4), torch.zeros(4))
        >>> round(generator.item(), 4), round(critic.item(), 4)
        (0.6931, 0.6931)
    """

    pairs: ClassVar[bool] = True
    divergence: ClassVar[str] = "Jensen-Shannon, between pairs (x, y) of p q and of q p"

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        if real_logits is None:
            raise ValueError(
                "Relativistic: the generator is compared with real samples, whose logits are missing"
            )
        return self.critic_loss(fake_logits, real_logits)

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return softplus(fake_logits.flatten() - real_logits.flatten()[:, None]).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio

"""The hinge objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class Hinge(Objective):
    """A critic that asks for a margin of 1 on both sides, and a generator that maximises its logit.

    Equation: ``critic = E_p (1 - a)_+ + E_q (1 + a)_+`` and ``generator = -E_q a``. The best logit is the sign
    of ``p - q`` (anything in [-1, 1] where they are equal), where the critic's loss is ``2 - 2 TV(p, q)``.

    Reference: Lim, Ye (2017); Tran, Ranganath, Blei (2017).

    Example:
        >>> import torch
        >>> generator, critic = Hinge().losses(torch.ones(4), torch.zeros(4))
        >>> critic.item()
        1.0
    """

    divergence: ClassVar[str] = "total variation"
    smooth: ClassVar[bool] = False

    @property
    def contested(self) -> tuple[float, float]:
        return -1.0, 1.0

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -fake_logits.mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return (1 - real_logits).relu().mean() + (1 + fake_logits).relu().mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio.sign()

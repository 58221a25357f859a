"""The variational objective of the alpha-divergences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gantheory.games.objectives.objective import Objective


@dataclass(frozen=True)
class AlphaDivergence(Objective):
    """The variational bound of an alpha-divergence: one dial from mode-seeking to mass-covering.

    Equation: with r = p/q, ``D = int q (r^alpha - 1 - alpha (r - 1)) / (alpha (alpha - 1))``. The logit a stands for
    log r, ``critic = E_q (e^(alpha a) - 1) / alpha - E_p (e^((alpha - 1) a) - 1) / (alpha - 1)``, and the generator's
    loss is minus its first mean. Alpha 1 is ``KL(p || q)``, 0 ``KL(q || p)``, the limits; 1/2 is twice
    ``int (sqrt p - sqrt q)^2``, 2 and -1 are half of ``int (p - q)^2 / q`` and ``int (p - q)^2 / p``. A
    population may vary alpha. Losses overflow in float32 where ``max(|alpha|, |alpha - 1|) |a|`` exceeds 80.

    Raises `ValueError` for an alpha that is not finite.

    Reference: Cressie, Read (1984), whose lambda is ``alpha - 1``; Nowozin, Cseke, Tomioka (2016), for the bound.

    Example:
        >>> import torch
        >>> AlphaDivergence(0.0).losses(torch.zeros(2), torch.ones(2))
        (tensor(-1.), tensor(1.))
    """

    alpha: float

    divergence: ClassVar[str] = "int q (r^alpha - 1 - alpha (r - 1)) / (alpha (alpha - 1)), r = p / q"

    def check(self) -> None:
        if not math.isfinite(self.alpha):
            raise ValueError(f"AlphaDivergence needs a finite alpha, got {self.alpha}")

    @property
    def largest(self) -> float:  # type: ignore[override]
        return 80.0 / max(abs(self.alpha), abs(self.alpha - 1))

    def generator_loss(self, real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -_grown(fake_logits, self.alpha).mean()

    def critic_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return _grown(fake_logits, self.alpha).mean() - _grown(real_logits, self.alpha - 1).mean()

    def optimal_logit(self, log_ratio: Tensor) -> Tensor:
        return log_ratio

    @classmethod
    def examples(cls) -> list[AlphaDivergence]:
        return [cls(alpha) for alpha in (-0.5, 0.0, 0.5, 1.0, 1.5)]


def _grown(a: Tensor, rate: float | Tensor) -> Tensor:
    """``(e^(rate a) - 1) / rate``, and its limit a at rate 0; a population's rate is a tensor."""
    rate = torch.as_tensor(rate, dtype=a.dtype, device=a.device)
    safe = torch.where(rate == 0, 1.0, rate)
    return torch.where(rate == 0, a, (safe * a).expm1() / safe)

"""RMSProp."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step


@dataclass(frozen=True)
class RMSProp(Step):
    """Steps divided by a running root mean square of the gradient, in the arithmetic of `torch.optim.RMSprop`.

    Equation: ``v = decay v + (1 - decay) g^2``, ``w - rate g / (sqrt(v) + eps)``, from v = 0.

    Raises `ValueError` for a rate or eps that is negative or infinite, or a decay outside [0, 1).

    Reference: Tieleman, Hinton (2012).

    Example:
        >>> import torch
        >>> one = torch.ones(1, 1)
        >>> round(RMSProp(0.1).move(one, one, RMSProp(0.1).init(one))[0].item(), 4)
        0.0
    """

    rate: float = 1e-3
    decay: float = 0.99
    eps: float = 1e-8

    def check(self) -> None:
        finite = 0 <= self.rate < math.inf and 0 <= self.eps < math.inf
        if not (finite and 0 <= self.decay < 1):
            raise ValueError(f"RMSProp needs finite rate and eps of at least 0, decay in [0, 1), got {self}")

    def init(self, w: Tensor) -> tuple[Tensor]:
        return (torch.zeros_like(w),)

    def move(self, w: Tensor, gradient: Tensor, state: tuple[Tensor]) -> tuple[Tensor, tuple[Tensor]]:
        v = self.decay * state[0] + (1 - self.decay) * gradient * gradient
        return w - self.rate * gradient / (v.sqrt() + self.eps), (v,)

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(parameters, lr=self.rate, alpha=self.decay, eps=self.eps)

    @classmethod
    def examples(cls) -> list[RMSProp]:
        return [cls(0.01), cls(0.01, decay=0.9)]

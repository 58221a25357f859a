"""Adam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step


@dataclass(frozen=True)
class Adam(Step):
    """Steps scaled by running moments of the gradient, in the arithmetic of `torch.optim.Adam`.

    Equation: ``m = b1 m + (1 - b1) g``, ``v = b2 v + (1 - b2) g^2``,
    ``w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)``. Started at a zero of the field it stays.

    Reference: Kingma, Ba (2015).

    Example:
        >>> import torch
        >>> w = torch.ones(1, 1)
        >>> round(Adam(0.1).move(w, w, Adam(0.1).init(w))[0].item(), 4)
        0.9
    """

    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def check(self) -> None:
        finite = 0 <= self.rate < math.inf and 0 <= self.eps < math.inf
        if not (finite and 0 <= self.beta1 < 1 and 0 <= self.beta2 < 1):
            raise ValueError(f"Adam needs finite rate and eps of at least 0 and betas in [0, 1), got {self}")

    def init(self, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # the clock is a float64 scalar, so that bias corrections are as exact as Python's
        return torch.zeros_like(w), torch.zeros_like(w), torch.zeros((), dtype=torch.float64)

    def move(self, w: Tensor, gradient: Tensor, state: Any) -> tuple[Tensor, Any]:
        m, v, clock = state
        t = float(clock) + 1
        m = torch.lerp(m, gradient, 1 - self.beta1)
        size, root = self.rate / (1 - self.beta1**t), (1 - self.beta2**t) ** 0.5
        fresh = 1 - self.beta2
        if isinstance(fresh, float):
            v = (v * self.beta2).addcmul_(gradient, gradient, value=fresh)
        else:
            v = v * self.beta2 + fresh * gradient * gradient
        scale = v.sqrt().div_(root).add_(self.eps)
        if isinstance(size, float):
            return w.addcdiv(m, scale, value=-size), (m, v, clock + 1)
        return w - size * m / scale, (m, v, clock + 1)

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=self.rate, betas=(self.beta1, self.beta2), eps=self.eps)

    @classmethod
    def examples(cls) -> list[Adam]:
        return [cls(0.01), cls(0.01, beta1=0.5, beta2=0.9)]

"""Multiplicative steps on the simplex."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from gantheory.dynamics.rule import Step


@dataclass(frozen=True)
class Entropic(Step):
    """The mirror step of the entropy: parameters are positive numbers that keep their sum.

    Equation: ``w_i exp(-rate g_i) / Z``, with Z such that the sum of w stays what it is. In `Optimistic` it is
    optimistic mirror descent, in `Simultaneous` multiplicative weights. A coordinate of 0 stays 0.

    Raises `ValueError` for a rate that is negative or infinite. Negative parameters become NaN.

    Reference: Nemirovski, Yudin (1983); Rakhlin, Sridharan (2013).

    Example:
        >>> import math
        >>> import torch
        >>> w = torch.tensor([[0.5, 0.5]], dtype=torch.float64)
        >>> moved, _ = Entropic(1.0).move(w, torch.tensor([[0.0, math.log(3.0)]], dtype=w.dtype), ())
        >>> [round(float(p), 9) for p in moved[0]]
        [0.75, 0.25]
    """

    rate: float

    def check(self) -> None:
        if not 0 <= self.rate < math.inf:
            raise ValueError(f"Entropic needs a finite rate of at least 0, got {self.rate}")

    def init(self, w: Tensor) -> tuple:
        return ()

    def move(self, w: Tensor, gradient: Tensor, state: tuple) -> tuple[Tensor, tuple]:
        logit = w.log() - self.rate * gradient
        return w.sum(-1, keepdim=True) * logit.softmax(-1), state

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> None:
        return None

    @classmethod
    def examples(cls) -> list[Entropic]:
        return [cls(0.1)]

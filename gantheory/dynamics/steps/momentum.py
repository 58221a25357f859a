"""Gradient steps with momentum."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step


@dataclass(frozen=True)
class Momentum(Step):
    """Steps along a running sum of gradients, in the arithmetic of `torch.optim.SGD`; also a negative one.

    Equation: ``m = beta m + g``, ``w - rate m``, from m = 0; at a constant rate the heavy ball
    ``w+ = w - rate g + beta (w - w_before)``.

    Raises `ValueError` for a rate that is negative or infinite, or a beta outside (-1, 1).

    Reference: Polyak (1964); Gidel et al. (2019), for a negative beta.

    Example:
        >>> import torch
        >>> one = torch.ones(1, 1)
        >>> step = Momentum(0.5, beta=-0.5)
        >>> w, state = step.move(one, one, step.init(one))
        >>> step.move(w, one, state)[0].item()
        0.25
    """

    rate: float
    beta: float = 0.9

    def check(self) -> None:
        if not 0 <= self.rate < math.inf or not -1 < self.beta < 1:
            raise ValueError(f"Momentum needs a finite rate of at least 0 and a beta in (-1, 1), got {self}")

    def init(self, w: Tensor) -> tuple[Tensor]:
        return (torch.zeros_like(w),)

    def move(self, w: Tensor, gradient: Tensor, state: tuple[Tensor]) -> tuple[Tensor, tuple[Tensor]]:
        m = self.beta * state[0] + gradient
        return w - self.rate * m, (m,)

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        optimizer = torch.optim.SGD(parameters, lr=self.rate)
        for group in optimizer.param_groups:
            group["momentum"] = self.beta  # the constructor refuses a negative one, the arithmetic does not
        return optimizer

    @classmethod
    def examples(cls) -> list[Momentum]:
        return [cls(0.05), cls(0.1, beta=-0.3)]

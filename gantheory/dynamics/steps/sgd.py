"""Plain gradient steps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step


@dataclass(frozen=True)
class SGD(Step):
    """The plain step ``w - rate g``.

    Reference: Robbins, Monro (1951).

    Example:
        >>> import torch
        >>> SGD(0.5).move(torch.ones(1, 1), torch.ones(1, 1), ())[0].item()
        0.5
    """

    rate: float

    def check(self) -> None:
        if not 0 <= self.rate < math.inf:
            raise ValueError(f"SGD needs a finite rate of at least 0, got {self.rate}")

    def init(self, w: Tensor) -> tuple:
        return ()

    def move(self, w: Tensor, gradient: Tensor, state: tuple) -> tuple[Tensor, tuple]:
        return w - self.rate * gradient, state

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=self.rate)

    @classmethod
    def examples(cls) -> list[SGD]:
        return [cls(0.1)]

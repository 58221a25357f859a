"""Steps along gradients of bounded length."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step
from gantheory.dynamics.steps.adam import Adam
from gantheory.dynamics.steps.sgd import SGD


@dataclass(frozen=True)
class Clipped(Step):
    """A step that sees each player's gradient shortened to a largest Euclidean norm, as torch shortens it.

    Equation: ``g min(1, norm / (|g| + 1e-6))`` instead of g. (Weights are clipped by `Projected`.)

    Raises `ValueError` for a norm that is not positive.

    Reference: Pascanu, Mikolov, Bengio (2013).

    Example:
        >>> from gantheory import SGD
        >>> import torch
        >>> Clipped(SGD(1.0), 0.5).move(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), ())[0]
        tensor([[-0.3000, -0.4000]])
    """

    step: Step
    norm: float

    def check(self) -> None:
        if not 0 < self.norm < math.inf:
            raise ValueError(f"Clipped needs a positive, finite norm, got {self.norm}")

    def init(self, w: Tensor) -> Any:
        return self.step.init(w)

    def move(self, w: Tensor, gradient: Tensor, state: Any) -> tuple[Tensor, Any]:
        length = torch.linalg.vector_norm(gradient, dim=-1, keepdim=True)
        return self.step.move(w, gradient * (self.norm / (length + 1e-6)).clamp(max=1), state)

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer | None:
        kept = list(parameters)
        optimizer = self.step.torch_optimizer(kept)
        if optimizer is not None:
            optimizer.register_step_pre_hook(lambda *_: _clip(kept, self.norm))
        return optimizer

    @classmethod
    def examples(cls) -> list[Clipped]:
        return [cls(SGD(0.1), 0.5), cls(Adam(0.01), 1.0)]


def _clip(parameters: list[Tensor], norm: float) -> None:
    torch.nn.utils.clip_grad_norm_(parameters, norm)

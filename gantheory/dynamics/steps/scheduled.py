"""Steps whose rate changes with time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.rule import Step
from gantheory.dynamics.steps.adam import Adam
from gantheory.dynamics.steps.schedules import InverseTime, LinearDecay, Schedule
from gantheory.dynamics.steps.sgd import SGD
from gantheory.notation import with_field


@dataclass(frozen=True)
class Scheduled(Step):
    """A step whose rate is multiplied by a schedule of the step number.

    Equation: in step k = 0, 1, ... of its player the rate is ``rate schedule(k)``.

    Example:
        >>> from gantheory import SGD, InverseTime
        >>> import torch
        >>> one = torch.ones(1, 1, dtype=torch.float64)
        >>> step = Scheduled(SGD(0.5), InverseTime())
        >>> w, state = step.move(one, one, step.init(one))
        >>> step.move(w, one, state)[0].item()  # 1 - 0.5 - 0.5 / 2
        0.25
    """

    step: Step
    schedule: Schedule

    def init(self, w: Tensor) -> Any:
        return self.step.init(w), torch.zeros((), dtype=torch.float64)

    def move(self, w: Tensor, gradient: Tensor, state: Any) -> tuple[Tensor, Any]:
        inner, clock = state
        rate = self.step.rate * self.schedule.factors(clock)  # type: ignore[attr-defined]
        moved, inner = with_field(self.step, "rate", rate).move(w, gradient, inner)
        return moved, (inner, clock + 1)

    def check(self) -> None:
        if not hasattr(self.step, "rate"):
            raise ValueError(f"Scheduled needs a step with a rate of its own, got {self.step}")

    def torch_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer | None:
        optimizer = self.step.torch_optimizer(parameters)
        if optimizer is not None:
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self.schedule.factor)
            optimizer.register_step_post_hook(lambda *_: scheduler.step())
        return optimizer

    @classmethod
    def examples(cls) -> list[Scheduled]:
        return [cls(SGD(0.1), InverseTime(power=0.5)), cls(Adam(0.01), LinearDecay(100))]

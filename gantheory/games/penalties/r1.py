"""The R1 penalty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from gantheory.games.penalties.penalty import Penalty, slopes


@dataclass(frozen=True)
class R1(Penalty):
    """The squared gradient of the critic on the data, zero for a critic that is flat there.

    Equation: ``weight / 2 E_p |grad D(x)|^2``.

    Reference: Mescheder, Geiger, Nowozin (2018), section 4.1; Roth et al. (2017).

    Example:
        >>> import torch
        >>> R1(10.0)(lambda x: 3 * x.sum(-1, keepdim=True), torch.randn(5, 2), torch.randn(5, 2)).item()
        90.0
    """

    weight: float

    def check(self) -> None:
        if self.weight < 0:
            raise ValueError(f"R1 needs a weight of at least 0, got {self.weight}")

    def __call__(
        self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, noise: Tensor | None = None
    ) -> Tensor:
        return self.weight / 2 * slopes(critic, real).square().sum(-1).mean()

    @classmethod
    def examples(cls) -> list[R1]:
        return [cls(0.0), cls(0.3), cls(10.0)]

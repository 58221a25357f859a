"""The gradient penalty of WGAN-GP."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from gantheory.games.penalties.penalty import Penalty, given, lengths


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class GradientPenalty(Penalty):
    """Asks the critic for gradients of one length on the lines between real and generated samples.

    Equation: ``weight E (|grad D(x)| - target)^2`` at ``x = u real + (1 - u) fake`` with u uniform in
    (0, 1), one a pair; ``one_sided`` charges only lengths above the target. Without ``one_sided`` a flat
    critic is pushed away from flatness: unless ``target`` is 0 the equilibrium of a smaller game is lost.

    Notation: ``weight`` is the paper's lambda, ``target`` the g_0 of Mescheder et al., whose weight is
    twice this one. Raises `ValueError` for a negative weight or target.

    Reference: Gulrajani et al. (2017); Petzka, Fischer, Lukovnikov (2018) for one side.

    Example:
        >>> import torch
        >>> real, fake, u = torch.zeros(3, 2), torch.ones(3, 2), torch.full((3, 1), 0.5)
        >>> GradientPenalty(10.0)(lambda x: 3 * x[:, :1], real, fake, u).item()
        40.0
    """

    weight: float = 10.0
    target: float = 1.0
    one_sided: bool = False

    draws: ClassVar[bool] = True

    def check(self) -> None:
        if self.weight < 0 or not 0 <= self.target < math.inf:
            raise ValueError(f"GradientPenalty needs a weight of at least 0 and a finite target, got {self}")

    @property
    def flat(self) -> bool:
        return self.one_sided or self.target == 0

    def draw(self, n: int, dim: int, key: Key) -> Tensor:
        return key.uniform(n, 1)

    def __call__(
        self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, noise: Tensor | None = None
    ) -> Tensor:
        u = given(noise, self)
        excess = lengths(critic, u * real + (1 - u) * fake) - self.target
        return self.weight * (excess.relu() if self.one_sided else excess).square().mean()

    @classmethod
    def examples(cls) -> list[GradientPenalty]:
        return [cls(), cls(1.0, target=0.5, one_sided=True)]

"""Dirac-GAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gantheory.games.adversarial import Adversarial, Parts
from gantheory.games.game import Generates, Profile
from gantheory.games.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Objective, Wasserstein


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class DiracGAN(Adversarial, Generates):
    """The smallest GAN: a generator that is one point theta, a linear critic psi x, data at 0.

    Equation: real logit ``0``, generated logit ``theta psi``. The equilibrium is the origin, unless an
    objective is flat at logit 0 for a player (as least squares with a target of 0): then it is one of a line
    of equilibria, and none is stated. Starts are drawn from the standard normal distribution.

    Reference: Mescheder, Geiger, Nowozin (2018), section 2.

    Example:
        >>> from gantheory import Minimax
        >>> DiracGAN(Minimax()).equilibria()
        ((0.0, 0.0),)
    """

    objective: Objective

    @property
    def samples(self) -> tuple[int, int]:
        return 1, 1

    @property
    def adversity(self) -> Objective:
        return self.objective

    @property
    def sizes(self) -> tuple[int, ...]:
        return 1, 1

    def init(self, key: Key) -> Profile:
        return key.child("generator").normal(1), key.child("critic").normal(1)

    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        theta, psi = profile
        return Parts(torch.zeros_like(theta)[None], theta[None], lambda x: x * psi)

    @property
    def zero_sum(self) -> bool:  # type: ignore[override]
        logits = torch.linspace(-1, 1, 3, dtype=torch.float64)
        return not any(sum(self.objective.losses(torch.zeros_like(t), t)) for t in logits)

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        logit = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        losses = self.objective.losses(torch.zeros_like(logit), logit)
        slopes = [torch.autograd.grad(loss, logit)[0].item() for loss in losses]
        return ((0.0, 0.0),) if all(slopes) else ()  # else a line of them: a player does not care for logit 0

    def noise(self, n: int, key: Key) -> Tensor:
        return key.normal(n, 0)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return profile[0].expand(noise.shape[0], 1)

    @classmethod
    def examples(cls) -> list[DiracGAN]:
        return [*map(cls, (Minimax(), NonSaturating(), Wasserstein(), LeastSquares(-1.0, 1.0, 1.0), Hinge()))]

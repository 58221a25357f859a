"""An adversarial game whose generator also fits the data by likelihood."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gantheory.distributions import Ring
from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts, given
from gantheory.games.objectives import NonSaturating
from gantheory.games.penalties import GradientPenalty
from gantheory.games.with_penalty import WithPenalty
from gantheory.games.wrapped import WrappedGenerator
from gantheory.models import MLP, RealNVP


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class WithLikelihood(WrappedGenerator):
    """An adversarial game whose generator, a flow, maximises the likelihood of the real samples too.

    Equation: ``generator loss - weight E_p log q``, with q the generator's density, in nats a sample; the
    critic's loss stays. With weight 0 it is the game inside; the larger the weight, the nearer to
    `LikelihoodGame`. With `WithInstanceNoise`, inside or around it, the samples that are fitted are noisy too.

    Raises `ValueError` for a negative weight, and for a generator without an exact density.

    Reference: Grover, Dhar, Ermon (2018), whose lambda is ``weight``.

    Example:
        >>> from gantheory import MLP, AdversarialGame, GradientPenalty, RealNVP, Ring, Wasserstein, WithPenalty
        >>> game = AdversarialGame(RealNVP(2, layers=2, hidden=(8,)), MLP(2, (8,), 1), Ring(), Wasserstein())
        >>> hybrid = WithLikelihood(WithPenalty(game, GradientPenalty(1.0)), weight=0.5)
        >>> hybrid.density
        RealNVP(dim=2, layers=2, hidden=(8,))
    """

    game: Adversarial
    weight: float

    def check(self) -> None:
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"WithLikelihood needs a finite weight of at least 0, got {self.weight}")
        if self.density is None or self.density.likelihood != "exact":
            raise ValueError(
                f"WithLikelihood needs a generator with an exact density, such as a flow; {self.game} has another"
            )

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return ()

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        return self.game.draw(key, only=None if only == 0 else only)

    def real_samples(self, *, only: int | None = None) -> int:
        return self.game.real_samples(only=None if only == 0 else only)

    def loss_of(self, player: int, parts: Parts) -> Tensor:
        loss = self.game.loss_of(player, parts)
        return loss + self._fit(parts) if player == 0 else loss

    def losses_of(self, parts: Parts) -> tuple[Tensor, ...]:
        generator, *others = self.game.losses_of(parts)
        return generator + self._fit(parts), *others

    def _fit(self, parts: Parts) -> Tensor:
        if parts.log_prob is None:  # a game of one's own may forget it
            raise ValueError(f"the parts of {self.game} have no log_prob, which the likelihood needs")
        return -self.weight * parts.log_prob(given(parts.real)).mean()

    @classmethod
    def examples(cls) -> Iterable[WithLikelihood]:
        flow, critic = RealNVP(2, layers=2, hidden=(4,)), MLP(2, (4,), 1)
        game = AdversarialGame(flow, critic, Ring(), NonSaturating(), batch=4)
        return [cls(game, 0.5), cls(WithPenalty(game, GradientPenalty()), 1.0)]

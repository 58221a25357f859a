"""A game whose critic sees every sample through noise."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts
from gantheory.games.dirac import DiracGAN
from gantheory.games.game import Profile
from gantheory.games.objectives import Minimax
from gantheory.games.penalties import R1
from gantheory.games.with_penalty import WithPenalty
from gantheory.games.wrapped import Wrapped, WrappedGenerator
from gantheory.notation import with_field


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class WithInstanceNoise(WrappedGenerator):
    """An adversarial game in which real and generated samples get normal noise before the critic sees them.

    Equation: samples become ``x + scale z`` with z standard normal, drawn in the batch, a new one for every
    sample. With ``until`` the noise is annealed: in step k of a run its scale is ``scale (1 - k / until)``, and
    0 from step ``until`` on. Penalties inside and outside of this wrapper see the noisy samples too.
    `WithExpectedNoise` takes the mean over the noise instead. Generated samples are made without noise.

    Raises `ValueError` for a negative scale, or an end before the first step.

    Reference: Sonderby et al. (2017); Arjovsky, Bottou (2017).

    Example:
        >>> from gantheory import DiracGAN, Minimax
        >>> WithInstanceNoise(DiracGAN(Minimax()), scale=0.7).sizes
        (1, 1)
    """

    game: Adversarial
    scale: float
    until: int | None = None

    def check(self) -> None:
        if not 0 <= self.scale < math.inf:
            raise ValueError(f"WithInstanceNoise needs a finite scale of at least 0, got {self.scale}")
        if self.until is not None and self.until < 1:
            raise ValueError(f"WithInstanceNoise needs a step to end at, or None for never, got {self.until}")

    def at(self, step: int) -> Wrapped:
        game = WrappedGenerator.at(self, step)
        if self.until is None:
            return game
        return with_field(game, "scale", self.scale * max(0.0, 1 - step / self.until))

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        noise = (self.scale * key.child("instance", side).normal(*self.samples) for side in ("real", "fake"))
        return self.game.draw(key, only=only), *noise

    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        inner, for_real, for_fake = batch
        parts = Parts(*self.game.parts(profile, inner))
        real = None if parts.real is None else parts.real + for_real
        return parts._replace(real=real, fake=parts.fake + for_fake)

    @classmethod
    def examples(cls) -> Iterable[WithInstanceNoise]:
        return [
            cls(DiracGAN(Minimax()), 0.7),
            cls(WithPenalty(AdversarialGame.examples()[1], R1(1.0)), 0.1, until=5),
        ]

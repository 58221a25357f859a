"""What adversarial games around another game share."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gantheory.games.adversarial import Adversarial, Parts
from gantheory.games.game import Generates, Profile
from gantheory.games.objectives import Objective
from gantheory.notation import with_field


if TYPE_CHECKING:
    from gantheory.models import Likelihood, Model
    from gantheory.random import Key


@dataclass(frozen=True)
class Wrapped(Adversarial, ABC):
    """An adversarial game made of another one, which it is like in all that it does not say."""

    if TYPE_CHECKING:  # leaves have it as a field, for which an inherited property would be a default

        @property
        def game(self) -> Adversarial:
            """The game inside."""
            ...

    @property
    def samples(self) -> tuple[int, int]:
        return self.game.samples

    @property
    def adversity(self) -> Objective:
        return self.game.adversity

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.game.vectorised

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.game.sizes

    def models(self) -> tuple[Model, ...]:
        return self.game.models()

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return self.game.equilibria()

    def init(self, key: Key) -> Profile:
        return self.game.init(key)

    def at(self, step: int) -> Wrapped:
        inner = self.game.at(step)
        return self if inner is self.game else with_field(self, "game", inner)

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        return self.game.draw(key, only=only)

    def real_samples(self, *, only: int | None = None) -> int:
        return self.game.real_samples(only=only)

    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        return Parts(*self.game.parts(profile, batch))

    def loss_of(self, player: int, parts: Parts) -> Tensor:
        return self.game.loss_of(player, parts)

    def losses_of(self, parts: Parts) -> tuple[Tensor, ...]:
        return self.game.losses_of(parts)


@dataclass(frozen=True)
class WrappedGenerator(Wrapped, Generates, ABC):
    """One that makes the samples of the game inside."""

    def noise(self, n: int, key: Key) -> Tensor:
        return self._generator().noise(n, key)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return self._generator().generate(profile, noise)

    @property
    def density(self) -> Likelihood | None:
        return self._generator().density

    def _generator(self) -> Generates:
        if not isinstance(self.game, Generates):
            raise ValueError(f"{self.game} makes no samples")
        return self.game

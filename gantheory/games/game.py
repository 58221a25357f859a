"""What every game offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.models import Likelihood, Model
    from gantheory.random import Key


Profile = tuple[Tensor, ...]


@dataclass(frozen=True)
class Game(Noun, ABC):
    """Players who each minimise a loss of their own, which depends on everybody's parameters.

    A game is written for one run: a *profile* holds one flat parameter vector a player. All noise is in
    the *batch*, so losses are deterministic. A game that has nothing to draw returns the batch ``()``.
    """

    players: ClassVar[tuple[str, ...]]
    vectorised: ClassVar[bool] = True
    """Whether the losses run under `torch.func.vmap`."""
    zero_sum: ClassVar[bool] = False
    """Whether all losses add up to 0 at every point and batch. (Where they do so only up to what a player
    cannot change, as for the minimax objective's real samples, this is False.)"""
    has_em_step: ClassVar[bool] = False
    """Whether there is a step of expectation maximisation."""

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """The number of parameters of every player."""

    @abstractmethod
    def init(self, key: Key) -> Profile:
        """Draw initial parameters, ``(*batch, size)`` a player for a key of batch shape ``batch``."""

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        """Draw one batch for every key; where ``only`` says who will move, what others need is left out."""
        return ()

    def at(self, step: int) -> Game:
        """Return the game to draw from in a step of a run: itself, unless something fades with time.

        What changes with the step may change `draw` alone.
        """
        return self

    def real_samples(self, *, only: int | None = None) -> int:
        """The number of samples of the data that one `draw` takes."""
        return 0

    @abstractmethod
    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        """Return every player's loss, a scalar each, on a batch."""

    def loss(self, player: int, profile: Profile, batch: Any = ()) -> Tensor:
        """Return the loss of one player, sparing the others' work where the game knows how."""
        return self.losses(profile, batch)[player]

    def em_step(self, profile: Profile, batch: Any = ()) -> Profile:
        """Return the profile after a step of expectation maximisation on a batch."""
        raise ValueError(f"{self} has no step of expectation maximisation")

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        """All equilibria, as points of all players' parameters; empty where not all are known."""
        return ()

    def models(self) -> tuple[Model, ...]:
        """The model of every player; empty where players are bare parameters."""
        return ()

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Game]:
        """Return small instances, for the contract tests."""


class Generates(ABC):
    """A game whose profile makes samples."""

    @property
    def density(self) -> Likelihood | None:
        """The model that makes them of the first player's parameters, where it has a density or a bound on it."""
        return None

    @abstractmethod
    def noise(self, n: int, key: Key) -> Tensor:
        """Draw what ``n`` samples are made of, ``(*batch, n, latent)``."""

    @abstractmethod
    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        """Return the samples ``(n, d)`` made of noise ``(n, latent)``."""

"""Fitting a flow to a density, as a game with one player."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from gantheory.distributions import Density, Ring
from gantheory.games.game import Game, Generates, Profile
from gantheory.models import Flow, Inverse, Model, Planar


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class VariationalGame(Game, Generates):
    """A flow that comes close to a density whose samples it never sees: a game with one player.

    Equation: ``loss = mean [log q(x) - log p(x)]`` over ``batch`` samples x of the flow, in nats: an estimate of
    ``KL(q || p) >= 0``. Where p is known but for its normaliser Z, ``-loss`` with the energy in place of
    ``-log p`` is the bound on ``log Z``. A flow that puts mass where p has none pays infinitely: give a
    bounded density a `Boxed` flow.

    Raises `ValueError` where dimensions do not fit or the target has no density.

    Reference: Rezende and Mohamed (2015).

    Example:
        >>> from gantheory import Inverse, Planar, Ring
        >>> VariationalGame(Inverse(Planar(2, layers=4)), Ring(), batch=16).sizes
        (20,)
    """

    model: Flow
    target: Density
    batch: int = 256

    players: ClassVar[tuple[str, ...]] = ("model",)

    def check(self) -> None:
        if self.batch < 1:
            raise ValueError(f"VariationalGame needs a batch of at least 1, got {self.batch}")
        if self.model.dim != self.target.dim:
            raise ValueError(f"{self.model} has {self.model.dim} dimensions, the target {self.target.dim}")

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.model.vectorised

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.model.size,)

    def models(self) -> tuple[Model, ...]:
        return (self.model,)

    def init(self, key: Key) -> Profile:
        return (self.model.init(key.child("model")),)

    def draw(self, key: Key, *, only: int | None = None) -> tuple[Tensor]:
        return (self.noise(self.batch, key.child("noise")),)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        (w,), (noise,) = profile, batch
        x, log_q = self.model.push(w, noise)
        return ((log_q - self.target.log_prob(x)).mean(),)

    def noise(self, n: int, key: Key) -> Tensor:
        return self.model.noise(n, key)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return self.model(profile[0], noise)

    def log_prob(self, profile: Profile, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the flow's log-density ``(n,)`` at points ``(n, d)``, in nats."""
        return self.model.log_prob(profile[0], x)

    @classmethod
    def examples(cls) -> Iterable[VariationalGame]:
        return [cls(Inverse(Planar(2, layers=2)), Ring(scale=0.5), batch=4)]

"""A game with a penalty added to one player's loss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts
from gantheory.games.dirac import DiracGAN
from gantheory.games.game import Profile
from gantheory.games.objectives import Minimax, Wasserstein
from gantheory.games.penalties import DRAGAN, R1, R2, GradientPenalty, Penalty
from gantheory.games.wrapped import WrappedGenerator


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class WithPenalty(WrappedGenerator):
    """An adversarial game in which the player that a penalty names pays that penalty too.

    Equation: ``loss_i' = loss_i + penalty(critic, real, fake)`` for the named player ``i``. Penalties
    nest: ``WithPenalty(WithPenalty(game, a), b)``. What a penalty draws becomes part of the batch. The
    game's equilibria stay where the penalty lets a flat critic rest; else none is known.

    Example:
        >>> from gantheory import DiracGAN, Minimax, R1
        >>> WithPenalty(DiracGAN(Minimax()), R1(0.3)).sizes
        (1, 1)
    """

    game: Adversarial
    penalty: Penalty

    def check(self) -> None:
        if self.penalty.player not in self.players:
            raise ValueError(f"{self.penalty} is for the player {self.penalty.player!r}, of {self.players}")
        critic = self.models()[1:2]
        if critic and not critic[0].samplewise:
            raise ValueError(
                f"{self.penalty} asks for the critic's gradient at each sample, but {critic[0]} judges a batch as a "
                "whole: normalise it with LayerNorm or VirtualBatchNorm instead"
            )

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        return self.game.equilibria() if self.penalty.flat else ()

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        inner = self.game.draw(key, only=self._seen(only))
        if not self.penalty.draws:
            return inner
        charged = self._seen(only) is None
        return inner, self.penalty.draw(*self.samples, key.child("penalty")) if charged else None

    def real_samples(self, *, only: int | None = None) -> int:
        return self.game.real_samples(only=self._seen(only))

    def _seen(self, only: int | None) -> int | None:
        """The player who pays needs the whole batch."""
        return None if only == self.players.index(self.penalty.player) else only

    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        if not self.penalty.draws:
            return Parts(*self.game.parts(profile, batch))
        inner, noise = batch
        parts = Parts(*self.game.parts(profile, inner))
        return parts._replace(noise=(*parts.noise, noise))

    def loss_of(self, player: int, parts: Parts) -> Tensor:
        loss = self.game.loss_of(player, self._inner(parts))
        return loss + self._charge(parts) if self.players[player] == self.penalty.player else loss

    def losses_of(self, parts: Parts) -> tuple[Tensor, ...]:
        losses = self.game.losses_of(self._inner(parts))
        charged = self.players.index(self.penalty.player)
        return tuple(loss + self._charge(parts) if i == charged else loss for i, loss in enumerate(losses))

    def _inner(self, parts: Parts) -> Parts:
        return parts._replace(noise=parts.noise[:-1]) if self.penalty.draws else parts

    def _charge(self, parts: Parts) -> Tensor:
        if parts.real is None:
            raise ValueError("this batch was drawn without real samples, which the penalty needs")
        drawn = parts.noise[-1:] if self.penalty.draws else ()
        return self.penalty(parts.critic, parts.real, parts.fake, *drawn)

    @classmethod
    def examples(cls) -> Iterable[WithPenalty]:
        nets = AdversarialGame.examples()[1]
        drawing = [DRAGAN(), GradientPenalty(), GradientPenalty(1.0, one_sided=True)]
        return [
            cls(DiracGAN(Minimax()), R1(0.3)),
            *(cls(DiracGAN(Wasserstein()), penalty) for penalty in drawing),
            cls(cls(nets, GradientPenalty()), R1(1.0)),
            cls(cls(nets, R2(1.0)), DRAGAN()),
        ]

"""Rules whose points stay in a set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from gantheory.dynamics.directions import Alternating, Simultaneous
from gantheory.dynamics.domains import nearest
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, RMSProp
from gantheory.dynamics.wrappers.wrapper import Wrapper, meant


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Projected(Wrapper):
    """After each step of a rule, players go to the nearest point of a ball or a box around the origin.

    Equation: ``w min(1, radius / |w|)`` for a ``"ball"``, every coordinate cut to [-radius, radius] for a
    ``"box"``; for the named player, or for every one. Wasserstein GANs' weight clipping is
    ``Projected(rule, radius=0.01, shape="box", player="critic")``.

    Raises `ValueError` for a radius that is not positive, and for a player that the game does not have.

    Reference: Arjovsky, Chintala, Bottou (2017).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> rule = Projected(Simultaneous(SGD(0.2)), radius=2.0)
        >>> runs = simulate(Bilinear(), rule, steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['cycling']
    """

    rule: Rule
    radius: float = 1.0
    shape: Literal["ball", "box"] = "ball"
    player: str | None = None

    linear: ClassVar[bool] = False

    def check(self) -> None:
        if not 0 < self.radius < math.inf:
            raise ValueError(f"Projected needs a positive, finite radius, got {self.radius}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        meant(self.player, game, "Projected")
        return self.rule.turns(game)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        moved, state = self.rule.advance(game, profile, state, key)
        kept = tuple(
            nearest(w, self.shape, self.radius) if held else w
            for w, held in zip(moved, meant(self.player, game, "Projected"))
        )
        return kept, state

    @classmethod
    def examples(cls) -> list[Projected]:
        return [
            cls(Simultaneous(SGD(0.05)), radius=5.0),
            cls(Alternating(RMSProp(0.01)), radius=0.5, shape="box", player=None),
        ]

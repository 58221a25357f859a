"""Averages of a rule's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from gantheory.dynamics.directions import Alternating, ExtraGradient, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper, meant


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Averaged(Wrapper):
    """The average of the points of a rule, which itself goes on as if nobody looked.

    Equation: ``a_k = a_{k-1} + (w_k - a_{k-1}) / k``, the mean of w_1 to w_k; with a ``decay`` the exponential
    average ``a_k = decay a_{k-1} + (1 - decay) w_k`` from a_0 = w_0. Points, outcomes and samples of the trajectory are
    the average's; with a ``player``, as "generator" for evaluation, the others' points stay their own.

    Raises `ValueError` for a decay outside [0, 1), and for a player that the game does not have.

    Reference: Polyak, Juditsky (1992); Yaz\u0131c\u0131 et al. (2019), for GANs.

    Example:
        >>> from gantheory import SGD, Alternating, Bilinear, Key, simulate
        >>> rule = Averaged(Alternating(SGD(0.1)))
        >>> runs = simulate(Bilinear(), rule, steps=1000, start=(1.0, 0.0), key=Key(0))
        >>> bool(runs.points[0, -1].norm() * 1000 < 25)  # the average converges like 1 / k; the points circle
        True
    """

    rule: Rule
    decay: float | None = None
    player: str | None = None

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.decay is not None and self.rule.consistent

    def check(self) -> None:
        if self.decay is not None and not 0 <= self.decay < 1:
            raise ValueError(f"Averaged needs a decay in [0, 1), got {self.decay}")

    def turns(self, game: Many) -> tuple[int | None, ...]:
        meant(self.player, game, "Averaged")
        return self.rule.turns(game)

    def init(self, game: Many, profile: Profile) -> Any:
        return self.rule.init(game, profile), profile, torch.zeros((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        inner, moving, clock = state
        moving, inner = self.rule.advance(game, moving, inner, key)
        clock = clock + 1
        share = 1 / clock if self.decay is None else 1 - torch.as_tensor(self.decay, dtype=clock.dtype)
        means = meant(self.player, game, "Averaged")
        average = tuple(torch.lerp(a, w, share.to(a)) if m else w for a, w, m in zip(profile, moving, means))
        return average, (inner, moving, clock)

    @classmethod
    def examples(cls) -> list[Averaged]:
        return [
            cls(Alternating(SGD(0.05))),
            cls(ExtraGradient(SGD(0.05)), decay=0.9),
            cls(Simultaneous(Adam(0.01)), decay=0.99),
        ]

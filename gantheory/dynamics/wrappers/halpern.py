"""Halpern's iteration of any rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from gantheory.dynamics.directions import ProximalPoint, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule, towards
from gantheory.dynamics.steps import SGD
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Halpern(Wrapper):
    """Every step of a rule is averaged with the start, less and less.

    Equation: ``w_{k+1} = w_0 / (k + 2) + (k + 1) / (k + 2) T(w_k)``, with T one step of the rule. Where T is
    nonexpansive, as proximal point steps of monotone fields are, ``|w - T w|^2 <= 4 |w_0 - w*|^2 / (k + 1)^2`` at w_k.

    Reference: Halpern (1967); Lieder (2021), for the constant.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, ProximalPoint, simulate
        >>> rule = Halpern(ProximalPoint(SGD(1.0)))
        >>> runs = simulate(Bilinear(), rule, steps=200, start=(1.0, 0.0), key=Key(0))
        >>> bool(runs.points[0, -1].norm() * 200 < 2)
        True
    """

    rule: Rule

    consistent: ClassVar[bool] = False

    def init(self, game: Many, profile: Profile) -> Any:
        return self.rule.init(game, profile), profile, torch.zeros((), dtype=torch.float64)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        inner, anchor, clock = state
        moved, inner = self.rule.advance(game, profile, inner, key)
        return towards(moved, anchor, 1 / (clock + 2)), (inner, anchor, clock + 1)

    @classmethod
    def examples(cls) -> list[Halpern]:
        return [cls(Simultaneous(SGD(0.05))), cls(ProximalPoint(SGD(0.2)))]

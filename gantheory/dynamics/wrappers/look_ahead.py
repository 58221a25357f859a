"""Averaging a rule's points back every few steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.directions import Alternating, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class LookAhead(Wrapper):
    """A rule takes a few steps, and the point goes only part of the way.

    Equation: ``w+ = w + pull (w_k - w)``, with w_k the rule's point after k ``steps`` from w: one step here is
    k steps of the rule. The rule's memory goes on from where it was. Another thing is `OpponentLookAhead`.

    Raises `ValueError` below one step or for a pull outside (0, 1].

    Reference: Zhang et al. (2019); Chavdarova et al. (2021), for games.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> rule = LookAhead(Simultaneous(SGD(0.2)), steps=10)
        >>> runs = simulate(Bilinear(), rule, steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    rule: Rule
    steps: int = 5
    pull: float = 0.5

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.rule.consistent and self.steps * self.pull == 1

    def check(self) -> None:
        if self.steps < 1 or not 0 < self.pull <= 1:
            raise ValueError(f"LookAhead needs a step and a pull in (0, 1], got {self}")

    @property
    def repeats(self) -> int:
        return self.steps

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        fast = profile
        for k in range(self.steps):
            fast, state = self.rule.advance(game, fast, state, key.child("look", k))
        return tuple(w + self.pull * (f - w) for w, f in zip(profile, fast)), state

    @classmethod
    def examples(cls) -> list[LookAhead]:
        return [cls(Simultaneous(SGD(0.05)), steps=3), cls(Alternating(Adam(0.01)), steps=2)]

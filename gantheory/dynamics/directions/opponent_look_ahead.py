"""Looking ahead to the opponents' next step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD, Adam


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class OpponentLookAhead(Together):
    """Every player answers where the others would be after a plain step of theirs.

    Equation: ``v_i(w_i, w_{-i} - ahead v_{-i}(w))``, the others' step taken as given; no player differentiates
    through it. On bilinear games with ``ahead`` equal to the rate it is extragradient. Another thing is `LookAhead`,
    which averages a rule's own points.

    Raises `ValueError` for a look that is negative or infinite.

    Reference: Zhang, Lesser (2010).

    Example:
        >>> from gantheory import SGD, Bilinear, Key, simulate
        >>> rule = OpponentLookAhead(SGD(0.5), ahead=0.5)
        >>> runs = simulate(Bilinear(), rule, steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['converged']
    """

    step: Stepping
    ahead: float

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.ahead == 0

    def check(self) -> None:
        if not 0 <= self.ahead < math.inf:
            raise ValueError(f"OpponentLookAhead needs a finite look of at least 0, got {self.ahead}")

    def asks(self, game: Many) -> tuple[int | None, ...]:
        return None, *range(len(game.players))

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        batch = game.draw(key.child(0))
        next_ones = tuple(w - self.ahead * v for w, v in zip(profile, game.field(profile, batch)))
        direction = []
        for i, own in enumerate(profile):
            met = (*next_ones[:i], own, *next_ones[i + 1 :])
            direction += game.field(met, batch, only=i)
        return move_all(self.step, profile, tuple(direction), state)

    @classmethod
    def examples(cls) -> list[OpponentLookAhead]:
        return [cls(SGD(0.05), ahead=0.1), cls(Adam(0.01), ahead=0.05)]

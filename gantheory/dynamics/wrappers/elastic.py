"""Elastic averaging of several workers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.directions import Alternating, Simultaneous
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.steps import SGD, Adam
from gantheory.dynamics.wrappers.wrapper import Wrapper


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Elastic(Wrapper):
    """Several workers follow a rule on batches of their own, tied to a centre by springs.

    Equation: ``x_i+ = T(x_i) - pull (x_i - c)`` and ``c+ = c + pull sum_i (x_i - c)`` for each of the
    ``workers``, with T one step of the rule; all start at c. The trajectory is the centre's.

    Raises `ValueError` below one worker, or for a pull outside (0, 1 / workers).

    Reference: Zhang, Choromanska, LeCun (2015), synchronous, with communication in every step.

    Example:
        >>> from gantheory import SGD, Bilinear, Key, Simultaneous, simulate
        >>> rule = Elastic(Simultaneous(SGD(0.1)), workers=2, pull=0.1)
        >>> simulate(Bilinear(), rule, steps=3, start=(0.0, 0.0), key=Key(0)).points[0, -1].tolist()
        [0.0, 0.0]
    """

    rule: Rule
    workers: int = 4
    pull: float = 0.1

    consistent: ClassVar[bool] = False

    def check(self) -> None:
        if self.workers < 1 or not 0 < self.pull < math.inf or self.pull * self.workers >= 1:
            raise ValueError(f"Elastic needs a worker and a pull in (0, 1 / workers), got {self}")

    @property
    def repeats(self) -> int:
        return self.workers

    def init(self, game: Many, profile: Profile) -> Any:
        return tuple((profile, self.rule.init(game, profile)) for _ in range(self.workers))

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        centre, workers = profile, []
        for i, (x, inner) in enumerate(state):
            moved, inner = self.rule.advance(game, x, inner, key.child("worker", i))
            spring = tuple(self.pull * (a - c) for a, c in zip(x, profile))
            workers.append((tuple(w - s for w, s in zip(moved, spring)), inner))
            centre = tuple(c + s for c, s in zip(centre, spring))
        return centre, tuple(workers)

    @classmethod
    def examples(cls) -> list[Elastic]:
        return [cls(Simultaneous(SGD(0.05)), workers=2), cls(Alternating(Adam(0.01)), workers=2, pull=0.3)]

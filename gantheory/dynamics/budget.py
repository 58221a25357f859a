"""What a run may use."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gantheory.notation import Noun


@dataclass(frozen=True)
class Cost:
    """What a run has used, a member: samples of the data, players' gradients; and seconds for all."""

    samples: int = 0
    field_calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.samples + other.samples,
            self.field_calls + other.field_calls,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Budget(Noun):
    """What a run may use at most, from its start on.

    ``samples`` of the data and ``field_calls``, players' gradients, are those of one member; ``seconds`` are
    those that the steps of all members take. `None` is no limit. A run takes the steps that fit wholly, and
    where seconds end it, ends after the step in which they are over. Equal budgets of samples make runs with
    different batches, critic steps and rules comparable.

    Raises `ValueError` without any limit, and for one that is not positive.

    Example:
        >>> from gantheory import SGD, AdversarialGame, Key, Minimax, MLP, Ring, Simultaneous, simulate
        >>> game = AdversarialGame(MLP(2, (4,), 2), MLP(2, (4,), 1), Ring(), Minimax(), batch=10)
        >>> runs = simulate(game, Simultaneous(SGD(0.1)), budget=Budget(samples=95), key=Key(0))
        >>> runs.cost.samples, runs.outcome.tolist()
        (90, ['out of budget'])
    """

    samples: int | None = None
    field_calls: int | None = None
    seconds: float | None = None

    def check(self) -> None:
        limits = [limit for limit in (self.samples, self.field_calls, self.seconds) if limit is not None]
        if not limits or min(limits) <= 0:
            raise ValueError(f"a Budget needs at least one limit, and each above 0, got {self}")

    def steps(self, step: Cost) -> float:
        """Return the number of steps that fit, infinite where only seconds limit them.

        ``step`` is what one step costs. Raises `ValueError` where not even one fits, or none costs anything.
        """
        fit = math.inf
        for name in ("samples", "field_calls"):
            limit, each = getattr(self, name), getattr(step, name)
            if limit is not None and not each:
                raise ValueError(
                    f"a budget of {name} never ends this run, whose steps take none: give another"
                )
            if limit is not None and limit < each:
                raise ValueError(f"a step takes {each} {name}, more than the whole {self}")
            if limit is not None:
                fit = min(fit, limit // each)
        return fit

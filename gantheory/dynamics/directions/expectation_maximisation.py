"""Expectation maximisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Stepping, Together, move_all
from gantheory.dynamics.steps import SGD


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class ExpectationMaximisation(Together):
    """A model moves to where the expected likelihood of the batch and of its hidden parts is largest.

    Equation: with M(w) that point, ``argmax_v E_{k | x, w} log q_v(x, k)``, the step is made along ``w - M(w)``
    instead of a gradient: with `SGD` ``w+ = w - rate (w - M(w))``. Rate 1 is the algorithm itself: on a batch that
    is always the same no step lowers its likelihood, and zeros of the gradient are fixed points, up to what a
    model's ridge adds. A smaller rate averages over fresh batches, whose M(w) is biased by the order of
    1 / batch; above 1 the algorithm is sped up, and below 2 still converges near a maximum. A step counts as one
    gradient.

    Raises `ValueError` for a game that is no likelihood of a model with such a step, `GaussianMixtureModel`.

    Reference: Dempster, Laird, Rubin (1977); Redner, Walker (1984), for rates from 0 to 2.

    Example:
        >>> from gantheory import SGD, GaussianMixtureModel, Key, LikelihoodGame, Ring
        >>> from gantheory import negative_log_likelihood, simulate
        >>> ring, model = Ring(scale=0.1), GaussianMixtureModel(2, components=8)
        >>> start = model.start_at(ring.sample(500, Key(0)), Key(1).split(4))
        >>> game, rule = LikelihoodGame(model, ring, batch=500), ExpectationMaximisation(SGD(1.0))
        >>> runs = simulate(game, rule, steps=60, population=4, start=start, key=Key(2))
        >>> gap = negative_log_likelihood(runs, ring, key=Key(3)).value - ring.facts().entropy.value
        >>> bool(gap.min() < 0.1)
        True
    """

    step: Stepping

    linear: ClassVar[bool] = False
    consistent: ClassVar[bool] = False

    def turns(self, game: Many) -> tuple[int | None, ...]:
        if not game.game.has_em_step:
            raise ValueError(
                f"ExpectationMaximisation needs a LikelihoodGame of a model that has such a step, as "
                f"GaussianMixtureModel, but the game is {game.game}: use Simultaneous"
            )
        return (None,)

    def advance(self, game: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
        best = game.em_step(profile, game.draw(key.child(0)))
        return move_all(self.step, profile, tuple(w - v for w, v in zip(profile, best)), state)

    @classmethod
    def examples(cls) -> list[ExpectationMaximisation]:
        return [cls(SGD(1.0)), cls(SGD(0.5))]

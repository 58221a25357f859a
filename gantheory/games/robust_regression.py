"""Least squares against an adversary who moves the targets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.distributions import Distribution, Ring
from gantheory.games.game import Game, Profile
from gantheory.games.regression_data import check_rows, features_and_target


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class RobustRegression(Game):
    """Linear regression whose targets an adversary moves, at a price: convex in one, concave in the other.

    Equation: ``min_w max_y (|X w - y|^2 - price |y - t|^2) / (2 rows)`` with features X and targets t, the
    first and the last columns of ``rows`` samples of ``data`` under ``seed``. A price above 1 makes it strongly
    concave in y. At the equilibrium w is the least-squares solution of ``X w = t``, and
    ``y = (price t - X w) / (price - 1)``. Players are ``model`` w ``(d - 1,)`` and ``adversary`` y ``(rows,)``; starts
    are standard normal.

    Raises `ValueError` for a price that is not above 1, for data without features, and for no rows.

    Reference: El Ghaoui, Lebret (1997); Yang, Kiyavash, He (2020) for this game.

    Example:
        >>> from gantheory import Ring
        >>> RobustRegression(Ring(), rows=10).sizes
        (1, 10)
    """

    data: Distribution
    rows: int = 100
    price: float = 2.0
    seed: int = 0

    players: ClassVar[tuple[str, ...]] = ("model", "adversary")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        check_rows(self.data, self.rows, "RobustRegression")
        if not 1 < self.price < math.inf:
            raise ValueError(f"RobustRegression needs a finite price above 1, got {self.price}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.data.dim - 1, self.rows

    def init(self, key: Key) -> Profile:
        model, adversary = self.sizes
        return key.child("model").normal(model), key.child("adversary").normal(adversary)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        w, y = profile
        X, t = features_and_target(self.data, self.rows, self.seed, w)
        value = ((X @ w - y).square().mean() - self.price * (y - t).square().mean()) / 2
        return value, -value

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        X, t = features_and_target(self.data, self.rows, self.seed, torch.zeros(0, dtype=torch.float64))
        if torch.linalg.matrix_rank(X) < X.shape[1]:
            return ()  # a whole subspace of models
        w = torch.linalg.lstsq(X, t[:, None]).solution[:, 0]
        y = (self.price * t - X @ w) / (self.price - 1)
        return ((*w.tolist(), *y.tolist()),)

    @classmethod
    def examples(cls) -> list[RobustRegression]:
        return [cls(Ring(), rows=9)]

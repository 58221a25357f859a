"""Logistic regression against an adversary who weighs the rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gantheory.distributions import Distribution, Ring
from gantheory.games.game import Game, Profile
from gantheory.games.regression_data import check_rows, features_and_target


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Logistic(Game):
    """Logistic regression whose rows an adversary weighs, at a price: the worst of the weightings nearby.

    Equation: ``min_w max_q sum_i q_i log(1 + exp(-s_i x_i' w)) + ridge/2 |w|^2 - price rows/2 |q - 1/rows|^2`` with
    features ``x_i`` and labels ``s_i``: the first columns of ``rows`` samples of ``data`` under ``seed``, and 1
    where the last column lies above its median, -1 elsewhere. It is concave in q, and convex in w where no
    weight is negative, as at the equilibrium for a price that is high enough. Players are ``model`` w ``(d - 1,)``,
    starting standard normal, and ``adversary``, whose parameters ``(rows,)`` are ``rows q - 1``, starting at 0.

    Raises `ValueError` unless ridge and price are positive, for data without features, and for no rows.

    Reference: Namkoong, Duchi (2017).

    Example:
        >>> from gantheory import Ring
        >>> Logistic(Ring(), rows=10).sizes
        (1, 10)
    """

    data: Distribution
    rows: int = 100
    ridge: float = 0.1
    price: float = 1.0
    seed: int = 0

    players: ClassVar[tuple[str, ...]] = ("model", "adversary")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        check_rows(self.data, self.rows, "Logistic")
        if not (0 < self.ridge < math.inf and 0 < self.price < math.inf):
            raise ValueError(
                f"Logistic needs a positive, finite ridge and price, got {self.ridge}, {self.price}"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.data.dim - 1, self.rows

    def init(self, key: Key) -> Profile:
        model, adversary = self.sizes
        return key.child("model").normal(model), 0 * key.child("adversary").normal(adversary)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        w, tilt = profile  # q = (1 + tilt) / rows, so that both players' gradients are means over rows
        X, column = features_and_target(self.data, self.rows, self.seed, w)
        sign = (column > column.median()).to(w.dtype) * 2 - 1
        fit = ((1 + tilt) * softplus(-sign * (X @ w))).mean()
        value = fit + self.ridge / 2 * w.square().sum() - self.price / 2 * tilt.square().mean()
        return value, -value

    @classmethod
    def examples(cls) -> list[Logistic]:
        return [cls(Ring(), rows=9)]

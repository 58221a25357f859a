"""Fitting by likelihood, as a game with one player."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions import Distribution, Empirical, Ring
from gantheory.games.game import Game, Generates, Profile
from gantheory.models import Likelihood, Model, RealNVP
from gantheory.random import Key


CHECKED = 256
"""The number of samples by which data are checked to be whole numbers."""


@dataclass(frozen=True)
class LikelihoodGame(Game, Generates):
    """A model that maximises the likelihood of the data, or a bound on it: a game with one player.

    Equation: ``loss = -mean log q_w(x)`` over ``batch`` samples ``x`` of the data, in nats; its floor is
    the entropy of the data. The random numbers of a bound are part of the batch. With ``batch=None`` every
    batch is all the points of a file, `Empirical` without noise: steps are then those of the whole data set.

    Raises `ValueError` where dimensions do not fit, for a model of whole numbers where the data are others, and for
    data of which nobody can take all points.

    Reference: Dinh, Krueger, Bengio (2015); Kingma and Welling (2014) for bounds.

    Example:
        >>> from gantheory import RealNVP, Ring
        >>> LikelihoodGame(RealNVP(2, layers=2, hidden=(8,)), Ring(), batch=16).players
        ('model',)
    """

    model: Likelihood
    data: Distribution
    batch: int | None = 256

    players: ClassVar[tuple[str, ...]] = ("model",)

    def check(self) -> None:
        if self.batch is not None and self.batch < 1:
            raise ValueError(f"LikelihoodGame needs a batch of at least 1, got {self.batch}")
        if self.batch is None and (not isinstance(self.data, Empirical) or self.data.noise > 0):
            raise ValueError(
                f"batch=None takes all points of a file, Empirical(...) without noise, but the data are {self.data}: "
                "say how many of them a batch has"
            )
        if self.model.dim != self.data.dim:
            raise ValueError(f"{self.model} has {self.model.dim} dimensions, the data {self.data.dim}")
        if self.model.levels is not None:
            self._check_whole(self.model.levels)

    def _check_whole(self, levels: int) -> None:
        x = self.data.sample(CHECKED, Key(0))
        if not ((x == x.floor()) & (x >= 0) & (x < levels)).all():
            raise ValueError(
                f"{self.model} is a model of the whole numbers 0 to {levels - 1}, but {self.data} has others: take as "
                f"many levels as the data have, or Quantised(data, levels={levels}), or a model with levels=None"
            )

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.model.vectorised

    @property
    def density(self) -> Likelihood:
        return self.model

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.model.size,)

    def models(self) -> tuple[Model, ...]:
        return (self.model,)

    def init(self, key: Key) -> Profile:
        return (self.model.init(key.child("model")),)

    @property
    def has_em_step(self) -> bool:  # type: ignore[override]
        return self.model.has_em_step

    def draw(self, key: Key, *, only: int | None = None) -> tuple[Tensor, ...]:
        n = self.real_samples()
        x = self._all_points(key) if self.batch is None else self.data.sample(n, key.child("data"))
        noise = self.model.draw(n, key.child("bound"))
        return (x,) if noise is None else (x, noise)

    def real_samples(self, *, only: int | None = None) -> int:
        return len(self._points()) if self.batch is None else self.batch

    def _all_points(self, key: Key) -> Tensor:
        like = key.normal(0)
        points = torch.tensor(self._points(), dtype=like.dtype, device=like.device)
        return points.expand(*key.batch, -1, -1)

    def _points(self) -> np.ndarray:
        return self.data.points()  # type: ignore[attr-defined]  # a file, as the check has seen

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        return (-self.log_prob(profile, *batch).mean(),)

    def em_step(self, profile: Profile, batch: Any = ()) -> Profile:
        """Return the parameters that maximise the expected likelihood of the batch and of what the model hides.

        Equation: ``argmax_v mean_i sum_k q_w(k | x_i) log q_v(x_i, k)``, for a model that has it in closed form.
        """
        return (self.model.em_step(profile[0], batch[0]),)

    def noise(self, n: int, key: Key) -> Tensor:
        return self.model.noise(n, key)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return self.model(profile[0], noise)

    def log_prob(self, profile: Profile, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the model's log-density ``(n,)`` at points ``(n, d)``, or one draw of its bound, in nats."""
        return self.model.log_prob(profile[0], x, noise)

    @classmethod
    def examples(cls) -> Iterable[LikelihoodGame]:
        return [cls(RealNVP(2, layers=2, hidden=(4,)), Ring(), batch=4)]

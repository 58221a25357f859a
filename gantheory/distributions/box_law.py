"""What laws with an energy on a box share: the density exp(-U) / Z, its integrals and an exact sampler."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions import box_tables, formula
from gantheory.distributions.accepted import first_accepted
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


NAMES = ("x", "y", "z")
"""The coordinates' names in an energy."""


@dataclass(frozen=True)
class BoxLaw(Density, ABC):
    """A density proportional to exp(-U) on a box of up to three dimensions, for an energy U given by text.

    The sampler is exact: interval arithmetic bounds the energy from below on every cell of a grid, cells are
    drawn in proportion to that envelope, and points in them are accepted in proportion to the density. Every
    row has its own counter of attempts, so that a row depends on the key and its number alone.
    """

    @property
    @abstractmethod
    def formula(self) -> str:
        """The energy in the coordinates x, y, z."""

    @property
    @abstractmethod
    def sides(self) -> tuple[tuple[float, float], ...]:
        """The box: its ends along every axis."""

    @property
    def dim(self) -> int:
        return len(self.sides)

    @property
    def _tables(self) -> box_tables.Tables:
        return box_tables.tables(self.formula, NAMES[: self.dim], self.sides)

    def _energy(self, x: Tensor) -> Tensor:
        return formula.at_points(self.formula, NAMES[: self.dim], x)

    def _boxed(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Whether points lie in the box, and the nearest points of it."""
        low, high = torch.tensor(self.sides, dtype=x.dtype, device=x.device).unbind(-1)
        nearest = check_points(x, self.dim).clamp(low, high)
        return (nearest == x).all(-1), nearest

    def log_prob(self, x: Tensor) -> Tensor:
        inside, nearest = self._boxed(x)
        return (-self._energy(nearest) - self._tables.log_mass).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        inside, nearest = self._boxed(x)
        slope = torch.func.grad(lambda at: -self._energy(at).sum())(nearest)
        return slope.where(inside.unsqueeze(-1), 0.0)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        like = key.uniform(0)  # its dtype and device are the sample's

        def propose(attempt: Key, rows: Any) -> tuple[Tensor, Tensor]:
            u = attempt.child("place").uniform(n, self.dim + 1, start=start, dtype=torch.float64)[rows]
            pick = attempt.child("cell").integers(2**53, n, start=start, device=like.device)[rows]
            point, log_bound = self._tables.place(pick.double() / 2**53, u[..., :-1])
            return point, u[..., -1].log() <= -self._energy(point) - log_bound

        return first_accepted(propose, key).to(like.dtype)

    def facts(self) -> Facts:
        known = self._tables.integrals
        return Facts(
            mean=Fact(known.mean, known.error),
            covariance=Fact(known.covariance, known.error),
            entropy=Fact(known.entropy, known.error),
            support_distance=Fact(lambda x: (x - self._boxed(x)[1]).norm(dim=-1)),
            project=Fact(lambda x: self._boxed(x)[1]),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(self.dim),
            topology=Fact(Topology((1,) + (0,) * (self.dim - 1), "the box")),
            reach=Fact(math.inf),
            tail_index=Fact(math.inf),
            edge=Fact(known.edge),
        )

    def tempered(self, temperature: float) -> Density:
        from gantheory.distributions.potential import Potential  # which is made of this file

        return Potential(f"({self.formula}) / {temperature!r}", box=self.sides)

    def _check_box(self) -> None:
        name = type(self).__name__
        if not 1 <= self.dim <= len(NAMES):
            raise ValueError(f"{name}: a box has one to {len(NAMES)} sides, got {self.dim}")
        ends = np.array(self.sides)
        if not (np.isfinite(ends).all() and (ends[:, 0] < ends[:, 1]).all()):
            raise ValueError(
                f"{name}: every side of the box must be (low, high) with low < high, got {self.sides}"
            )

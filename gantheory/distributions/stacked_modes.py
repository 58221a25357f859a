"""Independent copies of a mixture, side by side: many modes with known labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.linalg import block_diag
from torch import Tensor

from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.mixture import GaussianModes
from gantheory.distributions.points import check_points
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


_LISTED = 4096
"""The most modes that `facts` lists one by one: each has a covariance matrix."""


@dataclass(frozen=True)
class StackedModes(Density):
    """Independent copies of a mixture of K Gaussians, whose product has K^copies modes.

    Equation: ``p(x_1, ..., x_copies) = prod_i part(x_i)``. Three copies of ten modes are the counterpart of
    stacked MNIST (1000 modes, known there only through a classifier); here the label of a point is exact, mode
    ``sum_i K^(copies - i) k_i`` for labels k_i of its parts. Density, score and labels cost copies x K, never
    K^copies.

    Raises `ValueError` below one copy, and above 2^53 modes, whose labels would have no number.

    Reference: Metz et al. (2017) and Srivastava et al. (2017), for stacked MNIST.

    Example:
        >>> from gantheory import Ring
        >>> law = StackedModes(Ring(modes=10, scale=0.05))
        >>> law.dim, len(law.facts().labels.value)
        (6, 1000)
    """

    part: GaussianModes = field(default_factory=lambda: Ring(modes=10, scale=0.05))
    copies: int = 3

    def check(self) -> None:
        if self.copies < 1:
            raise ValueError(f"StackedModes needs at least one copy, got {self.copies}")
        if self._modes**self.copies > 2**53:
            raise ValueError(
                f"StackedModes: {self._modes}^{self.copies} modes are more than numbers tell apart: take fewer copies"
            )

    @property
    def _modes(self) -> int:
        return len(self.part.components())

    @property
    def dim(self) -> int:
        return self.copies * self.part.dim

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        parts = [self.part.sample(n, key.child("part", i), start=start) for i in range(self.copies)]
        return torch.cat(parts, dim=-1)

    def _parts(self, x: Tensor) -> Tensor:
        """The parts of points, (copies, ..., n, dim of the part)."""
        return check_points(x, self.dim).unflatten(-1, (self.copies, -1)).movedim(-2, 0)

    def log_prob(self, x: Tensor) -> Tensor:
        return self.part.log_prob(self._parts(x)).sum(0)

    def score(self, x: Tensor) -> Tensor:
        return self.part.score(self._parts(x)).movedim(0, -2).flatten(-2)

    def mode_of(self, x: Tensor) -> Tensor:
        """Return the number (..., n) of the likeliest mode at points (..., n, dim)."""
        labels = self.part.facts().mode_of.value(self._parts(x))
        return reduce(lambda number, label: self._modes * number + label, labels.unbind(0))

    def facts(self) -> Facts:
        part = self.part.facts()
        entropy = part.entropy
        if entropy.value is not None:
            entropy = Fact(self.copies * entropy.value, self.copies * entropy.error)
        many = Fact(None, reason=f"{self._modes}^{self.copies} modes are too many to list")
        listed = self._modes**self.copies <= _LISTED
        return Facts(
            mean=Fact(np.tile(part.mean.value, self.copies)),
            covariance=Fact(block_diag(*[part.covariance.value] * self.copies)),
            entropy=entropy,
            modes=Fact(self._all_modes()) if listed else many,
            mode_of=Fact(self.mode_of) if listed else many,
            labels=Fact(self._all_modes().weights) if listed else many,
            support_distance=part.support_distance,
            project=part.project,
            intrinsic_dimension=Fact(self.dim),
            tail_index=part.tail_index,
        )

    def _all_modes(self) -> Modes:
        modes = self.part.components()
        number = np.indices((len(modes),) * self.copies).reshape(self.copies, -1)
        covariances = np.zeros((number.shape[1], self.dim, self.dim))
        for i, row in enumerate(number):
            at = slice(i * self.part.dim, (i + 1) * self.part.dim)
            covariances[:, at, at] = modes.covariances[row]
        centres = np.concatenate([modes.centres[row] for row in number], axis=1)
        return Modes(centres, covariances, modes.weights[number].prod(0))

    @classmethod
    def examples(cls) -> list[StackedModes]:
        return [cls(Ring(modes=3, scale=0.3), copies=2), cls()]

"""Linear generator, quadratic critic, Gaussian data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gantheory.games.game import Game, Generates, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class LinearQuadraticGaussian(Game, Generates):
    """The GAN whose best generator is principal component analysis, with exact means.

    Equation: data ``N(0, K)`` with K diagonal of ``variances`` (any other K is this one, turned), generated
    samples ``G z`` with standard normal z of dimension ``rank``, and a quadratic critic ``x' A x`` with
    ``A = B' B + floor I``; the zero-sum value, which the generator minimises, is
    ``tr (I - A) K + tr (I - A^-1) G G'``, quadratic Kantorovich duality for the squared Wasserstein-2 distance
    between the two Gaussians: at the best A of full rank its value is that distance. Parameters are the rows
    of G ``(d, rank)``, then the rows of B ``(d, d)``; starts are standard normal.

    `optimum` is the principal components of the largest ``rank`` variances with the critic that is best
    there (1 on them, ``floor`` on the rest), a zero of the field of value ``(1 - floor)`` times the sum of
    the other variances. All its images under rotations of z, and of the rows of B, are as good, so no
    isolated equilibrium is stated. The floor keeps A invertible where the rank is below d.

    Raises `ValueError` for variances that are not positive, a rank not in 1 to d, a floor outside [0, 1),
    or a floor of 0 with a rank below d.

    Notation: A is the paper's discriminator, constrained there to be positive semidefinite.

    Reference: Feizi, Farnia, Ginart, Tse (2018).

    Example:
        >>> LinearQuadraticGaussian((4.0, 1.0), rank=1, floor=0.25).optimum()
        (2.0, 0.0, 0.8660254037844386, 0.0, 0.0, 0.0)
    """

    variances: tuple[float, ...]
    rank: int
    floor: float = 0.1

    players: ClassVar[tuple[str, ...]] = ("generator", "critic")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        d = len(self.variances)
        if d < 1 or not all(0 < v < math.inf for v in self.variances):
            raise ValueError(
                f"LinearQuadraticGaussian needs positive, finite variances, got {self.variances}"
            )
        if not 1 <= self.rank <= d:
            raise ValueError(f"LinearQuadraticGaussian needs a rank of 1 to {d}, got {self.rank}")
        if not 0 <= self.floor < 1 or (self.floor == 0 and self.rank < d):
            raise ValueError(
                f"LinearQuadraticGaussian needs a floor in [0, 1), above 0 for a rank below {d}, got {self.floor}"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        d = len(self.variances)
        return d * self.rank, d * d

    def init(self, key: Key) -> Profile:
        generator, critic = self.sizes
        return key.child("generator").normal(generator), key.child("critic").normal(critic)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        d = len(self.variances)
        G, B = profile[0].reshape(d, self.rank), profile[1].reshape(d, d)
        K = torch.stack([torch.as_tensor(v, dtype=G.dtype, device=G.device) for v in self.variances])
        I = torch.eye(d, dtype=G.dtype, device=G.device)
        A = B.T @ B + self.floor * I
        # tr A^-1 G G' by one linear solve, for the inverse is needed nowhere else
        value = ((1 - A.diagonal()) * K).sum() + (G * (G - torch.linalg.solve(A, G))).sum()
        return value, -value

    def optimum(self) -> tuple[float, ...]:
        """Return generator and critic of the principal components, as a point of both players' parameters."""
        d = len(self.variances)
        largest = sorted(range(d), key=lambda i: -self.variances[i])[: self.rank]
        G, B = torch.zeros(d, self.rank, dtype=torch.float64), torch.zeros(d, d, dtype=torch.float64)
        for column, i in enumerate(largest):
            G[i, column] = math.sqrt(self.variances[i])
            B[i, i] = math.sqrt(1 - self.floor)
        return (*G.flatten().tolist(), *B.flatten().tolist())

    def noise(self, n: int, key: Key) -> Tensor:
        return key.normal(n, self.rank)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return noise @ profile[0].reshape(len(self.variances), self.rank).T

    @classmethod
    def examples(cls) -> list[LinearQuadraticGaussian]:
        return [cls((4.0, 1.0, 0.25), rank=2), cls((2.0, 1.0, 0.5), rank=3, floor=0.0)]

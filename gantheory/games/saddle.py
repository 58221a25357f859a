"""Zero-sum quadratic games of two players."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import Tensor

from gantheory.games.game import Game, Profile
from gantheory.games.quadratic import Matrix, matrix_like


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Saddle(Game):
    """The zero-sum game ``min_x max_y x' A x / 2 + x' B y - y' C y / 2``, each player's loss with both curvatures.

    Equation: losses f and -f for ``convex`` A ``(m, m)``, ``coupling`` B ``(m, n)`` and ``concave`` C ``(n, n)``, of
    which the symmetric parts count. The field ``(A x + B y, C y - B' x)`` is one of `LinearField`, too; but there no
    player pays for the other's curvature, so that rules that look through the other's answer, as `Unrolled` does,
    differ. The origin is an equilibrium where A and C are positive semidefinite, and stated where the field has no
    other zero. A population can vary the entries. Starts are standard normal.

    Raises `ValueError` for matrices that do not fit or are not finite.

    Reference: Daskalakis, Panageas (2018), for quadratic saddles; Metz et al. (2017).

    Example:
        >>> Saddle(((1.0,),), ((2.0,),), ((0.0,),)).equilibria()
        ((0.0, 0.0),)
    """

    convex: tuple[tuple[float, ...], ...]
    coupling: tuple[tuple[float, ...], ...]
    concave: tuple[tuple[float, ...], ...]

    players: ClassVar[tuple[str, ...]] = ("x", "y")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        m, n = self.sizes
        shapes = {"convex": (m, m), "coupling": (m, n), "concave": (n, n)}
        for name, (rows, columns) in shapes.items():
            matrix: Matrix = getattr(self, name)
            if not matrix or len(matrix) != rows or any(len(row) != columns for row in matrix):
                raise ValueError(f"Saddle needs a {name} of {rows} rows of {columns} numbers, got {matrix}")
            if not np.isfinite(np.array(matrix)).all():
                raise ValueError(f"Saddle needs a finite {name}, got {matrix}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return len(self.convex), len(self.concave)

    def init(self, key: Key) -> Profile:
        m, n = self.sizes
        return key.child("x").normal(m), key.child("y").normal(n)

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        x, y = profile
        A, B, C = (matrix_like(matrix, x) for matrix in (self.convex, self.coupling, self.concave))
        value = x @ A @ x / 2 + x @ B @ y - y @ C @ y / 2
        return value, -value

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        A, B, C = (np.array(matrix) for matrix in (self.convex, self.coupling, self.concave))
        A, C = (A + A.T) / 2, (C + C.T) / 2
        field = np.block([[A, B], [-B.T, C]])
        alone = np.linalg.matrix_rank(field) == len(field)
        convex = all(np.linalg.eigvalsh(part)[0] >= -1e-12 for part in (A, C))
        return ((0.0,) * len(field),) if alone and convex else ()

    @classmethod
    def examples(cls) -> list[Saddle]:
        return [
            cls(((0.5,),), ((2.0,),), ((1.0,),)),
            cls(((1.0, 0.5), (0.5, 2.0)), ((1.0,), (-2.0,)), ((0.0,),)),
        ]

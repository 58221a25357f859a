"""Finite sums of bilinear games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from gantheory.games.game import Game, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class StochasticBilinear(Game):
    """The zero-sum game of a mean of bilinear terms, of which every batch draws some.

    Equation: ``min_x max_y mean_i (x' A_i y + a_i' x + b_i' y)``; the batch is ``batch`` terms drawn with
    replacement. ``matrices`` holds the A_i ``(m, n)``, ``x_shifts`` the a_i and ``y_shifts`` the b_i (0 where
    they are left out). The equilibrium solves ``A y = -a``, ``A' x = -b`` in the means, and is stated where it
    is the only one. Whether the half-steps of a rule see one batch or two is the rule's matter. Starts are
    standard normal.

    Raises `ValueError` for terms of different shapes.

    Reference: Chavdarova, Gidel, Fleuret, Lacoste-Julien (2019).

    Example:
        >>> StochasticBilinear((((1.0,),), ((3.0,),)), y_shifts=((1.0,), (3.0,))).equilibria()
        ((-1.0, 0.0),)
    """

    matrices: tuple[tuple[tuple[float, ...], ...], ...]
    x_shifts: tuple[tuple[float, ...], ...] = ()
    y_shifts: tuple[tuple[float, ...], ...] = ()
    batch: int = 1

    players: ClassVar[tuple[str, ...]] = ("x", "y")
    zero_sum: ClassVar[bool] = True

    def check(self) -> None:
        shapes = {(len(matrix), *map(len, matrix)) for matrix in self.matrices}
        widths = {len(row) for matrix in self.matrices for row in matrix}
        if len(shapes) != 1 or len(widths) != 1 or widths == {0}:
            raise ValueError(f"StochasticBilinear needs non-empty matrices of one shape, got {self.matrices}")
        for name, shifts, width in zip(("x_shifts", "y_shifts"), (self.x_shifts, self.y_shifts), self.sizes):
            if shifts and [len(shift) for shift in shifts] != [width] * len(self.matrices):
                raise ValueError(
                    f"StochasticBilinear needs {name} of {width} numbers for each of {len(self.matrices)} "
                    f"matrices, or none, got {shifts}"
                )
        numbers = np.concatenate([part.ravel() for part in self._terms()])
        if not np.isfinite(numbers).all() or self.batch < 1:
            raise ValueError(f"StochasticBilinear needs finite terms and a batch of at least 1, got {self}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return len(self.matrices[0]), len(self.matrices[0][0])

    def _terms(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        N, (m, n) = len(self.matrices), self.sizes
        x_shifts, y_shifts = self.x_shifts or ((0.0,) * m,) * N, self.y_shifts or ((0.0,) * n,) * N
        return np.array(self.matrices), np.array(x_shifts), np.array(y_shifts)

    def init(self, key: Key) -> Profile:
        m, n = self.sizes
        return key.child("x").normal(m), key.child("y").normal(n)

    def draw(self, key: Key, *, only: int | None = None) -> tuple[Tensor]:
        return (key.child("term").integers(len(self.matrices), self.batch),)

    def real_samples(self, *, only: int | None = None) -> int:
        return self.batch

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        (x, y), (term,) = profile, batch
        A, a, b = (torch.tensor(part, dtype=x.dtype, device=x.device)[term].mean(0) for part in self._terms())
        value = x @ A @ y + a @ x + b @ y
        return value, -value

    def equilibria(self) -> tuple[tuple[float, ...], ...]:
        A, a, b = (part.mean(axis=0) for part in self._terms())
        m, n = A.shape
        if not m == n == np.linalg.matrix_rank(A):
            return ()  # none, or a whole subspace of them
        x, y = -np.linalg.solve(A.T, b), -np.linalg.solve(A, a)
        return (tuple((number + 0.0) for number in (*x.tolist(), *y.tolist())),)

    @classmethod
    def examples(cls) -> list[StochasticBilinear]:
        terms = ((1.0, 2.0), (0.0, 1.0)), ((0.0, 1.0), (-1.0, 0.5)), ((2.0, 0.0), (1.0, 1.0))
        shifts = (1.0, 0.0), (-2.0, 1.0), (0.0, 0.5)
        return [cls(terms), cls(terms, x_shifts=shifts, y_shifts=shifts, batch=2)]

"""Orthonormal weights."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from gantheory.models.initial import orthonormal
from gantheory.models.normalisations.weights import WeightNormalisation, as_matrix


@dataclass(frozen=True)
class Orthonormal(WeightNormalisation):
    """Rows or columns of every weight, whichever are fewer, are orthonormal.

    Equation: the factor Q of ``V = Q R``, for a tall matrix of parameters V and R with a positive diagonal; of
    the transpose for a wide one. All singular values are 1, so no direction is lost, as one may be in
    `SpectralNorm`. Convolutions are matrices as there. Where V loses rank, Q is not determined.

    Reference: Brock, Lim, Ritchie, Weston (2017), who ask for it by a penalty; Mezzadri (2007), for Q.

    Example:
        >>> from gantheory import MLP, Normalised
        >>> Normalised(MLP(2, (64, 64), 1), Orthonormal()).size == MLP(2, (64, 64), 1).size
        True
    """

    def parametrization(self, shape: tuple[int, ...], rows: int) -> nn.Module:
        return _Orthonormal(rows)

    @classmethod
    def examples(cls) -> list[Orthonormal]:
        return [cls()]


class _Orthonormal(nn.Module):
    def __init__(self, rows: int):
        super().__init__()
        self.rows = rows

    def forward(self, weight: Tensor) -> Tensor:
        moved = weight.movedim(self.rows, 0)
        return orthonormal(as_matrix(weight, self.rows)).reshape(moved.shape).movedim(0, self.rows)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight

"""The rotations of space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.facts import Facts
from gantheory.distributions.manifolds.directions import unit
from gantheory.distributions.manifolds.manifold import Manifold, betti
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class SO3(Manifold):
    """The rotations of R^3 with their invariant law, as matrices in R^9, row by row.

    Equation: the rotation of the unit quaternion ``z / |z|``, z ~ N(0, I_4). Distances are Frobenius': a turn
    by an angle a has length ``sqrt(2) a``, so that the volume is ``16 sqrt(2) pi^2``, the curvature
    ``1 / sqrt(2)`` in every direction, and the reach ``sqrt(2)``, half the distance to a half turn. The
    projection is the special orthogonal Procrustes solution. Over Z/2 the torsion of the first homology
    shows: Betti numbers 1, 1, 1, 1.

    Reference: Shoemake (1992); Kabsch (1976).

    Example:
        >>> import torch
        >>> x = torch.tensor([[2.0, 0, 0, 0, 3.0, 0, 0, 0, 0.5]])
        >>> SO3().project(x).reshape(3, 3).diagonal().tolist()
        [1.0, 1.0, 1.0]
    """

    @property
    def dim(self) -> int:
        return 9

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        w, x, y, z = unit(key.child("place").normal(n, 4, start=start)).unbind(-1)
        return torch.stack(
            (
                *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
                *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
                *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
            ),
            dim=-1,
        )

    def project(self, x: Tensor) -> Tensor:
        u, _, vt = torch.linalg.svd(check_points(x, 9).unflatten(-1, (3, 3)))
        # the singular direction that costs least is turned over where the product would mirror
        sign = torch.ones_like(x[..., :3])
        sign[..., 2] = torch.linalg.det(u @ vt).sign()
        return (u * sign.unsqueeze(-2) @ vt).flatten(-2)

    def volume(self) -> float:
        return 16 * math.sqrt(2) * math.pi**2

    def facts(self) -> Facts:
        return self.on_set(
            mean=np.zeros(9),
            covariance=np.eye(9) / 3,
            intrinsic_dimension=3,
            topology=betti(1, 0, 0, 1, mod2=(1, 1, 1, 1)),
            reach=math.sqrt(2),
            curvature=1 / math.sqrt(2),
        )

    @classmethod
    def examples(cls) -> list[SO3]:
        return [cls()]

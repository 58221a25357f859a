"""A law, shifted and multiplied by a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from gantheory.distributions.algebra.affine_facts import Image, affine_facts
from gantheory.distributions.algebra.derived import Derived, components_of, density, without_density
from gantheory.distributions.algebra.modes import affine_modes
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.circles import Circles
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Facts, Modes
from gantheory.distributions.frames import rows_times, tensor_like
from gantheory.distributions.mixture import as_law
from gantheory.distributions.points import check_points
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Affine(Derived):
    """A law's image under an invertible affine map.

    Equation: ``y = A x + b``, with ``matrix`` A as rows, or a number for that multiple of the identity, and
    ``shift`` b, a row or one number for all coordinates. ``H(y) = H(x) + log|det A|``; moments, modes and
    labels follow the map. Distances, reach and curvature do where A is a multiple of a rotation, and
    are unknown otherwise.

    Raises `ValueError` for a matrix that is singular, or so nearly that its inverse is noise (condition
    above 1e12), and for sizes that do not fit the law.

    Reference: Cover and Thomas (2006), section 8.6.

    Example:
        >>> from gantheory import Affine, Circles
        >>> Affine(Circles((1.0,), scale=0.1), 3.0).facts().reach.value
        3.0
    """

    law: Distribution
    matrix: tuple[tuple[float, ...], ...] | float
    shift: tuple[float, ...] | float = 0.0

    def check(self) -> None:
        d = self.law.dim
        given = np.shape(self.matrix) if _even(self.matrix) else "rows of different lengths"
        if given not in ((), (d, d)):
            raise ValueError(f"Affine: matrix must be a number or {d} x {d}, but is {given}")
        if np.shape(self.shift) not in ((), (d,)):
            raise ValueError(f"Affine: shift must be a number or of length {d}, got {self.shift}")
        if not (np.isfinite(self.matrix).all() and np.isfinite(self.shift).all()):
            raise ValueError("Affine: matrix and shift must be finite")
        if not np.linalg.cond(self._image.matrix) < 1e12:
            raise ValueError(
                f"Affine: matrix must be invertible, got {self.matrix}: Embedded takes more dimensions"
            )

    @property
    def dim(self) -> int:
        return self.law.dim

    @property
    def no_density(self) -> str:
        return without_density([self.law])

    @property
    def _image(self) -> Image:
        return _image(self.law.dim, self.matrix, self.shift)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        x = self.law.sample(n, key.child("law"), start=start)
        return self._times(x, self._image.matrix.T) + tensor_like(self._image.shift, x)

    def _times(self, x: Tensor, matrix: np.ndarray) -> Tensor:
        """Rows times A, its inverse or transpose: by one number where A is one."""
        return x * float(matrix[0, 0]) if isinstance(self.matrix, float) else rows_times(x, matrix)

    def _back(self, y: Tensor) -> Tensor:
        y = check_points(y, self.dim)
        return self._times(y - tensor_like(self._image.shift, y), self._image.inverse.T)

    def _log_prob(self, x: Tensor) -> Tensor:
        return density(self.law).log_prob(self._back(x)) - self._image.log_det

    def _score(self, x: Tensor) -> Tensor:
        return self._times(density(self.law).score(self._back(x)), self._image.inverse)

    def components(self) -> Modes | None:
        modes = components_of(self.law)
        return None if modes is None else affine_modes(modes, self._image.matrix, self._image.shift)

    def blurred(self, scale: float) -> Distribution | None:
        modes = self.components()
        if modes is not None:
            return as_law(modes).blurred(scale)
        law = self.law.blurred(scale / self._image.stretch) if self._image.stretch else None
        return None if law is None else self.replace(law=law)

    def tempered(self, temperature: float) -> Affine | None:
        law = self.law.tempered(temperature)
        return None if law is None else self.replace(law=law)

    def facts(self) -> Facts:
        return affine_facts(self.law.facts(), self._image, self._back)

    @classmethod
    def examples(cls) -> list[Affine]:
        angle = math.pi / 6
        turn = ((math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle)))
        return [
            cls(Ring(modes=3), ((1.0, 0.5), (0.0, -2.0)), (1.0, 0.0)),
            cls(Checkerboard(gap=0.5), turn, (3.0, 1.0)),
            cls(Circles((1.0, 2.0), scale=0.2), 2.0, 1.0),
        ]


def _even(matrix: Any) -> bool:
    return isinstance(matrix, float) or len({len(row) for row in matrix}) == 1


@lru_cache(maxsize=64)
def _image(d: int, matrix: Any, shift: Any) -> Image:
    full = matrix * np.eye(d) if isinstance(matrix, float) else np.array(matrix)
    return Image(full, np.broadcast_to(np.array(shift, dtype=np.float64), (d,)))

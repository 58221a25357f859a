"""What every map that pushes a law forward offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from gantheory.notation import Noun


@dataclass(frozen=True)
class Map(Noun, ABC):
    """A smooth bijection of R^d to itself with a smooth inverse, of the dimension of the points it gets.

    A map of your own gives `forward`, `inverse` and `log_det`, differentiable by torch, and where they are
    known `keeps_volume` and `growth`.
    """

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Return the images ``(..., n, d)`` of points ``(..., n, d)``."""

    @abstractmethod
    def inverse(self, y: Tensor) -> Tensor:
        """Return the points ``(..., n, d)`` whose images are y."""

    @abstractmethod
    def log_det(self, x: Tensor) -> Tensor:
        """Return ``log |det J(x)|`` of the map's Jacobian, ``(..., n)``."""

    @property
    def keeps_volume(self) -> bool:
        """Whether ``log_det`` is 0 everywhere."""
        return False

    @property
    def growth(self) -> tuple[float, float]:
        """Powers a <= b with ``|x|^a <= C |forward(x)|`` and ``|forward(x)| <= C |x|^b`` far out; (0, inf)
        says nothing."""
        return 0.0, float("inf")

    def least_dim(self) -> int:
        """Return the smallest dimension that the map acts on."""
        return 1

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Map]:
        """Return instances, for the contract tests."""

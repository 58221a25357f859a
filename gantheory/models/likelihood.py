"""What every model offers that says how likely points are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor

from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Likelihood(Model, ABC):
    """A model with a density, or with a lower bound on it, that can be sampled.

    `likelihood` is "exact" or "bound". Where `draws`, the bound is a mean over random numbers that `draw`
    makes and `log_prob` is given: it never draws itself. A point x may be made from noise,
    ``x = model(w, noise)``, as a generator makes it.

    A model of your own gives `dim`, `build`, `log_prob` and a call that takes noise to samples, and for the
    contract tests `examples`.
    """

    likelihood: ClassVar[Literal["exact", "bound", "none"]] = "exact"
    draws: ClassVar[bool] = False
    """Whether `log_prob` needs random numbers."""
    has_em_step: ClassVar[bool] = False
    """Whether it can be fitted by expectation maximisation."""

    if TYPE_CHECKING:  # leaves have it as a field, for which an inherited property would be a default

        @property
        def dim(self) -> int:
            """The dimension of a point."""
            ...

        @property
        def levels(self) -> int | None:
            """How many values a coordinate has, whole numbers from 0, where `log_prob` is of a probability."""
            ...

    else:
        levels = None

    @property
    def outputs(self) -> int:
        return self.dim

    def draw(self, n: int, key: Key) -> Tensor | None:
        """Draw the random numbers of the bound at ``n`` points, ``(*batch, n, ...)``; `None` where it has none."""
        return None

    @abstractmethod
    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the log-density ``(n,)`` at points ``(n, dim)``, or one draw of the bound on it, in nats.

        ``noise`` is what `draw` made for these points; models that do not draw ignore it.
        """

    def em_step(self, w: Tensor, x: Tensor) -> Tensor:
        """Return the parameters ``(size,)`` after a step of expectation maximisation on points ``(n, dim)``."""
        raise ValueError(f"{self} has no step of expectation maximisation: train it by its gradient")

    def sample(self, w: Tensor, n: int, key: Key) -> Tensor:
        """Draw ``n`` samples ``(n, dim)``."""
        return self(w, self.noise(n, key))

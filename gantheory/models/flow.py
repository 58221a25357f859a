"""What every flow offers: an invertible map between data and a base law."""

from __future__ import annotations

import math
from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gantheory.models.likelihood import Likelihood


@dataclass(frozen=True)
class Flow(Likelihood, ABC):
    """A model with an exact density: an invertible map of a standard normal vector.

    Its module has ``forward(x)``, from data to the base point z, and ``inverse(z)``, back; both return the
    point ``(n, dim)`` and the log-determinant ``(n,)`` of the Jacobian of the map that they are.

    Reference: Rezende and Mohamed (2015); Papamakarios, Nalisnick, Rezende, Mohamed, Lakshminarayanan (2021).
    """

    reversible: ClassVar[bool] = True
    accuracy: ClassVar[float] = 1e-8
    """How far, in double precision, the two ways and the determinant may be from each other's exact values."""

    @property
    def inputs(self) -> int:
        return self.dim

    @property
    def density_depth(self) -> int:
        """How many evaluations of networks one density takes that must wait for each other."""
        return self.sequential_depth

    def __call__(self, w: Tensor, x: Tensor) -> Tensor:
        """Return the data points made of noise ``x`` ``(n, inputs)``, as a generator does."""
        return self.inverse(w, self.base_point(w, x))

    def base_point(self, w: Tensor, noise: Tensor) -> Tensor:
        """Return the base points ``(n, dim)`` made of noise ``(n, inputs)``: the noise itself, where it is normal."""
        return noise

    def base_log_prob(self, w: Tensor, z: Tensor) -> Tensor:
        """Return the log-density ``(n,)`` of the base law at its points ``(n, dim)``, in nats."""
        return -0.5 * z.square().sum(-1) - 0.5 * self.dim * math.log(2 * math.pi)

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the log-density ``(n,)`` at points ``(n, dim)``, in nats.

        Equation: ``log q(x) = log q_base(f(x)) + log |det df/dx|``, with f from data to base.
        """
        z, log_det = self.call(w, x)
        return self.base_log_prob(w, z) + log_det

    def inverse(self, w: Tensor, z: Tensor) -> Tensor:
        """Return the data points ``(n, dim)`` of base points ``(n, dim)``."""
        return self.call(w, z, method="inverse")[0]

    def push(self, w: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return the samples ``(n, dim)`` made of noise, and their log-density ``(n,)``, in one pass.

        Equation: ``log q(x) = log q_base(z) - log |det dg/dz|`` at ``x = g(z)``, with g from base to data.
        """
        z = self.base_point(w, noise)
        x, log_det = self.call(w, z, method="inverse")
        return x, self.base_log_prob(w, z) - log_det

"""Free particles against a critic that is solved for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from torch import Tensor

from gantheory import ops
from gantheory.distributions import Distribution, Ring
from gantheory.games.game import Game, Generates, Profile


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class KernelGame(Game, Generates):
    """Particles that descend a distance to the data, against its best critic: a game with one player.

    Equation: with particles x ``(particles, d)`` and ``batch`` samples y of the data, the loss is, for
    ``critic``

    - "energy": ``2 mean |x_i - y_j| - mean |x_i - x_j| - mean |y_i - y_j|``;
    - "gaussian", "laplace": the squared maximum mean discrepancy of that kernel and ``bandwidth``;
    - "sinkhorn": the debiased entropic transport cost of ``|x - y|^2`` with ``epsilon = 2 bandwidth^2``.

    All are V-statistics, 0 between equal sets. There is no generator: the particles are the parameters,
    and are the samples (n of them are drawn with replacement). Starts are standard normal, in the data's
    coordinates.

    Raises `ValueError` unless there is a particle and a batch, and a positive, finite bandwidth.

    Reference: Li, Swersky, Zemel (2015); Genevay, Peyre, Cuturi (2018); Feydy et al. (2019).

    Example:
        >>> from gantheory import Ring
        >>> KernelGame(Ring(), particles=16, critic="energy").sizes
        (32,)
    """

    data: Distribution
    particles: int = 64
    critic: Literal["energy", "gaussian", "laplace", "sinkhorn"] = "gaussian"
    bandwidth: float = 1.0
    batch: int = 256

    players: ClassVar[tuple[str, ...]] = ("particles",)

    def check(self) -> None:
        if self.particles < 1 or self.batch < 1:
            raise ValueError(f"KernelGame needs at least 1 particle and a batch of at least 1, got {self}")
        if not 0 < self.bandwidth < math.inf:
            raise ValueError(f"KernelGame needs a positive, finite bandwidth, got {self.bandwidth}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.particles * self.data.dim,)

    def init(self, key: Key) -> Profile:
        return (key.child("particles").normal(self.particles * self.data.dim),)

    def draw(self, key: Key, *, only: int | None = None) -> tuple[Tensor]:
        return (self.data.sample(self.batch, key.child("data")),)

    def real_samples(self, *, only: int | None = None) -> int:
        return self.batch

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        x, (y,) = self._points(profile), batch
        if self.critic == "energy":
            return (2 * ops.kernel_mean(x, y) - ops.kernel_mean(x) - ops.kernel_mean(y),)
        x, y = x / self.bandwidth, y / self.bandwidth  # a bandwidth that varies is no option of a kernel
        if self.critic == "sinkhorn":
            cost = ops.sinkhorn_divergence(x, y, epsilon=2.0, tolerance=1e-6, max_iterations=1000).value
            return (self.bandwidth**2 * cost,)
        own, data, across = (
            ops.kernel_mean(u, v, kernel=self.critic, bandwidth=1.0)
            for u, v in ((x, None), (y, None), (x, y))
        )
        return (own + data - 2 * across,)

    def _points(self, profile: Profile) -> Tensor:
        return profile[0].reshape(self.particles, self.data.dim)

    def noise(self, n: int, key: Key) -> Tensor:
        return key.integers(self.particles, n, 1)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return self._points(profile)[noise[:, 0]]

    @classmethod
    def examples(cls) -> list[KernelGame]:
        return [
            cls(Ring(), particles=5, critic=critic, batch=6) for critic in ("energy", "gaussian", "sinkhorn")
        ]

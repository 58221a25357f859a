"""A law in a randomly turned subspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.algebra.affine import Affine
from gantheory.distributions.algebra.carry import carried, with_flat_support
from gantheory.distributions.algebra.derived import Derived, without_density
from gantheory.distributions.algebra.product import Product
from gantheory.distributions.checkerboard import Checkerboard
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact, Facts, Modes
from gantheory.distributions.frames import frame, rows_times
from gantheory.distributions.gaussian_mixture import GaussianMixture
from gantheory.distributions.points import check_points
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Embedded(Derived):
    """A law carried isometrically into a random subspace of a larger space.

    Equation: ``y = Q x`` with orthonormal columns Q ``(ambient, dim)``, the same for every sample, drawn
    from ``seed`` by the invariant law of frames. Topology, reach, curvature and intrinsic dimension stay;
    the support distance is ``sqrt(d(Q'y)^2 + |y - QQ'y|^2)``. In a larger space there is no density, but
    `WithNoise` around it has one where the law blurred has; in a space of the law's own dimension it is
    the law turned.

    Raises `ValueError` for an ambient dimension below the law's, or a negative seed.

    Reference: Stewart (1980), random orthonormal frames.

    Example:
        >>> from gantheory import Density, Embedded, Ring, WithNoise
        >>> ring = Embedded(Ring(scale=0.1), 10)
        >>> ring.facts().intrinsic_dimension.value, isinstance(ring, Density)
        (2, False)
        >>> isinstance(WithNoise(ring, 0.1), Density)
        True
    """

    law: Distribution
    ambient: int
    seed: int = 0

    def check(self) -> None:
        if self.ambient < self.law.dim or self.seed < 0:
            raise ValueError(
                f"Embedded needs an ambient dimension of at least the law's {self.law.dim} and a seed of at "
                f"least 0, got {self.ambient} and {self.seed}"
            )

    @property
    def dim(self) -> int:
        return self.ambient

    @property
    def no_density(self) -> str:
        if self.ambient > self.law.dim:
            return f"its support has {self.law.dim} of {self.ambient} dimensions: put WithNoise around it"
        return without_density([self.law])

    @property
    def frame(self) -> np.ndarray:
        """Q, float64 of shape (ambient, dim)."""
        return frame(self.seed, self.ambient, self.law.dim)

    @property
    def _turned(self) -> Affine:
        """The same law, where the space is no larger."""
        return _turn(self.law, self.frame)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self._out(self.law.sample(n, key.child("law"), start=start))

    def _out(self, x: Tensor) -> Tensor:
        return rows_times(x, self.frame.T)

    def _inside(self, y: Tensor) -> Tensor:
        return rows_times(check_points(y, self.ambient), self.frame)

    def _log_prob(self, x: Tensor) -> Tensor:
        return self._turned.log_prob(x)

    def _score(self, x: Tensor) -> Tensor:
        return self._turned.score(x)

    def components(self) -> Modes | None:
        return self._turned.components() if self.ambient == self.law.dim else None

    def blurred(self, scale: float) -> Distribution | None:
        law, rest = self.law.blurred(scale), self.ambient - self.law.dim
        if law is None:
            return None
        across = (Affine(GaussianMixture(((0.0,) * rest,)), scale),) if rest else ()
        basis, _ = np.linalg.qr(self.frame, mode="complete")
        basis[:, : self.law.dim] = self.frame  # the same but for signs
        return _turn(Product((law, *across)), basis)

    def tempered(self, temperature: float) -> Distribution | None:
        return self._turned.tempered(temperature) if self.ambient == self.law.dim else None

    def facts(self) -> Facts:
        if self.ambient == self.law.dim:
            return self._turned.facts()
        facts, frame = with_flat_support(self.law.facts()), self.frame
        width = float(np.abs(frame).sum(1).max())
        singular = Fact(None, reason=f"no density: {self.no_density}")
        return replace(
            facts,
            mean=carried(lambda m: frame @ m, facts.mean, error=width * facts.mean.error),
            covariance=carried(
                lambda c: frame @ c @ frame.T, facts.covariance, error=width**2 * facts.covariance.error
            ),
            entropy=singular,
            modes=Fact(None, reason="the components have singular covariances"),
            mode_of=carried(lambda f: lambda y: f(self._inside(y)), facts.mode_of, error=facts.mode_of.error),
            support_distance=carried(self._distance, facts.support_distance),
            project=carried(lambda f: lambda y: self._out(f(self._inside(y))), facts.project),
            noise=facts.noise
            if facts.noise.value in (None, 0)
            else Fact(None, reason="the noise fills only the subspace"),
            smoothness=singular,
            score_lipschitz=singular,
            isoperimetric=facts.isoperimetric,  # which distances alone decide
            edge=singular,
        )

    def _distance(self, inner: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        def distance(y: Tensor) -> Tensor:
            x = self._inside(y)
            return torch.hypot(inner(x), (y - self._out(x)).norm(dim=-1))

        return distance

    @classmethod
    def examples(cls) -> list[Embedded]:
        return [cls(Checkerboard(gap=0.5), 4), cls(Ring(modes=3), 3, seed=7), cls(Ring(modes=3), 2)]


def _turn(law: Distribution, basis: np.ndarray) -> Affine:
    return Affine(law, tuple(map(tuple, basis.tolist())))

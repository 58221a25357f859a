"""A law with mean 0 and covariance I."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from gantheory.distributions.algebra.affine import Affine
from gantheory.distributions.algebra.derived import Derived, without_density
from gantheory.distributions.bent_gaussian import BentGaussian
from gantheory.distributions.circles import Circles
from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Facts, Modes
from gantheory.distributions.ring import Ring


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Standardised(Derived):
    """A law whitened by its exact mean and covariance, so that all facts stay known.

    Equation: ``y = C^(-1/2) (x - m)`` with the symmetric root of the covariance C, which moves points
    least. It is an `Affine` law: where C is a multiple of the identity, distances, reach and curvature
    stay known too.

    Raises `ValueError` where the law's mean or covariance is not known or not finite, or the covariance is
    singular.

    Reference: Kessy, Lewin, Strimmer (2018).

    Example:
        >>> from gantheory import Grid, Standardised
        >>> Standardised(Grid(side=2, spacing=4.0)).facts().modes.value.centres.round(3)[0].tolist()
        [-1.0, -1.0]
    """

    law: Distribution

    def check(self) -> None:
        _whitened(self.law)

    @property
    def dim(self) -> int:
        return self.law.dim

    @property
    def affine(self) -> Affine:
        """The same law with its matrix and shift written out."""
        return _whitened(self.law)

    @property
    def no_density(self) -> str:
        return without_density([self.law])

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        return self.affine.sample(n, key, start=start)

    def _log_prob(self, x: Tensor) -> Tensor:
        return self.affine.log_prob(x)

    def _score(self, x: Tensor) -> Tensor:
        return self.affine.score(x)

    def components(self) -> Modes | None:
        return self.affine.components()

    def blurred(self, scale: float) -> Distribution | None:
        return self.affine.blurred(scale)

    def tempered(self, temperature: float) -> Distribution | None:
        return self.affine.tempered(temperature)

    def facts(self) -> Facts:
        return self.affine.facts()

    @classmethod
    def examples(cls) -> list[Standardised]:
        return [
            cls(BentGaussian("cubed")),
            cls(Circles((1.0, 2.0))),
            cls(Affine(Ring(), ((3.0, 1.0), (0.0, 1.0)))),
        ]


@lru_cache(maxsize=64)
def _whitened(law: Distribution) -> Affine:
    facts = law.facts()
    for name in ("mean", "covariance"):
        fact = getattr(facts, name)
        if fact.value is None or not np.isfinite(fact.value).all():
            raise ValueError(
                f"Standardised needs a law with a finite, known {name}, but {type(law).__name__}'s is not: "
                f"{fact.reason or 'it is infinite'}"
            )
    values, axes = np.linalg.eigh(facts.covariance.value)
    if values[0] <= 1e-12 * values[-1]:
        raise ValueError(
            f"Standardised: the covariance of {type(law).__name__} is singular (eigenvalues {values[0]:.3g} to "
            f"{values[-1]:.3g}), so that no affine map makes it I: standardise the law inside its plane"
        )
    root = axes / np.sqrt(values) @ axes.T
    if np.ptp(values) <= 1e-12 * values[-1]:  # one number keeps distances exact
        root = float(values.mean() ** -0.5) * np.eye(len(values))
    return Affine(law, tuple(map(tuple, root.tolist())), tuple((-root @ facts.mean.value).tolist()))

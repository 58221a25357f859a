"""Facts of an affine image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from torch import Tensor

from gantheory.distributions.algebra.carry import carried
from gantheory.distributions.algebra.modes import affine_modes
from gantheory.distributions.facts import Edge, Fact, Facts
from gantheory.distributions.frames import rows_times, tensor_like
from gantheory.distributions.pieces import Pieces


@dataclass(frozen=True)
class Image:
    """The map ``y = matrix x + shift``."""

    matrix: np.ndarray
    shift: np.ndarray

    @cached_property
    def inverse(self) -> np.ndarray:
        return np.linalg.inv(self.matrix)

    @cached_property
    def log_det(self) -> float:
        return float(np.linalg.slogdet(self.matrix)[1])

    @cached_property
    def stretch(self) -> float | None:
        """The factor of all distances, `None` where it differs between directions."""
        gram = self.matrix.T @ self.matrix
        square = float(np.trace(gram)) / len(gram)
        even = np.abs(gram - square * np.eye(len(gram))).max() <= 1e-12 * square
        return square**0.5 if even else None

    @cached_property
    def width(self) -> float:
        """The largest sum of a row's absolute entries, which errors of coordinates grow by."""
        return float(np.abs(self.matrix).sum(1).max())


def affine_facts(facts: Facts, image: Image, back: Callable[[Tensor], Tensor]) -> Facts:
    """Return the facts of ``matrix x + shift``, given those of x and the map's inverse."""
    matrix, shift, inverse = image.matrix, image.shift, image.inverse
    least = 1 / float(np.linalg.norm(inverse, 2))
    mean, covariance, entropy = facts.mean, facts.covariance, facts.entropy

    def edge(old: Edge) -> Edge:
        flux = inverse.T @ old.flux
        return Edge(flux, old.reach + float(shift @ flux))

    return replace(
        _distances(facts, image, back),
        mean=carried(lambda m: matrix @ m + shift, mean, error=image.width * mean.error),
        covariance=carried(
            lambda c: matrix @ c @ matrix.T, covariance, error=image.width**2 * covariance.error
        ),
        entropy=carried(lambda h: h + image.log_det, entropy, error=entropy.error),
        modes=carried(lambda modes: affine_modes(modes, matrix, shift), facts.modes, error=facts.modes.error),
        mode_of=carried(lambda f: lambda y: f(back(y)), facts.mode_of, error=facts.mode_of.error),
        isoperimetric=carried(
            lambda f: Pieces(least * f.distances, f.weights, f"images of {f.of}"), facts.isoperimetric
        ),
        edge=carried(edge, facts.edge, error=facts.edge.error),
    )


def _distances(facts: Facts, image: Image, back: Callable[[Tensor], Tensor]) -> Facts:
    """The facts that hold only where all distances grow alike, and those that no affine map changes."""
    c = image.stretch
    if c is None:
        uneven = Fact(None, reason="the matrix stretches directions differently")
        kept = {"noise": facts.noise.value == 0, "reach": facts.reach.value == np.inf}
        return replace(
            facts,
            support_distance=_known_or(facts.support_distance, uneven),
            project=_known_or(facts.project, uneven),
            noise=facts.noise if kept["noise"] else _known_or(facts.noise, uneven),
            reach=facts.reach if kept["reach"] else _known_or(facts.reach, uneven),
            curvature=facts.curvature if facts.curvature.value == 0 else _known_or(facts.curvature, uneven),
            score_lipschitz=_known_or(facts.score_lipschitz, uneven),
        )

    def project(nearest: Callable) -> Callable:
        def image_of(y: Tensor) -> Tensor:
            return rows_times(nearest(back(y)), image.matrix.T) + tensor_like(image.shift, y)

        return image_of

    return replace(
        facts,
        support_distance=carried(lambda f: lambda y: c * f(back(y)), facts.support_distance),
        project=carried(project, facts.project),
        noise=carried(lambda s: c * s, facts.noise, error=c * facts.noise.error),
        reach=carried(lambda r: c * r, facts.reach, error=c * facts.reach.error),
        curvature=carried(lambda k: k / c, facts.curvature, error=facts.curvature.error / c),
        score_lipschitz=carried(
            lambda v: v / c**2, facts.score_lipschitz, error=facts.score_lipschitz.error / c**2
        ),
    )


def _known_or(fact: Fact, uneven: Fact) -> Fact:
    """The reason why nothing can be said, or why nothing could be said of the law itself."""
    return fact if fact.value is None else uneven

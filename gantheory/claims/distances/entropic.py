"""Entropic transport: its value between Gaussians, and the two ends of the Sinkhorn divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.normal_laws import Points, points
from gantheory.distributions import GaussianMixture
from gantheory.random import Key


@dataclass(frozen=True)
class EntropicGaussian(Claim):
    """The entropic transport cost of Gaussians has a closed form.

    The neighbour takes epsilon for twice what it is: ``s^2 = epsilon`` in place of ``epsilon / 2``
    (``halved=False``).

    Reference: Janati, Muzellec, Peyre, Cuturi (2020).

    Example:
        >>> round(EntropicGaussian().predicted((1.0, 1.0, 1.0, 1.0)), 6)
        1.580561
    """

    halved: bool = True

    part: ClassVar[str] = "F03"
    statement: ClassVar[str] = (
        "The entropic transport cost of two Gaussians, with the squared distance as cost and entropy relative to "
        "the product of the laws, has a closed form in s^2 = epsilon/2"
    )
    latex: ClassVar[str] = (
        r"|m - m'|^2 + \mathrm{tr}(A + B) - \mathrm{tr} D + d s^2 (1 - \log 2s^2) + s^2 \log\det(D + s^2 I),\quad "
        r"D = (4A^{1/2} B A^{1/2} + s^4 I)^{1/2}"
    )
    reference: ClassVar[str] = (
        "Janati, Muzellec, Peyre, Cuturi (2020), theorem 1; Mallasto, Gerolin, Minh (2021)"
    )
    assumptions: ClassVar[str] = "entropy relative to the product measure; epsilon = 2 s^2"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-5

    def instances(self) -> st.SearchStrategy[tuple[float, float, float, float]]:
        """Distance of the means, both deviations, and epsilon."""
        tenths = st.integers(7, 15).map(lambda k: k / 10)
        return st.tuples(
            st.integers(0, 20).map(lambda k: k / 10),
            tenths,
            tenths,
            st.sampled_from((0.5, 1.0, 2.0, 5.0, 20.0)),
        )

    def predicted(self, instance: tuple[float, float, float, float]) -> float:
        shift, a, b, epsilon = instance
        epsilon = epsilon if self.halved else 2 * epsilon
        return theory.entropic_gaussian_transport([shift], [[a * a]], [0.0], [[b * b]], epsilon=epsilon)

    def observed(self, instance: tuple[float, float, float, float], key: Key) -> float:
        """Solve the problem on two grids of points with the library's densities as weights."""
        shift, a, b, epsilon = instance
        grid = torch.linspace(-5.5, 5.5, 61, dtype=torch.float64)[:, None]
        x, y = shift + a * grid, b * grid
        first = GaussianMixture(((shift,),), (((a * a,),),)).log_prob(x).exp()
        second = GaussianMixture(((0.0,),), (((b * b,),),)).log_prob(y).exp()
        found = ops.sinkhorn(x, y, epsilon=epsilon, a=first, b=second, tolerance=1e-8)
        return found.value.item()

    def curve(self) -> Curve:
        values = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0, 20.0)
        return Curve("epsilon", values, lambda epsilon: (1.0, 1.0, 0.8, epsilon), log="x")

    @property
    def neighbour(self) -> EntropicGaussian | None:
        return self.replace(halved=False) if self.halved else None

    @classmethod
    def examples(cls) -> tuple[EntropicGaussian, ...]:
        return (cls(),)


Clouds = tuple[Points, Points]


def _clouds() -> st.SearchStrategy[Clouds]:
    sizes = st.tuples(st.integers(1, 2), st.integers(1, 6), st.integers(1, 6))
    return sizes.flatmap(lambda size: st.tuples(points(size[0], size[1]), points(size[0], size[2])))


def _tensors(clouds: Clouds) -> tuple[Tensor, Tensor]:
    x, y = (torch.tensor(cloud, dtype=torch.float64) for cloud in clouds)
    return x, y


@dataclass(frozen=True)
class SinkhornLimit(Claim):
    """At strong regularisation the Sinkhorn divergence is half an energy distance of its cost.

    The neighbour leaves the half out (``half=False``).

    Reference: Ramdas, Garcia Trillos, Cuturi (2017); Genevay, Peyre, Cuturi (2018).

    Example:
        >>> SinkhornLimit("sqeuclidean").predicted((((0.0,), (2.0,)), ((4.0,), (4.0,))))
        9.0
    """

    cost: Literal["euclidean", "sqeuclidean"] = "euclidean"
    half: bool = True

    part: ClassVar[str] = "F04"
    statement: ClassVar[str] = (
        "As the regularisation grows, the Sinkhorn divergence tends to half of 2 E c(X, Y) - E c(X, X') - E c(Y, Y')"
    )
    latex: ClassVar[str] = (
        r"\lim_{\epsilon \to \infty} S_\epsilon(p, q) = \tfrac12\big[2E\,c(X, Y) - E\,c(X, X') - E\,c(Y, Y')\big]"
    )
    reference: ClassVar[str] = "Ramdas, Garcia Trillos, Cuturi (2017); Genevay, Peyre, Cuturi (2018)"
    assumptions: ClassVar[str] = "epsilon far above the largest cost"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-3

    def instances(self) -> st.SearchStrategy[Clouds]:
        return _clouds()

    def predicted(self, instance: Clouds) -> float:
        limit = theory.transport_limit(*instance, power=1.0 if self.cost == "euclidean" else 2.0)
        return limit if self.half else 2 * limit

    def observed(self, instance: Clouds, key: Key) -> float:
        x, y = _tensors(instance)
        found = ops.sinkhorn_divergence(x, y, epsilon=1e6, cost=self.cost, tolerance=1e-12)
        return found.value.item()

    @property
    def neighbour(self) -> SinkhornLimit | None:
        return self.replace(half=False) if self.half else None

    @classmethod
    def examples(cls) -> tuple[SinkhornLimit, ...]:
        return cls("euclidean"), cls("sqeuclidean")


@dataclass(frozen=True)
class SinkhornSharp(Claim):
    """At weak regularisation the entropic cost is the transport cost, from above by at most ``epsilon log n``.

    The neighbour regularises strongly (``epsilon=5.0``).

    Reference: Peyre, Cuturi (2019).

    Example:
        >>> SinkhornSharp().predicted((((0.0,), (1.0,)), ((3.0,), (2.0,))))
        4.0
    """

    epsilon: float = 0.01

    part: ClassVar[str] = "F04"
    statement: ClassVar[str] = (
        "As the regularisation falls, the entropic cost of equally many points tends to that of their best assignment"
    )
    latex: ClassVar[str] = (
        r"\lim_{\epsilon \to 0} \mathrm{OT}_\epsilon(p, q) = \min_\pi \tfrac1n \sum_i |x_i - y_{\pi(i)}|^2"
    )
    reference: ClassVar[str] = "Peyre, Cuturi (2019), section 4; Birkhoff (1946)"
    assumptions: ClassVar[str] = "epsilon far below the differences of costs"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02

    def instances(self) -> st.SearchStrategy[Clouds]:
        sizes = st.tuples(st.integers(1, 2), st.integers(1, 6))
        # steps of 1/2: another assignment costs the same or visibly more
        return sizes.flatmap(lambda size: st.tuples(*[points(*size, size=6).map(_stretched)] * 2))

    def predicted(self, instance: Clouds) -> float:
        return float(np.square(theory.assignment_distances(*instance, power=2.0)).mean())

    def observed(self, instance: Clouds, key: Key) -> float:
        x, y = _tensors(instance)
        return ops.sinkhorn(x, y, epsilon=self.epsilon, tolerance=1e-4, max_iterations=20_000).value.item()

    @property
    def neighbour(self) -> SinkhornSharp | None:
        return self.replace(epsilon=5.0) if self.epsilon == 0.01 else None

    @classmethod
    def examples(cls) -> tuple[SinkhornSharp, ...]:
        return (cls(),)


def _stretched(cloud: Points) -> Points:
    return tuple(tuple(5 * x for x in point) for point in cloud)

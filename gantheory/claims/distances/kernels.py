"""Discrepancies of kernels, and the energy distance among them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.distributions import GaussianMixture
from gantheory.metrics import energy_distance
from gantheory.random import Key


@dataclass(frozen=True)
class EnergyIsDiscrepancy(Claim):
    """The energy distance is twice the squared discrepancy of a kernel, in their unbiased forms.

    The neighbour takes the means over all pairs, a point with itself among them (``unbiased=False``).

    Reference: Sejdinovic, Sriperumbudur, Gretton, Fukumizu (2013).

    Example:
        >>> EnergyIsDiscrepancy().predicted((((0.0,), (0.0,)), ((1.0,), (1.0,))))
        2.0
    """

    unbiased: bool = True

    part: ClassVar[str] = "F06"
    statement: ClassVar[str] = (
        "The energy distance, as a U-statistic, is twice the squared maximum mean discrepancy with the kernel "
        "(|x| + |y| - |x - y|)/2; it may be negative"
    )
    latex: ClassVar[str] = (
        r"2E|X - Y| - E|X - X'| - E|Y - Y'| = 2\,\mathrm{MMD}_k^2,\qquad k(x, y) = \tfrac12(|x| + |y| - |x - y|)"
    )
    reference: ClassVar[str] = "Sejdinovic, Sriperumbudur, Gretton, Fukumizu (2013); Szekely, Rizzo (2013)"
    assumptions: ClassVar[str] = "both are U-statistics"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Points, Points]]:
        sizes = st.tuples(st.integers(1, 3), st.integers(2, 8), st.integers(2, 8))
        return sizes.flatmap(lambda size: st.tuples(points(size[0], size[1]), points(size[0], size[2])))

    def predicted(self, instance: tuple[Points, Points]) -> float:
        return 2 * theory.distance_kernel_discrepancy(*instance, unbiased=self.unbiased)

    def observed(self, instance: tuple[Points, Points], key: Key) -> float:
        x, y = (torch.tensor(part, dtype=torch.float64) for part in instance)
        return float(energy_distance(x, y, key=key))

    @property
    def neighbour(self) -> EnergyIsDiscrepancy | None:
        return self.replace(unbiased=False) if self.unbiased else None

    @classmethod
    def examples(cls) -> tuple[EnergyIsDiscrepancy, ...]:
        return (cls(),)


@dataclass(frozen=True)
class EnergyUnbiased(Claim):
    """The mean of the energy distance of samples is that of the laws, so 0 for equal laws.

    The neighbour lets every sample be compared with itself too, which is the V-statistic (``own_pairs=True``).

    Reference: Gretton et al. (2012); Szekely, Rizzo (2013).

    Example:
        >>> EnergyUnbiased().predicted(((0.0, 1.0), (0.0, 1.0)))
        0.0
    """

    own_pairs: bool = False

    part: ClassVar[str] = "F06"
    statement: ClassVar[str] = (
        "Over all samples that two finite laws may give, the energy distance as the library computes it has the "
        "laws' own as its mean"
    )
    latex: ClassVar[str] = r"E\big[\widehat{\mathcal{E}}(X_{1:n}, Y_{1:n})\big] = \mathcal{E}(p, q)"
    reference: ClassVar[str] = "Gretton et al. (2012); Szekely, Rizzo (2013)"
    assumptions: ClassVar[str] = "no point is compared with itself"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[tuple[float, ...], tuple[float, ...]]]:
        """Draw the places of two or three equally likely atoms of either law."""
        place = st.integers(-20, 20).map(lambda x: x / 10)
        return st.integers(2, 3).flatmap(lambda n: st.tuples(*[st.tuples(*[place] * n)] * 2))

    def predicted(self, instance: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
        x, y = (np.array(part)[:, None] for part in instance)
        return 2 * theory.distance_kernel_discrepancy(x, y, unbiased=False)

    def observed(self, instance: tuple[tuple[float, ...], tuple[float, ...]], key: Key) -> float:
        """Average the metric over every pair of samples of two points."""
        samples, truths = (
            torch.tensor(list(itertools.product(part, repeat=2)), dtype=torch.float64)[..., None]
            for part in instance
        )
        values = [energy_distance(samples, truth, key=key).value.mean() for truth in truths]
        # the V-statistic's means within a sample of two are half of the U-statistic's
        within = (samples[:, 0] - samples[:, 1]).abs().mean() + (truths[:, 0] - truths[:, 1]).abs().mean()
        return float(np.mean(values)) + (within.item() / 2 if self.own_pairs else 0.0)

    @property
    def neighbour(self) -> EnergyUnbiased | None:
        return None if self.own_pairs else self.replace(own_pairs=True)

    @classmethod
    def examples(cls) -> tuple[EnergyUnbiased, ...]:
        return (cls(),)


@dataclass(frozen=True)
class KernelMean(Claim):
    """The mean of a Gaussian kernel between two Gaussians has a closed form.

    The neighbour forgets that the variances of both laws add up (``both=False``).

    Reference: Gretton et al. (2012).

    Example:
        >>> round(KernelMean().predicted((0.0, 1.0, 1.0, 1.0)), 6)
        0.57735
    """

    both: bool = True

    part: ClassVar[str] = "F06"
    statement: ClassVar[str] = (
        "For Gaussians at distance delta whose variances sum to v, a Gaussian kernel of bandwidth h has the mean "
        "(h^2/(h^2 + v))^{1/2} exp(-delta^2/2(h^2 + v))"
    )
    latex: ClassVar[str] = (
        r"E\, e^{-(X - Y)^2/2h^2} = \Big(\tfrac{h^2}{h^2 + v}\Big)^{1/2} e^{-\delta^2/2(h^2 + v)}"
    )
    reference: ClassVar[str] = "Gretton et al. (2012)"
    assumptions: ClassVar[str] = "one dimension, independent X and Y"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[float, float, float, float]]:
        """Distance of the means, both deviations, and the bandwidth."""
        tenths = st.integers(3, 20).map(lambda k: k / 10)
        return st.tuples(st.integers(0, 20).map(lambda k: k / 10), tenths, tenths, tenths)

    def predicted(self, instance: tuple[float, float, float, float]) -> float:
        delta, first, second, bandwidth = instance
        variance = first**2 + (second**2 if self.both else 0.0)
        return float(theory.gaussian_kernel_mean(delta, variance, bandwidth))

    def observed(self, instance: tuple[float, float, float, float], key: Key) -> float:
        """Average the library's kernel over two lines of points, with the library's densities as weights."""
        delta, first, second, bandwidth = instance
        grid = torch.linspace(-8, 8, 161, dtype=torch.float64)[:, None]
        x, y = delta + first * grid, second * grid
        p = GaussianMixture(((delta,),), (((first**2,),),)).log_prob(x).softmax(0)
        q = GaussianMixture(((0.0,),), (((second**2,),),)).log_prob(y).softmax(0)
        return (p @ ops.kernel_sum(x, y, kernel="gaussian", bandwidth=bandwidth, weights=q)).item()

    @property
    def neighbour(self) -> KernelMean | None:
        return self.replace(both=False) if self.both else None

    @classmethod
    def examples(cls) -> tuple[KernelMean, ...]:
        return (cls(),)

"""What samples tell of laws: distances of minibatches, and how near a sample comes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.distributions import UniformBox
from gantheory.estimate import Estimate
from gantheory.random import Key
from gantheory.statistics import sample_mean


@dataclass(frozen=True)
class MinibatchTransport(Claim):
    """Minibatches of one law are at a positive Wasserstein-1 distance on the average, of every size.

    The neighbour subtracts the distances within each law, as a minibatch energy distance does
    (``debiased=True``).

    Reference: Salimans, Zhang, Radford, Metaxas (2018).

    Example:
        >>> round(MinibatchTransport().predicted(1), 6)
        0.333333
    """

    debiased: bool = False

    part: ClassVar[str] = "F09"
    statement: ClassVar[str] = (
        "Two samples of m points of one law are at a mean Wasserstein-1 distance that is positive for every m and "
        "falls as m^{-1/2}: transport between minibatches is biased"
    )
    latex: ClassVar[str] = r"E\,W_1(X_{1:m}, X'_{1:m}) = \tfrac1m \int_0^1 E\,|B_{m,t} - B'_{m,t}|\, dt > 0"
    reference: ClassVar[str] = "Salimans, Zhang, Radford, Metaxas (2018); Vallender (1974)"
    assumptions: ClassVar[str] = "the uniform law on an interval; nothing is subtracted"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.0075

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(1, 32)

    def predicted(self, instance: int) -> float:
        return theory.minibatch_transport(instance)

    def observed(self, instance: int, key: Key) -> Estimate:
        runs = 64_000 // instance + 4000
        x, other = (key.child(i).uniform(runs, instance, dtype=torch.float64) for i in range(2))
        distance = ops.wasserstein_1d(x, other, p=1)
        if self.debiased:
            more = (key.child(i).uniform(runs, instance, dtype=torch.float64) for i in range(2, 4))
            distance = distance - sum(ops.wasserstein_1d(a, b, p=1) for a, b in zip((x, other), more)) / 2
        return sample_mean(distance)

    def curve(self) -> Curve:
        return Curve("size", (1, 2, 4, 8, 16, 32), lambda m: int(m), log="xy")

    @property
    def neighbour(self) -> MinibatchTransport | None:
        return None if self.debiased else self.replace(debiased=True)

    @classmethod
    def examples(cls) -> tuple[MinibatchTransport, ...]:
        return (cls(),)


Atoms = tuple[tuple[float, ...], tuple[float, ...]]
"""Places of equally likely atoms of either law."""


@dataclass(frozen=True)
class MinibatchEnergy(Claim):
    """The minibatch energy distance of OT-GAN is, for batches of one, the energy distance.

    The neighbour takes batches of two (``size=2``).

    Reference: Salimans, Zhang, Radford, Metaxas (2018).

    Example:
        >>> MinibatchEnergy().predicted(((0.0, 1.0), (0.0, 1.0)))
        0.0
    """

    size: int = 1

    part: ClassVar[str] = "F09"
    statement: ClassVar[str] = (
        "Twice the mean transport cost between minibatches of two laws, less those between minibatches of each, is the "
        "energy distance if a minibatch is one sample"
    )
    latex: ClassVar[str] = (
        r"2E\,W(X, Y) - E\,W(X, X') - E\,W(Y, Y') = \mathcal{E}(p, q)\qquad\text{for minibatches of one}"
    )
    reference: ClassVar[str] = "Salimans, Zhang, Radford, Metaxas (2018); Szekely, Rizzo (2013)"
    assumptions: ClassVar[str] = "minibatches of one; the distance as cost"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Atoms]:
        place = st.integers(-20, 20).map(lambda x: x / 10)
        return st.tuples(*[st.lists(place, min_size=1, max_size=4).map(tuple)] * 2)

    def predicted(self, instance: Atoms) -> float:
        x, y = (np.array(part)[:, None] for part in instance)
        return 2 * theory.distance_kernel_discrepancy(x, y, unbiased=False)

    def observed(self, instance: Atoms, key: Key) -> float:
        """Average the library's distance over all pairs of minibatches that there can be."""
        x, y = (
            torch.tensor(list(itertools.product(part, repeat=self.size)), dtype=torch.float64)
            for part in instance
        )

        def mean(a: Tensor, b: Tensor) -> float:
            pairs = torch.broadcast_tensors(a[:, None], b[None])
            return ops.wasserstein_1d(*pairs, p=1).mean().item()

        return 2 * mean(x, y) - mean(x, x) - mean(y, y)

    @property
    def neighbour(self) -> MinibatchEnergy | None:
        return self.replace(size=2) if self.size == 1 else None

    @classmethod
    def examples(cls) -> tuple[MinibatchEnergy, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NearestRate(Claim):
    """A sample of n points comes near a law on R^d no faster than ``n^{-1/d}``.

    The neighbour expects ``n^{-1/2}`` in every dimension (``expected="root"``).

    Reference: Dudley (1969); Weed, Bach (2019).

    Example:
        >>> NearestRate().predicted(4)
        -0.25
    """

    expected: Literal["curse", "root"] = "curse"

    part: ClassVar[str] = "F05"
    statement: ClassVar[str] = (
        "The mean distance from a fresh point to the nearest of a sample, a lower bound of the sample's "
        "Wasserstein-1 distance to its law, falls as n^{-1/d}"
    )
    latex: ClassVar[str] = r"W_1(\hat p_n, p) \ge E \min_{i \le n} |x - x_i| \sim C\, n^{-1/d}"
    reference: ClassVar[str] = "Dudley (1969); Weed, Bach (2019)"
    assumptions: ClassVar[str] = "a law with a density; points away from its edge"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.03

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(1, 4)

    def predicted(self, instance: int) -> float:
        return theory.nearest_rate(instance if self.expected == "curse" else 2)

    def observed(self, instance: int, key: Key) -> Estimate:
        """Compare the mean distances for 64 and for 2048 points, over many independent samples."""
        box, inner = UniformBox(instance), UniformBox(instance, 0.3, 0.7)
        logs, errors = [], []
        for n, samples, fresh in ((64, 1024, 100), (2048, 128, 400)):
            keys = key.child(n).split(samples)
            asked, sample = inner.sample(fresh, keys.child("asked")), box.sample(n, keys.child("sample"))
            means = ops.nearest(asked, sample)[1].double().mean(-1)
            logs.append(means.mean().log().item())
            errors.append((means.std() / means.mean()).item() / samples**0.5)
        steps = math.log(2048 / 64)
        return Estimate((logs[1] - logs[0]) / steps, math.hypot(*errors) / steps, n=128)

    @property
    def neighbour(self) -> NearestRate | None:
        return self.replace(expected="root") if self.expected == "curse" else None

    @classmethod
    def examples(cls) -> tuple[NearestRate, ...]:
        return (cls(),)

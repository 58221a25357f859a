"""What samples tell of laws: distances of minibatches, and how near a sample comes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.distributions import UniformBox
from gantheory.estimate import Estimate
from gantheory.random import Key


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
        return Estimate(distance.mean().item(), distance.std().item() / runs**0.5, n=runs)

    def curve(self) -> Curve:
        return Curve("size", (1, 2, 4, 8, 16, 32), lambda m: int(m), log="xy")

    @property
    def neighbour(self) -> MinibatchTransport | None:
        return None if self.debiased else self.replace(debiased=True)

    @classmethod
    def examples(cls) -> tuple[MinibatchTransport, ...]:
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

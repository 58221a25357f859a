"""How far a law is from a sample of it that a generator has memorised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.estimate import Estimate
from gantheory.random import Key
from gantheory.statistics import sample_mean


@dataclass(frozen=True)
class MemorisedDistance(Claim):
    """A memorised sample of a Gaussian stays far from fresh points in high dimension.

    The neighbour lets the distance fall as ``m^{-1/2}``, as that of a small class of critics does
    (``falls="as a root"``).

    Reference: Arora, Ge, Liang, Ma, Zhang (2017).

    Example:
        >>> round(MemorisedDistance().predicted((40, 100)), 2)
        1.07
    """

    falls: Literal["by nearest neighbours", "as a root"] = "by nearest neighbours"

    part: ClassVar[str] = "J08"
    statement: ClassVar[str] = (
        "The mean distance from a fresh point of N(0, I/d) to the nearest of m memorised ones, a lower bound of the "
        "Wasserstein-1 distance, is an integral that stays near sqrt 2 until m is exponential in d"
    )
    latex: ClassVar[str] = (
        r"W_1(\hat p_m, p) \ge E\min_{i \le m}|x - x_i| = E\int_0^\infty P\big(|x - x'| > r \mid x\big)^m\, dr"
    )
    reference: ClassVar[str] = "Arora, Ge, Liang, Ma, Zhang (2017)"
    assumptions: ClassVar[str] = "an isotropic Gaussian of expected squared length 1"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02

    def instances(self) -> st.SearchStrategy[tuple[int, int]]:
        return st.tuples(st.sampled_from((2, 5, 10, 20, 50)), st.sampled_from((3, 10, 30, 100)))

    def predicted(self, instance: tuple[int, int]) -> float:
        d, m = instance
        if self.falls == "by nearest neighbours":
            return theory.nearest_sample_distance(d, m)
        return theory.nearest_sample_distance(d, 1) / m**0.5

    def observed(self, instance: tuple[int, int], key: Key) -> Estimate:
        """Ask for the nearest point of many independent samples, fifty fresh points each."""
        d, m = instance
        samples = 800_000 // ((m + 50) * d)  # so many that each instance costs the same
        keys = key.split(samples)
        memory, fresh = (keys.child(name).normal(n, d) for name, n in (("memory", m), ("fresh", 50)))
        means = ops.nearest(fresh, memory)[1].mean(-1).double() / d**0.5
        return sample_mean(means)

    def curve(self) -> Curve:
        return Curve("samples", (3, 10, 30, 100, 300), lambda m: (20, int(m)), log="x")

    @property
    def neighbour(self) -> MemorisedDistance | None:
        return self.replace(falls="as a root") if self.falls == "by nearest neighbours" else None

    @classmethod
    def examples(cls) -> tuple[MemorisedDistance, ...]:
        return (cls(),)

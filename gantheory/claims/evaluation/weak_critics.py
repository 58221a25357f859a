"""What a class of few bounded critics sees of a generator that has memorised a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.estimate import Estimate
from gantheory.models import MLP
from gantheory.random import Key
from gantheory.statistics import sample_mean


@dataclass(frozen=True)
class MemorisedFeatures(Claim):
    """Few bounded critics lose sight of a memorised sample as ``m^{-1/2}``, in any dimension.

    The neighbour lets the distance fall as ``m^{-1/d}``, as the Wasserstein-1 distance does
    (``falls="by dimension"``).

    Reference: Arora, Ge, Liang, Ma, Zhang (2017).

    Example:
        >>> round(MemorisedFeatures().predicted((5, 100)), 3)
        0.125
    """

    falls: Literal["as a root", "by dimension"] = "as a root"

    part: ClassVar[str] = "J08"
    statement: ClassVar[str] = (
        "The largest difference in mean that k critics tanh(c x_k) see between N(0, I) and m memorised points of it "
        "is (Var tanh(c z)/m)^{1/2} E max |z_k| on the average: it falls as m^{-1/2} in any dimension, so that "
        "generators of small support pass"
    )
    latex: ClassVar[str] = (
        r"E\max_{k \le d}\Big|E\tanh(c x_k) - \tfrac1m\textstyle\sum_i \tanh(c x_{ik})\Big| \simeq "
        r"\sqrt{\frac{\mathrm{Var}\tanh(cz)}{m}}\; E\max_{k \le d}|z_k|"
    )
    reference: ClassVar[str] = "Arora, Ge, Liang, Ma, Zhang (2017), theorem 3.1, for the rate"
    assumptions: ClassVar[str] = "one critic a coordinate, of slope 2; at least 20 points"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02

    def instances(self) -> st.SearchStrategy[tuple[int, int]]:
        return st.tuples(st.sampled_from((3, 5, 10)), st.integers(2, 20).map(lambda k: 10 * k))

    def predicted(self, instance: tuple[int, int]) -> float:
        d, m = instance
        distance = theory.feature_distance(d, m, slope=2.0)
        return distance if self.falls == "as a root" else distance * m ** (1 / 2 - 1 / d)

    def observed(self, instance: tuple[int, int], key: Key) -> Estimate:
        """Let the library's network of one layer be the critics; by symmetry their means under the law are 0."""
        d, m = instance
        runs = 800_000 // (d * m) + 500
        critics = MLP(d, (d,), d, activation="tanh")
        eye, zero = torch.eye(d), torch.zeros(d)
        w = torch.cat([2 * eye.flatten(), zero, eye.flatten(), zero])
        seen = critics(w, key.normal(runs * m, d)).reshape(runs, m, d).mean(1).abs().amax(-1)
        return sample_mean(seen)

    def curve(self) -> Curve:
        return Curve("samples", (10, 20, 50, 100, 200, 500, 1000), lambda m: (5, int(m)), log="xy")

    @property
    def neighbour(self) -> MemorisedFeatures | None:
        return self.replace(falls="by dimension") if self.falls == "as a root" else None

    @classmethod
    def examples(cls) -> tuple[MemorisedFeatures, ...]:
        return (cls(),)

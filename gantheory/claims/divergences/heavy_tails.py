"""The tails of the non-saturating generator's gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.estimate import Estimate
from gantheory.random import Key


@dataclass(frozen=True)
class CriticNoiseTail(Claim):
    """With independent normal errors of critic and gradient, the non-saturating gradient is Cauchy distributed.

    The neighbour takes the minimax loss, which does not divide by the critic (``divided=False``).

    Reference: Arjovsky, Bottou (2017).

    Example:
        >>> round(CriticNoiseTail().predicted(1.0), 6)
        0.5
    """

    divided: bool = True

    part: ClassVar[str] = "A09"
    statement: ClassVar[str] = (
        "Where the errors of a perfect critic and of its gradient are independent centred normal numbers, the "
        "non-saturating generator's gradient has the tails of a Cauchy law, and no mean"
    )
    latex: ClassVar[str] = r"P\big(|\nabla D / D| > t\big) = \tfrac2\pi \arctan\tfrac1t \sim \tfrac{2}{\pi t}"
    reference: ClassVar[str] = "Arjovsky, Bottou (2017), theorem 2.6"
    assumptions: ClassVar[str] = "one dimension; equal variances of both errors"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.01

    def instances(self) -> st.SearchStrategy[float]:
        return st.integers(5, 100).map(lambda t: t / 10)

    def predicted(self, instance: float) -> float:
        return float(theory.cauchy_tail(instance))

    def observed(self, instance: float, key: Key) -> Estimate:
        n = 200_000
        critic, slope = key.child("critic").normal(n), key.child("slope").normal(n)
        gradient = slope / critic if self.divided else slope
        share = (gradient.abs() > instance).to(torch.float64).mean().item()
        return Estimate(share, math.sqrt(share * (1 - share) / n), n=n)

    def curve(self) -> Curve:
        return Curve("threshold", tuple(1.5**k for k in range(8)), float, log="xy")

    @property
    def neighbour(self) -> CriticNoiseTail | None:
        return self.replace(divided=False) if self.divided else None

    @classmethod
    def examples(cls) -> tuple[CriticNoiseTail, ...]:
        return (cls(),)

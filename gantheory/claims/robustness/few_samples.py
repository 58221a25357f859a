"""How many samples a robust classifier takes where one is enough for an accurate one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.robustness.linear_classifiers import attacked
from gantheory.estimate import Estimate
from gantheory.random import Key
from gantheory.statistics import sample_mean


Task = tuple[int, float, int, float]
"""Dimension, the constant c of the deviation ``c d^{1/4}``, samples averaged, and radius of the attack."""


@dataclass(frozen=True)
class RobustSamples(Claim):
    """The mean of a few samples is a classifier whose error under attack is a normal integral.

    The neighbour takes one sample for as good as many (``averaged=False``).

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018).

    Example:
        >>> one = [RobustSamples().predicted((d, 0.6, 1, 0.25)) for d in (100, 1000, 10_000)]
        >>> [round(error, 2) for error in one]
        [0.1, 0.22, 0.72]
        >>> round(RobustSamples().predicted((10_000, 0.6, 5, 0.25)), 3)
        0.007
    """

    averaged: bool = True

    part: ClassVar[str] = "I02"
    statement: ClassVar[str] = (
        "With sigma = c d^{1/4}, the mean w of k samples y x of N(y mu, sigma^2 I) has the error E Phi(-(w'mu - e "
        "|w|_1)/(sigma |w|)) against changes of each coordinate by at most e: at c = 0.6 and e = 1/4 one sample errs "
        "on 10, 22 and 72 per cent at d = 100, 1,000 and 10,000, and on about 1 per cent or less without attack; 3, 3 "
        "and 5 samples bring it below 1 per cent"
    )
    latex: ClassVar[str] = (
        r"E\,\Phi\!\Big(-\frac{w^\top\mu - e\,|w|_1}{\sigma\,|w|_2}\Big),\qquad w = \tfrac1k \sum_{i \le k} y_i x_i,"
        r"\quad \sigma = c\, d^{1/4}"
    )
    reference: ClassVar[str] = "Schmidt, Santurkar, Tsipras, Talwar, Madry (2018), theorems 4 to 6"
    assumptions: ClassVar[str] = "mu is the vector of ones; the attack knows w; at least 50 dimensions"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.05

    def instances(self) -> st.SearchStrategy[Task]:
        tenths = st.integers(5, 10).map(lambda c: c / 10)
        return st.tuples(
            st.sampled_from((50, 100, 200)), tenths, st.integers(1, 4), st.sampled_from((0.0, 0.25, 0.5))
        )

    def predicted(self, instance: Task) -> float:
        d, c, count, radius = instance
        count = count if self.averaged else 1
        return theory.averaged_sample_error(d, c * d**0.25, count=count, radius=radius)

    def observed(self, instance: Task, key: Key) -> Estimate:
        """Average samples into many classifiers, attack the mean, and let the spread of fresh samples decide."""
        d, c, count, radius = instance
        n, deviation = 400_000 // (count * d) + 1000, c * d**0.25
        w = (1 + deviation * key.normal(n * count, d)).reshape(n, count, d).mean(1).double()
        move = attacked(
            w, torch.zeros_like(w), radius
        )  # the same at every sample, far from where losses underflow
        margins = ((1 + move) * w).sum(-1) / (deviation * w.norm(dim=-1))
        errors = torch.special.ndtr(-margins)
        return sample_mean(errors)

    def curve(self) -> Curve:
        return Curve("dimension", (50, 100, 200, 400, 800, 1600), lambda d: (int(d), 0.6, 1, 0.25), log="x")

    @property
    def neighbour(self) -> RobustSamples | None:
        return self.replace(averaged=False) if self.averaged else None

    @classmethod
    def examples(cls) -> tuple[RobustSamples, ...]:
        return (cls(),)

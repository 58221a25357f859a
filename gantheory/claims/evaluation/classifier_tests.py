"""What the classifier two-sample test finds where there is nothing, and where there is something."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, counted, log_ratio, masses
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.games import Minimax
from gantheory.random import Key


Labels = Literal["drawn", "balanced"]

NullTest = tuple[Counts, int]
"""Samples that the critic was trained on, and how many pairs of test samples come of the law of the real ones."""


@dataclass(frozen=True)
class EqualLawsTest(Claim):
    """Where both laws are one, the number of right answers has the variance of a fair coin, or less.

    Both sides list mean and variance. Where every test sample's label is drawn, a fair coin decides whether any
    critic is right; where half of the test samples are real and half generated, the spread is that of the critic's
    own answers. The neighbour takes each for the other (``taken_for``).

    Reference: Lopez-Paz, Oquab (2017).

    Example:
        >>> EqualLawsTest().predicted((((1, 1), (1, 2)), 50)).tolist()
        [50.0, 25.0]
    """

    labels: Labels = "drawn"
    taken_for: Labels | None = None

    part: ClassVar[str] = "J05"
    statement: ClassVar[str] = (
        "Where data and generated samples have one law, a critic is right on n test samples with mean n/2 and "
        "variance n/4 if labels are drawn, but n a(1 - a) if half of them are real, a the share that it calls real"
    )
    latex: ClassVar[str] = (
        r"\mathrm{Var}(\#\text{right}) = \tfrac n4 \text{ (labels drawn)},\qquad "
        r"n\,a(1 - a) \le \tfrac n4 \text{ (half of each)}"
    )
    reference: ClassVar[str] = "Lopez-Paz, Oquab (2017), for labels drawn"
    assumptions: ClassVar[str] = "one law; the critic was trained on other samples"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[NullTest]:
        return st.tuples(counted(atoms=6), st.integers(1, 30))

    def predicted(self, instance: NullTest) -> np.ndarray:
        counts, pairs = instance
        p, q = masses(counts)
        balanced = (self.taken_for or self.labels) == "balanced"
        return np.array(theory.two_sample_null(2 * pairs, p[p > q].sum() if balanced else None))

    def observed(self, instance: NullTest, key: Key) -> np.ndarray:
        """Build the law of the number of right answers, test sample by test sample."""
        counts, pairs = instance
        law = masses(counts)[0]
        real = law[(Minimax().optimal_logit(log_ratio(counts)) > 0).numpy()].sum()
        rights = [(real + 1 - real) / 2] * (2 * pairs) if self.labels == "drawn" else [real, 1 - real] * pairs
        chances = _number_right(rights)
        number = np.arange(len(chances))
        mean = number @ chances
        return np.array([mean, np.square(number - mean) @ chances])

    @property
    def neighbour(self) -> EqualLawsTest | None:
        if self.taken_for is not None:
            return None
        return self.replace(taken_for="balanced" if self.labels == "drawn" else "drawn")

    @classmethod
    def examples(cls) -> tuple[EqualLawsTest, ...]:
        return cls("drawn"), cls("balanced")


def _number_right(rights: list[float]) -> np.ndarray:
    """Return the probabilities of 0 to n right answers, of independent ones."""
    chances = np.ones(1)
    for right in rights:
        chances = np.convolve(chances, [1 - right, right])
    return chances


@dataclass(frozen=True)
class DifferentLawsTest(Claim):
    """The power of the classifier two-sample test is a normal probability, of the test samples alone.

    The neighbour counts the samples that the critic was trained on as well, as many again (``counted="all"``).

    Reference: Lopez-Paz, Oquab (2017).

    Example:
        >>> round(DifferentLawsTest().predicted((100, 10)), 2)
        0.64
    """

    counted: Literal["tested", "all"] = "tested"

    part: ClassVar[str] = "J05"
    statement: ClassVar[str] = (
        "A critic that is right with probability 1/2 + e on each of n test samples rejects equal laws, at level a, "
        "with probability Phi((e sqrt n - z/2)/sqrt(1/4 - e^2)), z the 1 - a quantile"
    )
    latex: ClassVar[str] = (
        r"\pi(n, e) \simeq \Phi\!\left(\frac{e\sqrt n - z_{1 - a}/2}{\sqrt{1/4 - e^2}}\right)"
    )
    reference: ClassVar[str] = "Lopez-Paz, Oquab (2017), theorem 1"
    assumptions: ClassVar[str] = (
        "labels drawn; the number of right answers is taken for normal; 5 per cent as the level, exactly"
    )
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02

    def instances(self) -> st.SearchStrategy[tuple[int, int]]:
        """Test samples, and the excess over one half in hundredths."""
        return st.tuples(st.integers(50, 300), st.integers(1, 30))

    def predicted(self, instance: tuple[int, int]) -> float:
        n, excess = instance
        return theory.two_sample_power(n if self.counted == "tested" else 2 * n, excess / 100)

    def observed(self, instance: tuple[int, int], key: Key) -> float:
        """Ask the best critic of two laws on two atoms, and reject on the border as often as the level wants."""
        n, excess = instance
        counts = (50 + excess, 50 - excess), (50 - excess, 50 + excess)
        taken = (Minimax().optimal_logit(log_ratio(counts)) > 0).numpy()
        p, q = masses(counts)
        null, truth = (_number_right([right] * n) for right in (0.5, (p[taken].sum() + q[~taken].sum()) / 2))
        above = np.append(np.cumsum(null[::-1])[::-1], 0)  # the chance of as many or more
        border = int(np.argmax(above <= 0.05)) - 1
        share = (0.05 - above[border + 1]) / null[border]
        return math.fsum(truth[border + 1 :]) + float(share * truth[border])

    def curve(self) -> Curve:
        return Curve("excess", tuple(k / 100 for k in range(1, 31)), lambda e: (100, round(100 * e)))

    @property
    def neighbour(self) -> DifferentLawsTest | None:
        return self.replace(counted="all") if self.counted == "tested" else None

    @classmethod
    def examples(cls) -> tuple[DifferentLawsTest, ...]:
        return (cls(),)

"""Tiny claims with known verdicts, to test the machinery that checks claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from gantheory import Estimate, Key
from gantheory.claims import Claim


@dataclass(frozen=True)
class Toy(Claim):
    """Field-less defaults of all toys."""

    statement: ClassVar[str] = "a toy"
    latex: ClassVar[str] = "0"
    reference: ClassVar[str] = "none"

    @property
    def neighbour(self) -> Claim | None:
        return None

    @classmethod
    def examples(cls):
        return ()


@dataclass(frozen=True)
class SquaresAverage(Toy):
    """True: the square of the mean is at most the mean of squares, with equality for equal numbers."""

    relation: ClassVar[Any] = "<="
    tolerance: ClassVar[float] = 1e-12

    def instances(self):
        return st.lists(st.integers(-100, 100), min_size=1, max_size=6).map(tuple)

    def predicted(self, instance):
        return float(np.mean(np.square(instance)))

    def observed(self, instance, key):
        return float(np.mean(instance)) ** 2


@dataclass(frozen=True)
class AllBelow(Toy):
    """False from `bound` upwards: every number of a batch lies below it."""

    bound: int = 37

    relation: ClassVar[Any] = "<="

    def instances(self):
        return st.lists(st.integers(0, 10_000), min_size=1, max_size=20).map(tuple)

    def predicted(self, instance):
        return [self.bound - 1] * len(instance)

    def observed(self, instance, key):
        return np.array(instance, dtype=float)


@dataclass(frozen=True)
class NeedleBelow(AllBelow):
    """False on 1 in 10^4 instances, where the margin slopes towards them: steering must find one."""

    def instances(self):
        return st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))

    def predicted(self, instance):
        return 19_800.0

    def observed(self, instance, key):
        return float(sum(instance))


@dataclass(frozen=True)
class Nothing(AllBelow):
    """A claim of which no instance exists."""

    def instances(self):
        return st.integers(0, 10).filter(lambda n: n > 10).map(lambda n: (n,))


@dataclass(frozen=True)
class MeanOfUniforms(Toy):
    """Statistical: the mean of n uniform numbers, times `factor`, is at most 1/2 within `slack`."""

    factor: float = 1.0
    slack: float = 0.0

    relation: ClassVar[Any] = "<="

    def instances(self):
        return st.integers(100, 1000)

    def predicted(self, instance):
        return 0.5 + self.slack

    def observed(self, instance, key: Key):
        draws = self.factor * key.uniform(instance).double().numpy()
        return Estimate(draws.mean(), draws.std(ddof=1) / np.sqrt(instance), n=instance)


@dataclass(frozen=True)
class EqualMeans(MeanOfUniforms):
    """True, but not to be shown: an interval holds more than one number."""

    relation: ClassVar[Any] = "="


@dataclass(frozen=True)
class Broken(AllBelow):
    """A claim whose own code is wrong."""

    def observed(self, instance, key):
        raise ZeroDivisionError("the claim's own mistake")


@dataclass(frozen=True)
class NotANumber(AllBelow):
    """A claim whose observation is NaN."""

    def observed(self, instance, key):
        return np.full(len(instance), np.nan)


@dataclass(frozen=True)
class OpenBelow(AllBelow):
    """An open question: nothing decides it but a counterexample."""

    open: ClassVar[bool] = True
    study: ClassVar[str] = "studies/convergence.py"

"""Which of two methods is better, over the seeds of a population: a mean difference with a one-sided interval."""

from __future__ import annotations

from typing import NamedTuple

import gantheory as gt


LEVEL = 0.95


class Ordering(NamedTuple):
    """The mean paired difference, and what it exceeds with confidence 0.95 (one-sided, by Student's t)."""

    difference: gt.Estimate
    bound: float

    @property
    def seen(self) -> bool:
        """Whether the bound is above 0."""
        return self.bound > 0

    def __str__(self) -> str:
        verdict = "seen" if self.seen else "not seen"
        return f"{float(self.difference):.3g}, above {self.bound:.3g} at one-sided 95 %: **{verdict}**"


def above(higher: gt.Estimate, lower: gt.Estimate) -> Ordering:
    """Compare two estimates of one population, seed by seed: the same seed has the same data in both."""
    if higher.shape != lower.shape or higher.value.size < 5:
        raise ValueError(
            f"an ordering needs the same five seeds or more, got {higher.shape} and {lower.shape}"
        )
    difference = gt.Estimate(higher.value - lower.value, n=higher.n).mean()
    return Ordering(difference, float(difference.interval(2 * LEVEL - 1)[0]))

"""Asynchrony as momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.dynamics import (
    SGD,
    Delayed,
    GeometricStaleness,
    Simultaneous,
    Staleness,
    UniformStaleness,
    simulate,
)
from gantheory.estimate import Estimate
from gantheory.games import LinearField
from gantheory.random import Key
from gantheory.statistics import sample_mean


MEMBERS, STEPS = 20_000, 10


@dataclass(frozen=True)
class AsynchronyIsMomentum(Claim):
    """On average descent with geometrically stale gradients is descent with momentum.

    Instances are a rate and the share m of the staleness; both sides are the mean points on x^2/2 after 4, 7 and 10
    steps from 1. The neighbour draws uniform ages of the same mean.

    Example:
        >>> AsynchronyIsMomentum().predicted((0.5, 0.0)).tolist()
        [0.0625, 0.0078125, 0.0009765625]
    """

    ages: Literal["geometric", "uniform"] = "geometric"

    part: ClassVar[str] = "H08"
    statement: ClassVar[str] = (
        "Where gradients are k steps old with probability (1 - m) m^k, descent has on average the momentum m: "
        "E w_{t+1} - E w_t = m (E w_t - E w_{t-1}) - (1 - m) h grad(E w_t)"
    )
    latex: ClassVar[str] = r"E w_{t+1} - E w_t = m\,(E w_t - E w_{t-1}) - (1 - m)\,h\,\nabla\ell(E w_t)"
    reference: ClassVar[str] = "Mitliagkas, Zhang, Hadjis, Re (2016)"
    assumptions: ClassVar[str] = "linear gradients; ages independent of each other and of the points"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.05  # the mean of so many members is known to a hundredth
    counts: ClassVar[tuple[int, ...]] = (4, 7, 10)

    def instances(self) -> st.SearchStrategy[tuple[float, float]]:
        return st.tuples(st.sampled_from([0.1, 0.2, 0.4, 0.6]), st.sampled_from([0.5, 0.75]))

    def predicted(self, instance: tuple[float, float]) -> np.ndarray:
        rate, share = instance
        return theory.asynchronous_means(rate, share, STEPS)[list(self.counts)]

    def observed(self, instance: tuple[float, float], key: Key) -> Estimate:
        rate, share = instance
        law: Staleness = GeometricStaleness(share, most=STEPS)
        if self.ages == "uniform":
            law = UniformStaleness(round(2 * share / (1 - share)))
        rule = Delayed(Simultaneous(SGD(rate)), staleness=law)
        game = LinearField(((1.0,),))
        runs = simulate(game, rule, steps=STEPS, population=MEMBERS, start=(1.0,), record=1, key=key)
        return sample_mean(runs.points[:, list(self.counts), 0])

    def curve(self) -> Curve:
        return Curve("rate", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), lambda rate: (rate, 0.5), row=2)

    @property
    def neighbour(self) -> AsynchronyIsMomentum | None:
        return self.replace(ages="uniform") if self.ages == "geometric" else None

    @classmethod
    def examples(cls) -> tuple[AsynchronyIsMomentum, ...]:
        return (cls(),)

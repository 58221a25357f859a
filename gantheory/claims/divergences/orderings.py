"""Inequalities between divergences, measured by the critics of objectives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, counted, masses, measured
from gantheory.claims.claim import Claim, Kind
from gantheory.random import Key


Ordering = Literal[
    "TV^2/2 <= JSD",
    "JSD <= log 2 TV",
    "TV <= sqrt(KL/2)",
    "H^2 <= TV",
    "TV <= sqrt(H^2 (2 - H^2))",
    "Delta/4 <= JSD",
    "JSD <= log 2 Delta/2",
]


@dataclass(frozen=True)
class DivergenceOrdering(Claim):
    """One divergence bounds another, with the best constant.

    The neighbour takes a constant that is a tenth better (``constant=0.9``).

    Reference: Pinsker (1964); Le Cam (1986); Lin (1991); Topsoe (2000).

    Example:
        >>> DivergenceOrdering("H^2 <= TV").predicted(((1, 3), (3, 1)))
        0.5
    """

    ordering: Ordering = "JSD <= log 2 TV"
    constant: float = 1.0

    part: ClassVar[str] = "A06"
    statement: ClassVar[str] = (
        "Total variation, Jensen-Shannon, Kullback-Leibler, Hellinger and the triangular discrimination bound one "
        "another, and no constant in these bounds can be better"
    )
    latex: ClassVar[str] = (
        r"\tfrac12\mathrm{TV}^2 \le \mathrm{JSD} \le \log 2\,\mathrm{TV},\quad \mathrm{TV} \le "
        r"\sqrt{\mathrm{KL}/2},\quad H^2 \le \mathrm{TV} \le \sqrt{H^2(2 - H^2)},\quad "
        r"\tfrac14\Delta \le \mathrm{JSD} \le \tfrac{\log 2}{2}\Delta"
    )
    reference: ClassVar[str] = "Pinsker (1964); Le Cam (1986); Lin (1991); Topsoe (2000)"
    assumptions: ClassVar[str] = "divergences in nats, H^2 with its factor 1/2"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted(least=1 if "KL" in self.ordering else 0)

    def predicted(self, instance: Counts) -> float:
        return self.constant * float(theory.divergence_bound(*masses(instance), ordering=self.ordering))

    def observed(self, instance: Counts, key: Key) -> float:
        smaller = self.ordering.partition(" <= ")[0]
        if smaller == "TV^2/2":
            return measured(instance, "TV") ** 2 / 2
        if smaller == "Delta/4":
            return measured(instance, "Delta") / 4
        return measured(instance, "H^2" if smaller == "H^2" else "TV" if smaller == "TV" else "JSD")

    @property
    def neighbour(self) -> DivergenceOrdering | None:
        return self.replace(constant=0.9) if self.constant == 1 else None

    @classmethod
    def examples(cls) -> tuple[DivergenceOrdering, ...]:
        names: tuple[Ordering, ...] = (
            "TV^2/2 <= JSD",
            "JSD <= log 2 TV",
            "TV <= sqrt(KL/2)",
            "H^2 <= TV",
            "TV <= sqrt(H^2 (2 - H^2))",
            "Delta/4 <= JSD",
            "JSD <= log 2 Delta/2",
        )
        return tuple(cls(name) for name in names)


Channel = tuple[tuple[int, int], ...]
"""Where every atom goes: to either of two places, each with probability 1/2."""


@dataclass(frozen=True)
class DataProcessing(Claim):
    """No channel makes two laws easier to tell apart.

    The neighbour sends the data alone through the channel (``both=False``).

    Reference: Csiszar (1967); Cover, Thomas (2006).

    Example:
        >>> round(DataProcessing("TV").predicted((((1, 3), (3, 1)), ((0, 0), (0, 0)))), 6)
        0.5
    """

    divergence: Literal["JSD", "TV"] = "JSD"
    both: bool = True

    part: ClassVar[str] = "A06"
    statement: ClassVar[str] = (
        "Sending data and generated samples through one channel raises neither the Jensen-Shannon divergence nor "
        "the total variation"
    )
    latex: ClassVar[str] = (
        r"\mathrm{JSD}(PK, QK) \le \mathrm{JSD}(P, Q),\quad \mathrm{TV}(PK, QK) \le \mathrm{TV}(P, Q)"
    )
    reference: ClassVar[str] = "Csiszar (1967); Cover, Thomas (2006), section 2.8"
    assumptions: ClassVar[str] = "the same channel for both laws"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[tuple[Counts, Channel]]:
        def channels(counts: Counts) -> st.SearchStrategy[tuple[Counts, Channel]]:
            n = len(counts[0])
            place = st.integers(0, n - 1)
            any_channel = st.lists(st.tuples(place, place), min_size=n, max_size=n).map(tuple)
            # leaving every atom where it is makes an equality
            return st.tuples(st.just(counts), st.just(tuple((i, i) for i in range(n))) | any_channel)

        return counted(least=0, atoms=6).flatmap(channels)

    def predicted(self, instance: tuple[Counts, Channel]) -> float:
        divergence = theory.jensen_shannon if self.divergence == "JSD" else theory.total_variation
        return float(divergence(*masses(instance[0])))

    def observed(self, instance: tuple[Counts, Channel], key: Key) -> float:
        counts, channel = instance
        after = np.zeros((2, len(channel)), dtype=int)
        for i, places in enumerate(channel):
            for place in places:
                after[0, place] += counts[0][i]
                after[1, place if self.both else i] += counts[1][i]
        kept = after[:, after.any(axis=0)].tolist()
        return measured((tuple(kept[0]), tuple(kept[1])), self.divergence)

    @property
    def neighbour(self) -> DataProcessing | None:
        return self.replace(both=False) if self.both else None

    @classmethod
    def examples(cls) -> tuple[DataProcessing, ...]:
        return cls("JSD"), cls("TV")


Triple = tuple[tuple[int, int, int], ...]
"""Counts of three measures on every atom."""


@dataclass(frozen=True)
class JensenShannonMetric(Claim):
    """The root of the Jensen-Shannon divergence obeys the triangle inequality.

    The neighbour leaves out the root (``power=1.0``).

    Reference: Endres, Schindelin (2003); Oesterreicher, Vajda (2003).

    Example:
        >>> round(JensenShannonMetric().predicted(((1, 1, 1),)), 6)
        0.0
    """

    power: float = 0.5

    part: ClassVar[str] = "A06"
    statement: ClassVar[str] = (
        "The square root of the Jensen-Shannon divergence is a metric; the divergence is none"
    )
    latex: ClassVar[str] = (
        r"\sqrt{\mathrm{JSD}(p, r)} \le \sqrt{\mathrm{JSD}(p, q)} + \sqrt{\mathrm{JSD}(q, r)}"
    )
    reference: ClassVar[str] = "Endres, Schindelin (2003); Oesterreicher, Vajda (2003)"
    assumptions: ClassVar[str] = "equal priors of both laws"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-7  # the root of the rounding of a divergence

    def instances(self) -> st.SearchStrategy[Triple]:
        number = st.integers(1, 60)
        free = st.tuples(number, number, number)
        on_the_way = st.tuples(number, number).map(lambda pair: (pair[0], pair[1], pair[1]))
        return st.lists(free, min_size=1, max_size=6).map(tuple) | st.lists(on_the_way, min_size=1).map(tuple)

    def predicted(self, instance: Triple) -> float:
        p, q, r = (np.array(column) / sum(column) for column in zip(*instance))
        first, second = float(theory.jensen_shannon(p, q)), float(theory.jensen_shannon(q, r))
        return first**self.power + second**self.power

    def observed(self, instance: Triple, key: Key) -> float:
        p, _, r = zip(*instance)
        return math.pow(max(measured((p, r), "JSD"), 0.0), self.power)

    @property
    def neighbour(self) -> JensenShannonMetric | None:
        return self.replace(power=1.0) if self.power == 0.5 else None

    @classmethod
    def examples(cls) -> tuple[JensenShannonMetric, ...]:
        return (cls(),)

"""What batches do to extragradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.dynamics import SGD, ExtraGradient, Rule, SameBatch, simulate
from gantheory.estimate import Estimate
from gantheory.games import StochasticBilinear
from gantheory.random import Key
from gantheory.statistics import sample_mean


MEMBERS = 20_000


def _terms(count: int) -> StochasticBilinear:
    """The game whose term i couples the i-th parameters alone, of which a batch holds one."""
    unit = np.eye(count)
    return StochasticBilinear(tuple(tuple(map(tuple, np.outer(row, row).tolist())) for row in unit))


@dataclass(frozen=True)
class ExtragradientBatches(Claim):
    """With batches of their own in both half-steps extragradient grows on a sum of bilinear terms, with one it shrinks.

    Instances are a rate and a number of terms; both sides are the mean factor of |w|^2. The neighbour takes the other
    way of drawing for granted.

    Example:
        >>> float(ExtragradientBatches("independent").predicted((1.0, 2)))
        1.25
    """

    batches: Literal["independent", "same"]
    taken_for: Literal["", "independent", "same"] = ""

    part: ClassVar[str] = "H03"
    reference: ClassVar[str] = "Chavdarova, Gidel, Fleuret, Lacoste-Julien (2019); derived"
    assumptions: ClassVar[str] = "the mean of n terms x_i y_i, batches of one term"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02  # about twice half the interval of so many members

    @property
    def statement(self) -> str:  # type: ignore[override]
        which, factor = {
            "independent": ("independent batches", "1 + h^2/n - 2h^2/n^2 + h^4/n^2"),
            "same": ("one batch", "1 - h^2/n + h^4/n"),
        }[self.batches]
        return (
            f"With {which} in both half-steps, extragradient multiplies |w|^2 on a sum of n bilinear terms by {factor} "
            "on average"
        )

    @property
    def latex(self) -> str:  # type: ignore[override]
        return (
            r"\frac{E|w_+|^2}{|w|^2} = "
            + {
                "independent": r"1 + \frac{h^2}{n} - \frac{2h^2}{n^2} + \frac{h^4}{n^2}",
                "same": r"1 - \frac{h^2}{n} + \frac{h^4}{n}",
            }[self.batches]
        )

    def instances(self) -> st.SearchStrategy[tuple[float, int]]:
        return st.tuples(st.integers(5, 15).map(lambda tenths: tenths / 10), st.integers(2, 3))

    def predicted(self, instance: tuple[float, int]) -> float:
        rate, terms = instance
        return float(
            theory.extragradient_growth(rate, terms, same=(self.taken_for or self.batches) == "same")
        )

    def observed(self, instance: tuple[float, int], key: Key) -> Estimate:
        rate, terms = instance
        plain = ExtraGradient(SGD(rate))
        rule: Rule = SameBatch(plain) if self.batches == "same" else plain
        start = (1.0,) * (2 * terms)
        runs = simulate(_terms(terms), rule, steps=1, population=MEMBERS, start=start, key=key)
        return sample_mean((runs.points[:, -1] ** 2).sum(-1).numpy() / (2 * terms))

    @property
    def neighbour(self) -> ExtragradientBatches | None:
        if self.taken_for:
            return None
        return self.replace(taken_for="same" if self.batches == "independent" else "independent")

    @classmethod
    def examples(cls) -> tuple[ExtragradientBatches, ...]:
        return cls("independent"), cls("same")


@dataclass(frozen=True)
class ExtragradientFloor(Claim):
    """Additive noise keeps extragradient on a rotation at a distance that small steps do not take away.

    At the stationary radius a step leaves the mean of |w|^2 as it is; both sides are that mean. The neighbour expects
    the floor to fall like the rate, as that of descent on a convex loss does.

    Example:
        >>> round(float(ExtragradientFloor().predicted((0.5, 1.0, 1))), 6)
        3.333333
    """

    floor: Literal["stays", "falls"] = "stays"

    part: ClassVar[str] = "H04"
    statement: ClassVar[str] = (
        "Extragradient on a rotation of speed s with gradient noise of variance v comes to rest at a mean |w|^2 of "
        "2v(1 + u^2)/(B s^2(1 - u^2)), u = hs, for batches of B, however small its steps"
    )
    latex: ClassVar[str] = (
        r"E|w|^2 = \frac{d\,v\,(1 + u^2)}{B\sigma^2(1 - u^2)} \to \frac{d\,v}{B\sigma^2}\quad\text{as } h \to 0"
    )
    reference: ClassVar[str] = "Hsieh et al. (2020); derived"
    assumptions: ClassVar[str] = "independent noise in both half-steps, u < 1"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.17  # the mean of so many members is known to an eighth

    def instances(self) -> st.SearchStrategy[tuple[float, float, int]]:
        return st.sampled_from([(0.6, 0.8, 1), (0.7, 1.0, 1), (0.6, 1.0, 2), (0.7, 0.8, 4)])

    def predicted(self, instance: tuple[float, float, int]) -> float:
        rate, speed, batch = instance
        floor = float(theory.extragradient_floor(rate, 1.0, speed=speed, batch=batch))
        return floor if self.floor == "stays" else floor * rate

    def observed(self, instance: tuple[float, float, int], key: Key) -> Estimate:
        """Start at the radius at which a step changes nothing on average, found from two others.

        The mean of |w|^2 after a step is ``p |w|^2 + q``; the same noise at both gives p and q, and the error that is
        propagated is the one of the difference.
        """
        rate, speed, batch = instance
        shifts = ((1.0,), (-1.0,), (1.0,), (-1.0,)), ((1.0,), (1.0,), (-1.0,), (-1.0,))
        game = StochasticBilinear((((speed,),),) * 4, x_shifts=shifts[0], y_shifts=shifts[1], batch=batch)
        rule = ExtraGradient(SGD(rate))
        after = []
        for radius in (0.0, 1.0):
            runs = simulate(game, rule, steps=1, population=5 * MEMBERS, start=(radius, 0.0), key=key)
            after.append((runs.points[:, -1] ** 2).sum(-1).numpy())
        p, q = after[1].mean() - after[0].mean(), after[0].mean()
        rest = q / (1 - p)
        # to first order rest moves with each member's share of q + p rest - rest
        each = (after[0] + (after[1] - after[0]) * rest) / (1 - p)
        return Estimate(rest, each.std(ddof=1) / np.sqrt(each.size), n=each.size)

    @property
    def neighbour(self) -> ExtragradientFloor | None:
        return self.replace(floor="falls") if self.floor == "stays" else None

    @classmethod
    def examples(cls) -> tuple[ExtragradientFloor, ...]:
        return (cls(),)

"""How often a difference of Gaussian mixtures changes sign."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.distributions import GaussianMixture
from gantheory.random import Key


Instance = tuple[tuple[int, int, int], ...]
"""Of every component the centre in tenths, the weight (negative for generated ones) and a width in tenths."""


@dataclass(frozen=True)
class SignChanges(Claim):
    """A combination of k Gaussian densities of one variance has at most ``k - 1`` sign changes.

    The neighbour lets their widths differ (``one_width=False``).

    Reference: Karlin (1968); Li, Madry, Peebles, Schmidt (2017).

    Example:
        >>> SignChanges().predicted(((0, 1, 1), (10, -1, 1)))
        1
    """

    one_width: bool = True

    part: ClassVar[str] = "D03"
    statement: ClassVar[str] = (
        "A linear combination of k Gaussian densities of one variance changes its sign at most k - 1 times, so that "
        "the best critic between mixtures of two needs no more than two intervals"
    )
    latex: ClassVar[str] = r"\#\text{sign changes of } \textstyle\sum_{i=1}^k c_i N(x; m_i, s^2) \le k - 1"
    reference: ClassVar[str] = "Karlin (1968); Li, Madry, Peebles, Schmidt (2017)"
    assumptions: ClassVar[str] = "equal variances, one dimension"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="

    def instances(self) -> st.SearchStrategy[Instance]:
        weight = st.integers(1, 9) | st.integers(-9, -1)
        component = st.tuples(st.integers(-40, 40), weight, st.integers(5, 20))
        drawn = st.lists(component, min_size=2, max_size=4, unique_by=lambda c: c[0])
        spread = drawn.map(lambda rows: [(40 * i, abs(w) * (-1) ** i, s) for i, (_, w, s) in enumerate(rows)])
        return (drawn | spread).map(tuple)

    def predicted(self, instance: Instance) -> int:
        return theory.sign_change_bound(len(instance))

    def observed(self, instance: Instance, key: Key) -> int:
        """Count sign changes of the difference of log densities of both mixtures along a fine line."""
        x = torch.linspace(-16, 16, 1501, dtype=torch.float64)[:, None]
        width = instance[0][2]
        parts = [[c for c in instance if c[1] * sign > 0] for sign in (1, -1)]
        if not all(parts):
            return 0
        difference = self._log_density(parts[0], width, x) - self._log_density(parts[1], width, x)
        sign = difference.sign()[difference.abs() > 1e-9]  # nearer to 0 rounding decides
        return int((sign[1:] != sign[:-1]).sum())

    def _log_density(self, part: list[tuple[int, int, int]], width: int, x: Tensor) -> Tensor:
        variances = [((width if self.one_width else own) / 10) ** 2 for _, _, own in part]
        mixture = GaussianMixture(
            tuple((centre / 10,) for centre, _, _ in part),
            tuple(((v,),) for v in variances),
            tuple(abs(weight) for _, weight, _ in part),
        )
        return mixture.log_prob(x) + math.log(sum(abs(weight) for _, weight, _ in part))

    @property
    def neighbour(self) -> SignChanges | None:
        return self.replace(one_width=False) if self.one_width else None

    @classmethod
    def examples(cls) -> tuple[SignChanges, ...]:
        return (cls(),)

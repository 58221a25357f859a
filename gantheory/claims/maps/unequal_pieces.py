"""What a continuous map of noise can send to two pieces that need not be equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.models import MLP
from gantheory.random import Key


Bent = tuple[float, float, float, tuple[float, ...]]
"""Distance of the pieces, Lipschitz constant, middle of the gap, and the slopes of the map as shares of it."""


@dataclass(frozen=True)
class PieceMasses(Claim):
    """The quantiles of the masses that a Lipschitz map sends to two pieces add up to at most ``-D/L``.

    The neighbour lets the map jump at 0 (``continuous=False``).

    Reference: Borell (1975); Sudakov, Tsirelson (1974).

    Example:
        >>> PieceMasses().predicted((2.0, 1.0, 0.0, (1.0,)))
        -2.0
    """

    continuous: bool = True

    part: ClassVar[str] = "G05"
    statement: ClassVar[str] = (
        "If an L-Lipschitz generator of standard noise sends the masses a and b to two pieces at distance D, then "
        "Phi^-1(a) + Phi^-1(b) <= -D/L, for unequal pieces too; the linear map attains it"
    )
    latex: ClassVar[str] = r"\Phi^{-1}(a) + \Phi^{-1}(b) \le -\frac DL"
    reference: ClassVar[str] = "Borell (1975); Sudakov, Tsirelson (1974)"
    assumptions: ClassVar[str] = "a continuous map, increasing or not; the line"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Bent]:
        halves = st.integers(1, 12).map(lambda k: k / 2)
        share = st.integers(-10, 10).map(lambda k: k / 10)
        slopes = st.just((1.0,)) | st.lists(share, min_size=1, max_size=6).map(tuple)
        return st.tuples(halves, halves, st.integers(-20, 20).map(lambda k: k / 10), slopes)

    def predicted(self, instance: Bent) -> float:
        return theory.separated_quantiles(*instance[:2])

    def observed(self, instance: Bent, key: Key) -> float:
        """Bend a ReLU network at every half from -1 on, and add up the noise that it sends past both ends."""
        distance, lipschitz, middle, shares = instance
        knots = -1 + 0.5 * np.arange(len(shares))
        slopes = lipschitz * np.array(shares)
        network = MLP(1, (len(shares) + 1,), 1)
        # the first unit looks to the left of the first knot, where the slope is that to its right
        w = np.concatenate([[-1], np.ones(len(shares)), [knots[0]], -knots, [-slopes[0]]])
        w = np.concatenate([w, np.diff(slopes, prepend=0.0), [0.0]])
        z = np.concatenate([[-40], knots, [0.0, 40.0]])
        z.sort()
        G = network(torch.from_numpy(w), torch.from_numpy(z)[:, None])[:, 0].numpy()
        low, high = middle - distance / 2, middle + distance / 2
        if not self.continuous:
            low, high = low + distance / 4, high - distance / 4  # a jump over half of the gap
        below, above = _below(z, G, low), _below(z, -G, -high)
        return float(ndtri(np.clip([below, above], 1e-300, 1 - 1e-16)).sum())  # no mass has no quantile

    def curve(self) -> Curve:
        return Curve("distance", tuple(k / 4 for k in range(1, 25)), lambda D: (D, 1.0, 0.5, (1.0,)))

    @property
    def neighbour(self) -> PieceMasses | None:
        return self.replace(continuous=False) if self.continuous else None

    @classmethod
    def examples(cls) -> tuple[PieceMasses, ...]:
        return (cls(),)


def _below(z: np.ndarray, G: np.ndarray, level: float) -> float:
    """Return the noise at which a function that is linear between the places z is at most a level."""
    a, b = G[:-1], G[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(np.where(a == b, np.where(a <= level, np.inf, -np.inf), (level - a) / (b - a)), 0, 1)
    meets = z[:-1] + share * np.diff(z)
    start, end = np.where(a <= b, z[:-1], meets), np.where(a <= b, meets, z[1:])
    left, right = (
        np.where(start > 0, -end, start),
        np.where(start > 0, -start, end),
    )  # of both tails the exact one
    return float((ndtr(right) - ndtr(left)).sum())

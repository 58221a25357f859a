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
        masses = _masses(instance, self.continuous)
        return float(ndtri(np.clip(masses, 1e-300, 1 - 1e-16)).sum())  # no mass has no quantile

    def curve(self) -> Curve:
        return Curve("distance", tuple(k / 4 for k in range(1, 25)), lambda D: (D, 1.0, 0.5, (1.0,)))

    @property
    def neighbour(self) -> PieceMasses | None:
        return self.replace(continuous=False) if self.continuous else None

    @classmethod
    def examples(cls) -> tuple[PieceMasses, ...]:
        return (cls(),)


@dataclass(frozen=True)
class LeastVariation(Claim):
    """No Lipschitz map of noise comes nearer to two equal pieces than by making one of them right.

    The neighbour lets the map jump at 0 (``continuous=False``).

    Reference: Borell (1975); Sudakov, Tsirelson (1974).

    Example:
        >>> round(LeastVariation().predicted((2.0, 1.0, 1.0, (1.0,))), 4)
        0.4772
    """

    continuous: bool = True

    part: ClassVar[str] = "G05"
    statement: ClassVar[str] = (
        "An L-Lipschitz generator of standard noise, invertible or not, is at least Phi(D/L) - 1/2 in total variation "
        "from a law with half of its mass on each of two pieces at distance D; one that serves a piece fully and the "
        "other with what is left attains it, one that serves both alike does not"
    )
    latex: ClassVar[str] = r"\mathrm{TV}(G_\# N, p) \ge \Phi\!\Big(\frac DL\Big) - \tfrac12"
    reference: ClassVar[str] = (
        "Borell (1975); Sudakov, Tsirelson (1974), for the quantiles; cf. Tanielian et al. (2020)"
    )
    assumptions: ClassVar[str] = "a continuous map of one base; two equal pieces; the line"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = ">="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Bent]:
        fully = st.tuples(*[st.integers(1, 12).map(lambda k: k / 2)] * 2)
        return fully.map(lambda two: (*two, two[0] / 2, (1.0,))) | PieceMasses().instances()

    def predicted(self, instance: Bent) -> float:
        return theory.least_variation(*instance[:2])

    def observed(self, instance: Bent, key: Key) -> float:
        """Compare the masses of both pieces and of the gap, which is the least that the variation can be."""
        a, b = _masses(instance, self.continuous)
        return float(abs(a - 0.5) + abs(b - 0.5) + abs(1 - a - b)) / 2

    def curve(self) -> Curve:
        return Curve("distance", tuple(k / 4 for k in range(1, 25)), lambda D: (D, 1.0, D / 2, (1.0,)))

    @property
    def neighbour(self) -> LeastVariation | None:
        return self.replace(continuous=False) if self.continuous else None

    @classmethod
    def examples(cls) -> tuple[LeastVariation, ...]:
        return (cls(),)


def _masses(instance: Bent, continuous: bool) -> tuple[float, float]:
    """Bend a ReLU network at every half from -1 on, and add up the noise that it sends past both ends of the gap."""
    distance, lipschitz, middle, shares = instance
    knots = -1 + 0.5 * np.arange(len(shares))
    slopes = lipschitz * np.array(shares)
    network = MLP(1, (len(shares) + 1,), 1)
    # the first unit looks to the left of the first knot, where the slope is that to its right
    w = np.concatenate([[-1], np.ones(len(shares)), [knots[0]], -knots, [-slopes[0]]])
    w = np.concatenate([w, np.diff(slopes, prepend=0.0), [0.0]])
    z = np.sort(np.concatenate([[-40], knots, [0.0, 40.0]]))
    G = network(torch.from_numpy(w), torch.from_numpy(z)[:, None])[:, 0].numpy()
    G = G - np.interp(0.0, z, G)  # the gap's middle is told from where the map sends 0
    half = distance / 2 if continuous else distance / 4  # a jump over half of the gap
    return _below(z, G, middle - half), _below(z, -G, -middle - half)


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

"""What a continuous map of one mode pays for two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.distributions import GaussianMixture
from gantheory.models import MLP
from gantheory.random import Key


@dataclass(frozen=True)
class BridgeSlope(Claim):
    """Between two modes the increasing map that makes them of noise is exponentially steep.

    The neighbour has one mode (``modes=1``).

    Reference: Cornish, Caterini, Deligiannidis, Doucet (2020).

    Example:
        >>> round(BridgeSlope().predicted((2.0, 1.0)), 4)
        7.3891
    """

    modes: int = 2

    part: ClassVar[str] = "G04"
    statement: ClassVar[str] = (
        "The increasing map of standard noise to two modes at distance m from 0, of deviation s, has the slope "
        "s exp(m^2/2s^2) between them"
    )
    latex: ClassVar[str] = (
        r"T_\# N(0, 1) = \tfrac12 N(-m, s^2) + \tfrac12 N(m, s^2)\;\Rightarrow\; T'(0) = s\, e^{m^2/2s^2}"
    )
    reference: ClassVar[str] = "Cornish, Caterini, Deligiannidis, Doucet (2020), theorem 2.1, for the blow-up"
    assumptions: ClassVar[str] = "two equal modes on the line"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-4

    def instances(self) -> st.SearchStrategy[tuple[float, float]]:
        steps, width = st.integers(0, 32), st.integers(2, 20).map(lambda s: s / 10)
        return st.tuples(steps, width).map(lambda drawn: (round(drawn[0] * drawn[1] / 10, 2), drawn[1]))

    def predicted(self, instance: tuple[float, float]) -> float:
        return float(theory.bridge_slope(*instance))

    def observed(self, instance: tuple[float, float], key: Key) -> float:
        """Find where the library's density has gathered, from 0, as much mass as noise has up to a small step."""
        m, s = instance
        centres = ((-m,), (m,)) if self.modes == 2 else ((0.0,),)
        density = GaussianMixture(centres, (((s * s,),),) * len(centres))
        step = 1e-6
        mass = math.erf(step / math.sqrt(2)) / 2
        nodes, weights = np.polynomial.legendre.leggauss(8)
        share, weight = torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
        x = torch.tensor(step, dtype=torch.float64)
        for _ in range(8):
            gathered = x * (weight @ density.log_prob((x * share)[:, None]).exp())
            x = x + (mass - gathered) / density.log_prob(x[None, None]).exp()[0]
        return x.item() / step

    def curve(self) -> Curve:
        return Curve("separation", tuple(k / 10 for k in range(31)), lambda m: (m, 1.0), log="y")

    @property
    def neighbour(self) -> BridgeSlope | None:
        return self.replace(modes=1) if self.modes == 2 else None

    @classmethod
    def examples(cls) -> tuple[BridgeSlope, ...]:
        return (cls(),)


Steps = tuple[float, float, tuple[float, ...]]
"""The distance of the pieces, the Lipschitz constant, and the map's slope on each quarter, as shares of it."""


@dataclass(frozen=True)
class ServedMass(Claim):
    """An odd map of noise with slopes of at most L sends at most ``2 Phi(-D/2L)`` beyond both ends of a gap D.

    The neighbour lets the map jump at 0 (``continuous=False``).

    Reference: Borell (1975); Sudakov, Tsirelson (1974).

    Example:
        >>> round(ServedMass().predicted((2.0, 1.0, (1.0,))), 4)
        0.3173
    """

    continuous: bool = True

    part: ClassVar[str] = "G05"
    statement: ClassVar[str] = (
        "An L-Lipschitz generator of standard noise that serves two pieces at distance D alike sends at most "
        "2 Phi(-D/2L) of its mass to them; the linear map does"
    )
    latex: ClassVar[str] = r"P\big(|G(z)| \ge D/2\big) \le 2\,\Phi\!\Big(-\frac{D}{2L}\Big)"
    reference: ClassVar[str] = "Borell (1975); Sudakov, Tsirelson (1974); cf. Tanielian et al. (2020)"
    assumptions: ClassVar[str] = "one dimension, an odd and continuous map, two equal pieces"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Steps]:
        halves = st.integers(1, 12).map(lambda k: k / 2)
        share = st.integers(0, 10).map(lambda k: k / 10)
        slopes = st.just((1.0,)) | st.lists(share, min_size=1, max_size=6).map(tuple)
        return st.tuples(halves, halves, slopes)

    def predicted(self, instance: Steps) -> float:
        distance, lipschitz, _ = instance
        return 1 - float(theory.mass_between(distance, lipschitz))

    def observed(self, instance: Steps, key: Key) -> float:
        """Find where a ReLU network with these slopes leaves the gap, and the noise beyond that place."""
        distance, lipschitz, shares = instance
        knots = 0.25 * np.arange(len(shares))
        slopes = lipschitz * np.array(shares)
        network = MLP(1, (len(shares),), 1)
        jump = 0.0 if self.continuous else distance / 4
        w = np.concatenate([np.ones(len(shares)), -knots, np.diff(slopes, prepend=0.0), [jump]])
        z = np.append(knots, knots[-1] + 1e6)
        G = network(torch.from_numpy(w), torch.from_numpy(z)[:, None])[:, 0].numpy()
        if G[-1] < distance / 2:
            return 0.0
        after = int(np.argmax(distance / 2 <= G))
        place = z[0]
        if after:
            rise = (distance / 2 - G[after - 1]) / (G[after] - G[after - 1])
            place = z[after - 1] + rise * (z[after] - z[after - 1])
        return math.erfc(place / math.sqrt(2))

    def curve(self) -> Curve:
        return Curve("distance", tuple(k / 4 for k in range(1, 25)), lambda D: (D, 1.0, (1.0,)))

    @property
    def neighbour(self) -> ServedMass | None:
        return self.replace(continuous=False) if self.continuous else None

    @classmethod
    def examples(cls) -> tuple[ServedMass, ...]:
        return (cls(),)

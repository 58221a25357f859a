"""What a likelihood does not say."""

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
from gantheory.claims.normal_laws import law
from gantheory.distributions import GaussianMixture
from gantheory.random import Key


@dataclass(frozen=True)
class ThicknessLikelihood(Claim):
    """The likelihood of data that are k-dimensional but for a thickness s grows as ``(d - k) log 1/s``.

    The neighbour counts all dimensions (``counted="all"``).

    Reference: Cover, Thomas (2006).

    Example:
        >>> round(ThicknessLikelihood().predicted((3, 1, 0.1)), 6)
        0.348355
    """

    counted: Literal["normal", "all"] = "normal"

    part: ClassVar[str] = "G07"
    statement: ClassVar[str] = (
        "The mean log-likelihood of the true model of k-dimensional data, thickened by s in the d - k other "
        "directions, is a constant plus (d - k) log 1/s: it has no bound"
    )
    latex: ClassVar[str] = r"E \log p = -\tfrac d2 \log 2\pi e + (d - k)\log\tfrac1s"
    reference: ClassVar[str] = "Cover, Thomas (2006), chapter 8; Arjovsky, Bottou (2017)"
    assumptions: ClassVar[str] = "a flat normal law, and normal noise across it"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[int, int, float]]:
        sizes = st.integers(2, 6).flatmap(lambda d: st.tuples(st.just(d), st.integers(1, d - 1)))
        return st.tuples(sizes, st.integers(1, 99)).map(lambda drawn: (*drawn[0], drawn[1] / 100))

    def predicted(self, instance: tuple[int, int, float]) -> float:
        d, k, s = instance
        return float(theory.thickened_log_likelihood(d, k if self.counted == "normal" else 0, s))

    def observed(self, instance: tuple[int, int, float], key: Key) -> float:
        """Average the library's log density, which is quadratic, over 2d points with the law's moments."""
        d, k, s = instance
        deviations = torch.tensor([1.0] * k + [s] * (d - k), dtype=torch.float64)
        covariance = tuple(map(tuple, torch.diag(deviations.square()).tolist()))
        x = math.sqrt(d) * torch.diag(deviations)
        return law(((0.0,) * d, covariance)).log_prob(torch.cat([x, -x])).mean().item()

    def curve(self) -> Curve:
        return Curve("thickness", tuple(k / 100 for k in range(1, 100, 3)), lambda s: (3, 1, s), log="x")

    @property
    def neighbour(self) -> ThicknessLikelihood | None:
        return self.replace(counted="all") if self.counted == "normal" else None

    @classmethod
    def examples(cls) -> tuple[ThicknessLikelihood, ...]:
        return (cls(),)


@dataclass(frozen=True)
class HiddenNoise(Claim):
    """A model that makes noise but for a share of its samples loses at most ``log 1/share`` nats of likelihood.

    The neighbour says ``log 2`` for every share (``loss="log 2"``).

    Reference: Theis, van den Oord, Bethge (2016).

    Example:
        >>> round(HiddenNoise().predicted((0.01, 0.0, 1.0, 0.0)) - HiddenNoise().predicted((1.0, 0.0, 1.0, 0.0)), 4)
        4.6052
    """

    loss: Literal["own", "log 2"] = "own"

    part: ClassVar[str] = "G08"
    statement: ClassVar[str] = (
        "If a share r of a model's samples is right and all others are noise, no point's negative log-likelihood is "
        "more than log 1/r above the right model's: 4.61 nats for one in a hundred, in any dimension"
    )
    latex: ClassVar[str] = r"-\log\big(r\,p(x) + (1 - r)\,n(x)\big) \le -\log p(x) + \log\tfrac1r"
    reference: ClassVar[str] = "Theis, van den Oord, Bethge (2016)"
    assumptions: ClassVar[str] = "the model is a mixture of the right law and of noise"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[float, float, float, float]]:
        """Share of right samples, place of the noise, deviation of the right law, and the point asked."""
        share = st.integers(1, 99).map(lambda k: k / 100)
        place = st.sampled_from((0.0, 5.0, 100.0))
        return st.tuples(
            share, place, st.integers(1, 20).map(lambda k: k / 10), st.integers(-30, 30).map(lambda k: k / 10)
        )

    def predicted(self, instance: tuple[float, float, float, float]) -> float:
        share, _, deviation, x = instance
        own = -theory.gaussian_log_density([[x]], [0.0], [[deviation**2]])[0]
        return float(own + (np.log(1 / share) if self.loss == "own" else np.log(2)))

    def observed(self, instance: tuple[float, float, float, float], key: Key) -> float:
        share, place, deviation, x = instance
        centres, spreads = ((0.0,), (place,)), (((deviation**2,),), ((1.0,),))
        model = GaussianMixture(centres, spreads, (share, 1 - share))
        return -model.log_prob(torch.tensor([[x]], dtype=torch.float64)).item()

    @property
    def neighbour(self) -> HiddenNoise | None:
        return self.replace(loss="log 2") if self.loss == "own" else None

    @classmethod
    def examples(cls) -> tuple[HiddenNoise, ...]:
        return (cls(),)

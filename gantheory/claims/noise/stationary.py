"""Where stochastic descent rests, and how many steps and samples training takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.dynamics import SGD, PerPlayer, Simultaneous, simulate
from gantheory.estimate import Estimate
from gantheory.games import R1, DiracGAN, Wasserstein, WithInstanceNoise, WithPenalty
from gantheory.random import Key
from gantheory.statistics import sample_mean


MEMBERS, STEPS = 20_000, 12


@dataclass(frozen=True)
class DescentVariance(Claim):
    """Stochastic descent on a parabola comes to rest at a variance that grows faster than its rate.

    Instances are a rate and a curvature. The parabola is that of a critic on Dirac-GAN with R1, and instance noise
    makes its gradients' noise, of the variance 2. The neighbour takes small steps for granted (``steps="small"``).

    Example:
        >>> DescentVariance().predicted((1.0, 1.0))
        2.0
    """

    steps: Literal["any", "small"] = "any"

    part: ClassVar[str] = "H05"
    statement: ClassVar[str] = (
        "Descent of rate e on h x^2/2 with gradient noise of variance v comes to rest at the variance e v/(h (2 - e h))"
    )
    latex: ClassVar[str] = r"\mathrm{Var}\,x = \frac{\eta\,s^2}{h\,(2 - \eta h)}"
    reference: ClassVar[str] = "Mandt, Hoffman, Blei (2017); derived"
    assumptions: ClassVar[str] = "additive noise, independent from step to step; e h < 2"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.1  # the variance of so many members is known to some hundredths

    def instances(self) -> st.SearchStrategy[tuple[float, float]]:
        # of so many steps a start at 0 is forgotten where |1 - e h| is at most 0.6
        products = st.sampled_from([0.4, 1.0, 1.6])
        return st.tuples(products, st.sampled_from([0.5, 2.0])).map(lambda ph: (ph[0] / ph[1], ph[1]))

    def predicted(self, instance: tuple[float, float]) -> float:
        rate, curvature = instance
        variance = float(theory.descent_variance(rate, curvature, 2.0))
        return variance * (1 - rate * curvature / 2 if self.steps == "small" else 1.0)

    def observed(self, instance: tuple[float, float], key: Key) -> Estimate:
        rate, curvature = instance
        game = WithInstanceNoise(WithPenalty(DiracGAN(Wasserstein()), R1(curvature)), 1.0)
        rule = Simultaneous(PerPlayer((SGD(0.0), SGD(rate))))
        runs = simulate(game, rule, steps=STEPS, population=MEMBERS, start=(0.0, 0.0), key=key)
        return sample_mean(runs.points[:, -1, 1] ** 2)

    def curve(self) -> Curve:
        return Curve("rate", (0.4, 0.8, 1.0, 1.2, 1.6), lambda rate: (rate, 1.0))

    @property
    def neighbour(self) -> DescentVariance | None:
        return self.replace(steps="small") if self.steps == "any" else None

    @classmethod
    def examples(cls) -> tuple[DescentVariance, ...]:
        return (cls(),)


@dataclass(frozen=True)
class StepsAndSamples(Claim):
    """Batches of B take 1 + B_n/B times the fewest steps and 1 + B/B_n times the fewest samples, on a quadratic.

    Instances are three minima of parabolas with two curvatures in common, and a batch size; both sides are the two
    ratios. Steps are as many as one over a step's mean gain. The neighbour draws batches without replacement.

    Example:
        >>> StepsAndSamples().predicted((((1, 0), (3, 0), (2, 0)), (1, 4), 1)).round(6).tolist()
        [1.166667, 7.0]
    """

    replacement: bool = True

    part: ClassVar[str] = "H01"
    statement: ClassVar[str] = (
        "On a quadratic, batches of B take S = S_min (1 + B_n/B) steps and E = E_min (1 + B/B_n) samples, so that "
        "(S/S_min - 1)(E/E_min - 1) = 1"
    )
    latex: ClassVar[str] = r"\Big(\frac{S}{S_{\min}} - 1\Big)\Big(\frac{E}{E_{\min}} - 1\Big) = 1"
    reference: ClassVar[str] = "McCandlish et al. (2018)"
    assumptions: ClassVar[str] = (
        "a quadratic loss; the best step for each batch size; batches drawn with replacement"
    )
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy:
        pair = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
        minima = st.tuples(pair, pair, pair).filter(lambda c: any(map(sum, zip(*c))) and len(set(c)) > 1)
        return st.tuples(minima, st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 3))

    def predicted(self, instance) -> np.ndarray:
        minima, curvatures, batch = instance
        g = -np.array(minima, dtype=float) * curvatures
        H, G, S = np.diag(curvatures).astype(float), g.mean(axis=0), np.cov(g.T, bias=True)
        return np.array(theory.steps_and_samples(G, H, S, batch=batch))

    def observed(self, instance, key: Key) -> np.ndarray:
        """Of one over a gain, affine in 1/B, batches of 1 and 2 give the slope: what a sample costs at the least."""
        minima, curvatures, batch = instance
        needed = {size: 1 / self._gain(minima, curvatures, size) for size in {1, 2, batch}}
        fewest = 1 / self._gain(minima, curvatures, None)
        return np.array([needed[batch] / fewest, batch * needed[batch] / (2 * (needed[1] - needed[2]))])

    def _gain(self, minima, curvatures, batch: int | None) -> float:
        """The mean gain of the best step, over every batch there is, or of the whole data."""
        c, h = torch.tensor(minima, dtype=torch.float64), torch.tensor(curvatures, dtype=torch.float64)

        def loss(w: torch.Tensor, terms: torch.Tensor) -> torch.Tensor:
            return (h * (w - terms) ** 2).sum(-1).mean() / 2

        whole = torch.arange(len(c))
        picks = torch.cartesian_prod(*[whole] * (batch or 1)).reshape(-1, batch or 1)
        if not self.replacement:
            picks = torch.combinations(whole, batch or 1)
        picks = whole[None] if batch is None else picks
        w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        gradients = [torch.autograd.grad(loss(w, c[pick]), w)[0] for pick in picks]
        zero, one, two = (
            sum(float(loss(-step * g, c)) for g in gradients) / len(gradients) for step in (0.0, 1.0, 2.0)
        )
        slope, curvature = (4 * one - two - 3 * zero) / 2, two - 2 * one + zero
        return slope**2 / (2 * curvature)

    @property
    def neighbour(self) -> StepsAndSamples | None:
        return self.replace(replacement=False) if self.replacement else None

    @classmethod
    def examples(cls) -> tuple[StepsAndSamples, ...]:
        return (cls(),)

"""What batches tell of their noise, and which batch is worth its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.noise.batches import MEMBERS
from gantheory.dynamics import SGD, Simultaneous, simulate
from gantheory.estimate import Estimate
from gantheory.games import StochasticBilinear
from gantheory.random import Key
from gantheory.statistics import sample_mean


@dataclass(frozen=True)
class NoiseScaleEstimator(Claim):
    """Batches of two sizes estimate the squared gradient, and its variance, without bias.

    Instances are the shifts of a game's terms, which are its gradients at 0, each a pair. The neighbour takes the
    large batch's |g|^2 for the squared gradient, or the small one's difference from it for the variance.

    Example:
        >>> NoiseScaleEstimator("signal").predicted(((1, 0), (1, 2)))
        2.0
    """

    of: Literal["signal", "noise"]
    corrected: bool = True

    part: ClassVar[str] = "H02"
    reference: ClassVar[str] = "McCandlish et al. (2018)"
    assumptions: ClassVar[str] = "batches drawn with replacement, independent of each other"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    sizes: ClassVar[tuple[int, int]] = (1, 4)

    @property
    def tolerance(self) -> float:  # type: ignore[override]
        """So many members tell the one to 0.035, the other to 0.065; 5 percent more are noticed."""
        return {"signal": 0.055, "noise": 0.085}[self.of]

    @property
    def statement(self) -> str:  # type: ignore[override]
        return {
            "signal": "(B|g_B|^2 - b|g_b|^2)/(B - b) estimates the squared length of the mean gradient without bias",
            "noise": "(|g_b|^2 - |g_B|^2)/(1/b - 1/B) estimates the total variance of gradients without bias",
        }[self.of]

    @property
    def latex(self) -> str:  # type: ignore[override]
        return {
            "signal": r"E\,\frac{B|g_B|^2 - b|g_b|^2}{B - b} = |G|^2",
            "noise": r"E\,\frac{|g_b|^2 - |g_B|^2}{1/b - 1/B} = \mathrm{tr}\,\Sigma",
        }[self.of]

    def instances(self) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
        pair = st.tuples(st.integers(-1, 1), st.integers(-1, 1))
        return st.tuples(pair, pair)

    def predicted(self, instance: tuple[tuple[int, int], ...]) -> float:
        return theory.noise_scale(instance)[self.of == "noise"]

    def observed(self, instance: tuple[tuple[int, int], ...], key: Key) -> Estimate:
        small, large = self.sizes
        g2 = [self._squared(instance, size, key.child("batch", size)) for size in self.sizes]
        if self.of == "signal":
            return sample_mean((large * g2[1] - small * g2[0]) / (large - small) if self.corrected else g2[1])
        return sample_mean((g2[0] - g2[1]) / ((1 / small - 1 / large) if self.corrected else 1.0))

    def _squared(self, instance: tuple[tuple[int, int], ...], size: int, key: Key) -> np.ndarray:
        x, y = (tuple((float(row[i]),) for row in instance) for i in (0, 1))
        game = StochasticBilinear((((0.0,),),) * len(instance), x_shifts=x, y_shifts=y, batch=size)
        runs = simulate(game, Simultaneous(SGD(1.0)), steps=1, population=MEMBERS, start=(0.0, 0.0), key=key)
        return (runs.points[:, -1] ** 2).sum(-1).numpy()

    @property
    def neighbour(self) -> NoiseScaleEstimator | None:
        return self.replace(corrected=False) if self.corrected else None

    @classmethod
    def examples(cls) -> tuple[NoiseScaleEstimator, ...]:
        return cls("signal"), cls("noise")


@dataclass(frozen=True)
class CriticalBatchStep(Claim):
    """On a quadratic the best step of noisy descent, and its gain, shrink by 1 + B_n/B, B_n = tr(HS)/(G'HG).

    Instances are minima of as many parabolas with two curvatures in common, and a batch size; both sides are the best
    step and its mean gain. The neighbour takes B_n = tr S/|G|^2, which is right for equal curvatures alone.

    Example:
        >>> CriticalBatchStep().predicted((((1, 0), (3, 0)), (1, 4), 1)).round(6).tolist()
        [0.8, 1.6]
    """

    scale: Literal["curved", "simple"] = "curved"

    part: ClassVar[str] = "H01"
    statement: ClassVar[str] = (
        "With batches of B the best step on a quadratic is |G|^2/(G'HG)/(1 + B_n/B), B_n = tr(HS)/(G'HG)"
    )
    latex: ClassVar[str] = (
        r"\epsilon^* = \frac{|G|^2/G^\top HG}{1 + B_n/B},\quad \Delta L^* = \frac{\Delta L_{\max}}{1 + B_n/B},"
        r"\quad B_n = \frac{\mathrm{tr}(H\Sigma)}{G^\top HG}"
    )
    reference: ClassVar[str] = "McCandlish et al. (2018)"
    assumptions: ClassVar[str] = "a quadratic loss; batches drawn with replacement; a gradient that is not 0"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy:
        pair = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
        minima = st.lists(pair, min_size=2, max_size=3).map(tuple).filter(lambda c: any(map(sum, zip(*c))))
        return st.tuples(minima, st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 3))

    def predicted(self, instance) -> np.ndarray:
        minima, curvatures, batch = instance
        H, g = np.diag(curvatures).astype(float), -np.array(minima, dtype=float) * curvatures
        G, S = g.mean(axis=0), np.cov(g.T, bias=True)
        if self.scale == "simple":  # the covariance for which tr(HS)/(G'HG) is tr S/|G|^2
            S = S * (np.trace(S) * (G @ H @ G) / (G @ G) / max(np.trace(H @ S), 1e-300))
        return np.array(theory.critical_batch_step(G, H, S, batch=batch))

    def observed(self, instance, key: Key) -> np.ndarray:
        """Average the loss after a step over every batch there is; it is a parabola in the step."""
        minima, curvatures, batch = instance
        c, h = torch.tensor(minima, dtype=torch.float64), torch.tensor(curvatures, dtype=torch.float64)

        def loss(w: torch.Tensor, terms: torch.Tensor) -> torch.Tensor:
            return (h * (w - terms) ** 2).sum(-1).mean() / 2

        picks = torch.cartesian_prod(*[torch.arange(len(c))] * batch).reshape(-1, batch)
        w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        gradients = [torch.autograd.grad(loss(w, c[pick]), w)[0] for pick in picks]
        zero, one, two = (
            sum(float(loss(-step * g, c)) for g in gradients) / len(gradients) for step in (0.0, 1.0, 2.0)
        )
        slope, curvature = (4 * one - two - 3 * zero) / 2, two - 2 * one + zero
        return np.array([-slope / curvature, slope**2 / (2 * curvature)])

    @property
    def neighbour(self) -> CriticalBatchStep | None:
        return self.replace(scale="simple") if self.scale == "curved" else None

    @classmethod
    def examples(cls) -> tuple[CriticalBatchStep, ...]:
        return (cls(),)

"""What batches do to extragradient, and what they tell of their noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.dynamics import SGD, ExtraGradient, Rule, SameBatch, Simultaneous, simulate
from gantheory.estimate import Estimate
from gantheory.games import StochasticBilinear
from gantheory.random import Key


MEMBERS = 20_000


def _terms(count: int) -> StochasticBilinear:
    """The game whose term i couples the i-th parameters alone, of which a batch holds one."""
    unit = np.eye(count)
    return StochasticBilinear(tuple(tuple(map(tuple, np.outer(row, row).tolist())) for row in unit))


def _mean(values: np.ndarray) -> Estimate:
    return Estimate(values.mean(), values.std(ddof=1) / np.sqrt(values.size), n=values.size)


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
        return _mean((runs.points[:, -1] ** 2).sum(-1).numpy() / (2 * terms))

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
            return _mean((large * g2[1] - small * g2[0]) / (large - small) if self.corrected else g2[1])
        return _mean((g2[0] - g2[1]) / ((1 / small - 1 / large) if self.corrected else 1.0))

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

"""Adversarial examples of linear classifiers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.special import ndtr
from torch import Tensor

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.normal_laws import law
from gantheory.estimate import Estimate
from gantheory.games import Minimax
from gantheory.random import Key
from gantheory.statistics import sample_mean


Weights = tuple[float, ...]


def attacked(w: Tensor, x: Tensor, radius: float, *, along: str = "sign") -> Tensor:
    """Return real samples moved to where the critic ``w'x`` is surest that they are not, by one gradient step.

    Along the sign of the gradient each coordinate moves by the radius; along the gradient itself the step has that
    length. Shapes: ``x (n, d)``, ``w (d,)``, or ``(n, d)`` for a critic a sample.
    """
    x = x.clone().requires_grad_()
    sure = w.new_full((1,), -1000.0)  # a generated sample that costs nothing
    slope = torch.autograd.grad(Minimax().critic_loss((x * w).sum(-1), sure), x)[0]
    move = slope.sign() if along == "sign" else slope / slope.norm(dim=-1, keepdim=True).clamp(min=1e-300)
    return x.detach() + radius * move


@dataclass(frozen=True)
class SignAttack(Claim):
    """One step along the sign of the gradient finds the least margin in a box around a sample.

    The neighbour steps along the gradient itself, by the box's radius (``along="gradient"``).

    Reference: Goodfellow, Shlens, Szegedy (2015).

    Example:
        >>> SignAttack().predicted(((1.0, -2.0), ((3.0, 0.0),), 0.5)).tolist()
        [1.5]
    """

    along: Literal["sign", "gradient"] = "sign"

    part: ClassVar[str] = "I01"
    statement: ClassVar[str] = (
        "Over perturbations of each coordinate by at most e, the margin of a linear classifier falls by e |w|_1, and "
        "one step along the sign of the gradient finds the least"
    )
    latex: ClassVar[str] = (
        r"\min_{|d|_\infty \le e} y\, w^\top(x + d) = y\, w^\top x - e\,|w|_1,\qquad d = -e\, y\, \mathrm{sign}\, w"
    )
    reference: ClassVar[str] = "Goodfellow, Shlens, Szegedy (2015)"
    assumptions: ClassVar[str] = "a linear classifier, and the largest coordinate as size"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[tuple[Weights, tuple[Weights, ...], float]]:
        number = st.integers(-20, 20).map(lambda k: k / 10)

        def drawn(d: int):
            row = st.tuples(*[number] * d)
            samples = st.lists(row, min_size=1, max_size=5).map(tuple)
            return st.tuples(row, samples, st.integers(0, 20).map(lambda k: k / 10))

        return st.integers(1, 5).flatmap(drawn)

    def predicted(self, instance: tuple[Weights, tuple[Weights, ...], float]) -> np.ndarray:
        w, x, radius = instance
        return theory.linear_margin(w, x, np.ones(len(x)), radius)

    def observed(self, instance: tuple[Weights, tuple[Weights, ...], float], key: Key) -> np.ndarray:
        w, x = (torch.tensor(part, dtype=torch.float64) for part in instance[:2])
        return (attacked(w, x, instance[2], along=self.along) @ w).numpy()

    @property
    def neighbour(self) -> SignAttack | None:
        return self.replace(along="gradient") if self.along == "sign" else None

    @classmethod
    def examples(cls) -> tuple[SignAttack, ...]:
        return (cls(),)


@dataclass(frozen=True)
class RobustError(Claim):
    """On Gaussian data the error of a linear classifier under attack has a closed form.

    The neighbour does not attack (``attack=False``).

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018).

    Example:
        >>> RobustError().predicted(((1.0, 1.0), 1.0, 1.0))
        0.5
    """

    attack: bool = True

    part: ClassVar[str] = "I01"
    statement: ClassVar[str] = (
        "On x ~ N(y mu, sigma^2 I) the error of sign(w'x) under perturbations of each coordinate by at most e is "
        "Phi(-(w'mu - e |w|_1)/(sigma |w|_2))"
    )
    latex: ClassVar[str] = r"P(\text{error}) = \Phi\!\Big(-\frac{w^\top\mu - e\,|w|_1}{\sigma\,|w|_2}\Big)"
    reference: ClassVar[str] = "Schmidt, Santurkar, Tsipras, Talwar, Madry (2018)"
    assumptions: ClassVar[str] = "mu is the vector of ones; the attack knows the classifier"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.015

    def instances(self) -> st.SearchStrategy[tuple[Weights, float, float]]:
        """Weights, deviation and radius."""
        weights = st.lists(st.integers(-10, 20).map(lambda k: k / 10), min_size=1, max_size=3).filter(any)
        tenths = st.integers(1, 20).map(lambda k: k / 10)
        return st.tuples(weights.map(tuple), tenths, tenths)

    def predicted(self, instance: tuple[Weights, float, float]) -> float:
        w, deviation, radius = instance
        return theory.linear_robust_error(w, np.ones(len(w)), deviation=deviation, radius=radius)

    def observed(self, instance: tuple[Weights, float, float], key: Key) -> Estimate:
        w, deviation, radius = instance
        n, d = 100_000, len(w)
        covariance = tuple(map(tuple, (deviation**2 * np.eye(d)).tolist()))
        x = law(((1.0,) * d, covariance)).sample(n, key.to(torch.float64))
        weights = torch.tensor(w, dtype=torch.float64)
        moved = attacked(weights, x, radius) if self.attack else x
        share = (moved @ weights < 0).double().mean().item()
        return Estimate(share, math.sqrt(share * (1 - share) / n), n=n)

    @property
    def neighbour(self) -> RobustError | None:
        return self.replace(attack=False) if self.attack else None

    @classmethod
    def examples(cls) -> tuple[RobustError, ...]:
        return (cls(),)


@dataclass(frozen=True)
class OneSampleError(Claim):
    """The error of the classifier that a single sample gives is an integral over its length and direction.

    The neighbour takes the limit of large dimensions, ``Phi(-1/c^2)``, for the number itself (``exact=False``).

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018).

    Example:
        >>> round(OneSampleError().predicted((100, 0.6)), 4)
        0.0114
    """

    exact: bool = True

    part: ClassVar[str] = "I02"
    statement: ClassVar[str] = (
        "With sigma = c d^{1/4}, one sample of N(y mu, sigma^2 I), |mu|^2 = d, makes a linear classifier whose error "
        "tends to Phi(-1/c^2) from above as d grows: one per cent at c = 0.656, but 1.14 at d = 100 and c = 0.6"
    )
    latex: ClassVar[str] = (
        r"E\,\Phi\!\Big(-\frac{w^\top\mu}{\sigma|w|}\Big),\quad w = yx,\quad \sigma = c\, d^{1/4};\qquad "
        r"\to \Phi(-1/c^2)"
    )
    reference: ClassVar[str] = "Schmidt, Santurkar, Tsipras, Talwar, Madry (2018)"
    assumptions: ClassVar[str] = "mu is the vector of ones; no limit is taken"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.0075

    def instances(self) -> st.SearchStrategy[tuple[int, float]]:
        return st.tuples(st.integers(2, 20), st.integers(5, 20).map(lambda c: c / 10))

    def predicted(self, instance: tuple[int, float]) -> float:
        d, c = instance
        return theory.one_sample_error(d, c * d**0.25) if self.exact else float(ndtr(-1 / c**2))

    def observed(self, instance: tuple[int, float], key: Key) -> Estimate:
        d, c = instance
        n, deviation = 80_000, c * d**0.25
        w = 1 + deviation * key.normal(n, d)
        margins = w.sum(-1) / (deviation * w.norm(dim=-1))
        errors = torch.special.ndtr(-margins.double())
        return sample_mean(errors)

    def curve(self) -> Curve:
        return Curve("dimension", (2, 3, 5, 8, 12, 20, 40, 80), lambda d: (int(d), 0.8), log="x")

    @property
    def neighbour(self) -> OneSampleError | None:
        return self.replace(exact=False) if self.exact else None

    @classmethod
    def examples(cls) -> tuple[OneSampleError, ...]:
        return (cls(),)


Classifier = tuple[float, float, int, float, float]
"""Reliability of the first feature, strength and number of the others, trust in the first, and bias."""


@dataclass(frozen=True)
class ReliabilityTradeoff(Claim):
    """What a linear classifier gains by weak features it loses under attack.

    The neighbour's adversary moves the weak features by half as much (``moved=1.0``).

    Reference: Tsipras, Santurkar, Engstrom, Turner, Madry (2019).

    Example:
        >>> round(ReliabilityTradeoff().predicted((0.75, 1.0, 4, 50.0, 0.0)), 6)
        0.75
    """

    moved: float = 2.0

    part: ClassVar[str] = "I03"
    statement: ClassVar[str] = (
        "With one feature that is the label with probability p and others N(eta y, 1) that an adversary moves by "
        "2 eta, the robust accuracy of every classifier linear in the first and the mean of the others is at most "
        "p/(1 - p) times its standard error"
    )
    latex: ClassVar[str] = r"\mathrm{acc}_{\mathrm{robust}} \le \frac{p}{1 - p}\,(1 - \mathrm{acc})"
    reference: ClassVar[str] = "Tsipras, Santurkar, Engstrom, Turner, Madry (2019), theorem 2.1"
    assumptions: ClassVar[str] = "the adversary may move weak features by twice their strength"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Classifier]:
        return st.tuples(
            st.integers(50, 99).map(lambda k: k / 100),
            st.integers(1, 20).map(lambda k: k / 10),
            st.integers(1, 30),
            # so much trust that nothing else counts makes an equality
            st.just(50.0) | st.integers(0, 50).map(lambda k: k / 10),
            st.integers(-20, 20).map(lambda k: k / 10),
        )

    def predicted(self, instance: Classifier) -> float:
        p, eta, n, trust, bias = instance
        accuracy = theory.reliable_accuracy(p, eta, n, trust=trust, bias=bias)
        return float(theory.robust_accuracy_bound(p, accuracy))

    def observed(self, instance: Classifier, key: Key) -> float:
        """Add up over both labels and both values of the first feature where the mean of the others decides."""
        p, eta, n, trust, bias = instance
        label, agrees = (
            part.double() for part in torch.meshgrid(*[torch.tensor([1, -1])] * 2, indexing="ij")
        )
        score = label * (trust * label * agrees + (1 - self.moved) * eta * label + bias)
        chance = (1 + (2 * p - 1) * agrees) / 4
        return (chance * torch.special.ndtr(math.sqrt(n) * score)).sum().item()

    @property
    def neighbour(self) -> ReliabilityTradeoff | None:
        return self.replace(moved=1.0) if self.moved == 2 else None

    @classmethod
    def examples(cls) -> tuple[ReliabilityTradeoff, ...]:
        return (cls(),)

"""What least-squares targets make of the generator's loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, counted, masses, samples_of
from gantheory.claims.claim import Claim, Kind
from gantheory.games import LeastSquares
from gantheory.random import Key


Instance = tuple[Counts, tuple[float, float, float]]
"""Counts, and the targets fake, real, wanted."""


@dataclass(frozen=True)
class LeastSquaresValue(Claim):
    """The best least-squares critic is ``(b p + a q)/(p + q)``, its value ``int ((b-c) p - (c-a) q)^2/(p + q)``.

    The neighbour takes the triangular discrimination for the value, whatever the targets (``coding="any"``).

    Reference: Mao et al. (2017).

    Example:
        >>> LeastSquaresValue().predicted((((1, 1), (1, 3)), (0.0, 1.0, 1.0))).round(6).tolist()
        [0.533333, 0.666667, 0.4]
    """

    coding: Literal["own", "any"] = "own"

    part: ClassVar[str] = "A12"
    statement: ClassVar[str] = (
        "The best least-squares critic is (b p + a q)/(p + q); with b - c = c - a = 1 the generator's doubled "
        "loss and its counterpart on data add up to int (p - q)^2/(p + q), with targets 0 and 1 to int q^2/(p + q)"
    )
    latex: ClassVar[str] = (
        r"D^* = \frac{bp + aq}{p + q},\qquad E_p(D^* - c)^2 + E_q(D^* - c)^2 = "
        r"\int\frac{((b - c)p - (c - a)q)^2}{p + q}"
    )
    reference: ClassVar[str] = "Mao et al. (2017), theorem 1"
    assumptions: ClassVar[str] = "the value is that of its own targets"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10

    def instances(self) -> st.SearchStrategy[Instance]:
        tenth = st.integers(1, 30).map(lambda k: k / 10)
        drawn = st.tuples(st.integers(-20, 0).map(lambda k: k / 10), tenth, tenth)
        return st.tuples(counted(), st.sampled_from([(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0)]) | drawn)

    def predicted(self, instance: Instance) -> np.ndarray:
        counts, (a, b, c) = instance
        p, q = masses(counts)
        value = theory.least_squares_value(p, q, fake=a, real=b, wanted=c)
        if self.coding == "any":
            value = theory.triangular_discrimination(p, q)
        return np.concatenate([[value], theory.least_squares_critic(p, q, fake=a, real=b)])

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        """Minimise the critic's loss, a parabola on every atom, by one step of Newton's method."""
        counts, targets = instance
        objective = LeastSquares(*targets)
        a = torch.zeros(len(counts[0]), dtype=torch.float64, requires_grad=True)
        loss = objective.critic_loss(*samples_of(counts, a))
        (slope,) = torch.autograd.grad(loss, a, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), a)
        best = -slope.detach() / curvature
        value = sum(2 * objective.generator_loss(None, part) for part in samples_of(counts, best))
        return np.concatenate([[float(value)], best.numpy()])

    @property
    def neighbour(self) -> LeastSquaresValue | None:
        return self.replace(coding="any") if self.coding == "own" else None

    @classmethod
    def examples(cls) -> tuple[LeastSquaresValue, ...]:
        return (cls(),)


@dataclass(frozen=True)
class LeastSquaresFloor(Claim):
    """With targets 0 and 1 the least-squares generator can do no better than 1/2, and does so at the data's law.

    The neighbour's targets are -1, 1 and 0 (``targets="symmetric"``), for which the floor is 0.

    Reference: Mao et al. (2017).

    Example:
        >>> LeastSquaresFloor().predicted(((1, 3), (1, 3)))
        0.5
    """

    targets: Literal["0 and 1", "symmetric"] = "0 and 1"

    part: ClassVar[str] = "A12"
    statement: ClassVar[str] = (
        "With targets 0 and 1 and the best critic, the generator's doubled loss and its counterpart on data add up to "
        "at least 1/2, with equality where the generator has the data's law"
    )
    latex: ClassVar[str] = r"\int\frac{q^2}{p + q} \ge \tfrac12"
    reference: ClassVar[str] = "Mao et al. (2017)"
    assumptions: ClassVar[str] = "the targets 0 for generated samples, 1 for real and wanted ones"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = ">="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted() | counted().map(lambda counts: (counts[0], counts[0]))

    def predicted(self, instance: Counts) -> float:
        p, _ = masses(instance)
        return float(theory.least_squares_value(p, p))

    def observed(self, instance: Counts, key: Key) -> float:
        targets = (0.0, 1.0, 1.0) if self.targets == "0 and 1" else (-1.0, 1.0, 0.0)
        return float(LeastSquaresValue().observed((instance, targets), key)[0])

    @property
    def neighbour(self) -> LeastSquaresFloor | None:
        return self.replace(targets="symmetric") if self.targets == "0 and 1" else None

    @classmethod
    def examples(cls) -> tuple[LeastSquaresFloor, ...]:
        return (cls(),)

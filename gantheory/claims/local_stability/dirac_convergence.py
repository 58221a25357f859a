"""Which Dirac-GANs converge under which rule, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.dynamics import SGD, Alternating, ExtraGradient, Rule, Simultaneous, Trajectory, simulate
from gantheory.games import R1, DiracGAN, Minimax, NonSaturating, Objective, Wasserstein, WithPenalty
from gantheory.random import Key
from gantheory.sweeps import Values, Zip


OBJECTIVES: dict[str, Objective] = {"gan": Minimax(), "nsgan": NonSaturating(), "wgan": Wasserstein()}
RULES: dict[str, Rule] = {
    "simultaneous": Simultaneous(SGD(1.0)),
    "alternating": Alternating(SGD(1.0)),
    "extragradient": ExtraGradient(SGD(1.0)),
}

Rows = tuple[tuple[float, float], ...]
Instance = tuple[str, str, Rows]
"""Objective, rule, and rows of (rate, R1 weight), which run as one population."""


@dataclass(frozen=True)
class DiracContraction(Claim):
    """Near the equilibrium, Dirac-GAN contracts by the spectral radius of the rule's linearised step.

    The neighbour forgets that the second player of an alternating step sees the first one's move
    (``alternating_as="simultaneous"``).

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> row = ("gan", "alternating", ((0.2, 0.3),))
        >>> [round(float(rho), 6) for rho in DiracContraction().predicted(row)]
        [0.969536]
    """

    alternating_as: Literal["alternating", "simultaneous"] = "alternating"

    part: ClassVar[str] = "B07"
    statement: ClassVar[str] = (
        "Near its equilibrium, Dirac-GAN (GAN, non-saturating or Wasserstein, R1 of any weight) contracts "
        "per step by the spectral radius of the rule's linearisation there"
    )
    latex: ClassVar[str] = (
        r"\rho\big(I - hJ\big),\quad \rho\big((I - hJ_G)(I - hJ_D)\big),\quad \rho\big(I - hJ + h^2J^2\big)"
    )
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); Korpelevich (1976)"
    assumptions: ClassVar[str] = "a start near enough that the field is linear"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    # at a double eigenvalue (critical weight) rounding of 1e-16 moves the radius by its square root
    tolerance: ClassVar[float] = 1e-6

    def instances(self) -> st.SearchStrategy[Instance]:
        # hundredths meet the critical weight 1 and print shortly
        rate, weight = st.integers(1, 400), st.integers(0, 300)
        row = st.tuples(rate.map(lambda h: h / 100), weight.map(lambda g: g / 100))
        rows = st.lists(row, min_size=1, max_size=64).map(tuple)
        return st.tuples(st.sampled_from([*OBJECTIVES]), st.sampled_from([*RULES]), rows)

    def predicted(self, instance: Instance) -> np.ndarray:
        objective, rule, rows = instance
        rates, weights = np.array(rows, dtype=np.float64).T
        rule = self.alternating_as if rule == "alternating" else rule
        J = theory.dirac_jacobian(objective=objective, weight=weights)
        return theory.contraction_factor(J, rates, rule=rule)

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        """Fit one linear map to every step of four orbits a row and return its spectral radius.

        A ratio of distances along an orbit would be biased by rotation and, at a double eigenvalue, by a
        polynomial factor; the fitted map is not. Each step is divided by its length, so that all weigh
        alike, and 1e-12 is near enough that no step of these grows out of the linear part.
        """
        directions = torch.arange(4, dtype=torch.float64) * (math.pi / 4)
        start = 1e-12 * torch.stack([directions.cos(), directions.sin()], dim=1)
        z = _run(instance, start, steps=4, key=key).points.numpy()
        z = z.reshape(len(instance[2]), 4, 5, 2)
        size = np.linalg.norm(z[:, :, :-1], axis=-1, keepdims=True)
        # an orbit that has reached the equilibrium exactly says nothing more
        size = np.where(size > 0, size, 1.0)
        before, after = ((part / size).reshape(len(z), -1, 2) for part in (z[:, :, :-1], z[:, :, 1:]))
        transposed = np.linalg.pinv(before) @ after
        return np.abs(np.linalg.eigvals(transposed)).max(axis=-1)

    @property
    def neighbour(self) -> DiracContraction | None:
        true = self.alternating_as == "alternating"
        return self.replace(alternating_as="simultaneous") if true else None

    @classmethod
    def examples(cls) -> tuple[DiracContraction, ...]:
        return (cls(),)


@dataclass(frozen=True)
class DiracStepLimit(Claim):
    """With R1, Dirac-GAN converges from near starts exactly for steps below the limit; 1 is yes, 0 no.

    The neighbour judges by the flow, ``Re mu > 0``, as if every step were small enough
    (``judged_by="flow"``).

    Reference: Mescheder, Geiger, Nowozin (2018).

    Example:
        >>> rows = ((1.1, 0.3), (1.3, 0.3))
        >>> DiracStepLimit().predicted(("gan", "simultaneous", rows)).tolist()
        [1.0, 0.0]
    """

    judged_by: Literal["step", "flow"] = "step"

    part: ClassVar[str] = "B07"
    statement: ClassVar[str] = (
        "With R1, Dirac-GAN converges from near starts for every step size below the rule's limit and for "
        "none a little above it"
    )
    latex: ClassVar[str] = (
        r"h < \min_\mu \frac{2\,\mathrm{Re}\,\mu}{|\mu|^2},\qquad f'(0)^2 h^2 < 4 - 2\gamma h"
    )
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); Jury (1964)"
    assumptions: ClassVar[str] = "a start near the equilibrium; steps away from the limit itself"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="

    def instances(self) -> st.SearchStrategy[Instance]:
        games = st.tuples(st.sampled_from([*OBJECTIVES]), st.sampled_from([*RULES]))
        # the share of the limit leaves out its surroundings, where an orbit would take too long to decide
        share = st.integers(20, 95) | st.integers(105, 200)
        row = st.tuples(share.map(lambda percent: percent / 100), st.sampled_from([0.3, 0.5, 1.0, 2.0, 3.0]))
        return st.tuples(games, st.lists(row, min_size=1, max_size=64)).map(lambda drawn: _scaled(*drawn))

    def predicted(self, instance: Instance) -> np.ndarray:
        objective, rule, rows = instance
        limits = [
            math.inf if self.judged_by == "flow" else _limit(objective, rule, weight) for _, weight in rows
        ]
        return np.array([float(rate < limit) for (rate, _), limit in zip(rows, limits)])

    def observed(self, instance: Instance, key: Key) -> np.ndarray:
        """Compare the largest distances in the first and the second half of an orbit.

        Thirty steps are turns enough that neither rotation nor the transient growth of a step that is no
        normal matrix is taken for a trend, for every row that can be drawn (20 are not).
        """
        start = torch.tensor([[1e-6, 1e-6]])
        z = _run(instance, start, steps=60, key=key).points.numpy()
        distance = np.hypot(z[..., 0], z[..., 1])
        # an orbit that has overflowed to infinity or NaN is not nearer
        return (distance[:, 31:].max(axis=1) < distance[:, :31].max(axis=1)).astype(np.float64)

    @property
    def neighbour(self) -> DiracStepLimit | None:
        return self.replace(judged_by="flow") if self.judged_by == "step" else None

    @classmethod
    def examples(cls) -> tuple[DiracStepLimit, ...]:
        return (cls(),)


def _limit(objective: str, rule: str, weight: float) -> float:
    return theory.largest_step(theory.dirac_jacobian(objective=objective, weight=weight), rule=rule)


def _scaled(names: tuple[str, str], shares: list[tuple[float, float]]) -> Instance:
    return *names, tuple((round(share * _limit(*names, weight), 4), weight) for share, weight in shares)


def _run(instance: Instance, start: torch.Tensor, *, steps: int, key: Key) -> Trajectory:
    """Simulate every row from every start, rows slowest, as one population, recorded at every step."""
    objective, rule, rows = instance
    rates, weights = (Values(column) for column in zip(*rows))
    return simulate(
        WithPenalty(DiracGAN(OBJECTIVES[objective]), R1(0.0)),
        RULES[rule],
        steps=steps,
        population=len(start),
        start=start.to(torch.float64),
        record=1,
        sweep={"rule.step.rate, game.penalty.weight": Zip((rates, weights))},
        dtype=torch.float64,
        key=key,
    )

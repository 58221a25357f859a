"""Orbits of Dirac-GAN where linearisation says nothing: circles, drifts, cycles and valleys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Consensus, ExtraGradient, Simultaneous
from gantheory.games import DiracGAN, GradientPenalty, Minimax, NonSaturating, Wasserstein, WithPenalty
from gantheory.random import Key


WEIGHTS, RATE = (0.2, 0.35, 0.5, 0.65, 0.8), 0.08
"""Of gradient penalties, and of the steps on them."""


@dataclass(frozen=True)
class DiracCircle(Claim):
    """The flow of the unregularised minimax Dirac-GAN keeps its distance from the equilibrium, from every start.

    The neighbour takes the non-saturating objective, whose flow creeps in.

    Example:
        >>> DiracCircle().predicted(((3.0, 4.0),))[0, :2].tolist()
        [5.0, 5.0]
    """

    objective: Literal["gan", "nsgan"] = "gan"

    part: ClassVar[str] = "B01"
    statement: ClassVar[str] = (
        "The flow of the unregularised Dirac-GAN stays at its distance from the equilibrium"
    )
    latex: ClassVar[str] = r"\langle v(z), z\rangle = 0 \implies |z(t)| = |z(0)|"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "the minimax objective, no penalty"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-2  # of steps that follow the flow over the time 10
    box: ClassVar[Box] = Box(rows=32, theta=grid(-3, 3, 0.1), psi=grid(0.1, 3, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return np.repeat(theory.dirac_flow_distance(*columns_of(instance))[:, None], 5, axis=1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        game = DiracGAN(Minimax() if self.objective == "gan" else NonSaturating())
        start = columns_of(instance).T[:, None]
        z = orbits(game, ExtraGradient(SGD(2e-3)), {}, start=start[:, 0], steps=5000, record=1250)[0]
        return np.linalg.norm(z, axis=-1)

    @property
    def neighbour(self) -> DiracCircle | None:
        return self.replace(objective="nsgan") if self.objective == "gan" else None

    @classmethod
    def examples(cls) -> tuple[DiracCircle, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NonSaturatingDrift(Claim):
    """The flow of the unregularised non-saturating Dirac-GAN has d|z|^2/dt = -2 s tanh(s/2), s = theta psi.

    The neighbour takes the minimax objective, which has no such drift.

    Example:
        >>> NonSaturatingDrift().predicted(((1.0, 2.0),)).round(4).tolist()
        [-3.0464]
    """

    objective: Literal["nsgan", "gan"] = "nsgan"

    part: ClassVar[str] = "B03"
    statement: ClassVar[str] = (
        "The flow of the unregularised non-saturating Dirac-GAN has d|z|^2/dt = -2 s tanh(s/2), s = theta psi"
    )
    latex: ClassVar[str] = r"\frac{d|z|^2}{dt} = -2s\tanh\frac{s}{2},\quad s = \theta\psi"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); derived"
    assumptions: ClassVar[str] = "no penalty"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10
    box: ClassVar[Box] = Box(theta=grid(-4, 4, 0.1), psi=grid(-4, 4, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.nonsaturating_drift(*columns_of(instance))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """A step of size 1 goes along the field where it starts."""
        game = DiracGAN(NonSaturating() if self.objective == "nsgan" else Minimax())
        z = orbits(game, Simultaneous(SGD(1.0)), {}, start=columns_of(instance).T, steps=1)[0]
        return 2 * (z[:, 0] * (z[:, 1] - z[:, 0])).sum(-1)

    def curve(self) -> Curve:
        return self.box.curve("theta", psi=1.0)

    @property
    def neighbour(self) -> NonSaturatingDrift | None:
        return self.replace(objective="gan") if self.objective == "nsgan" else None

    @classmethod
    def examples(cls) -> tuple[NonSaturatingDrift, ...]:
        return (cls(),)


@dataclass(frozen=True)
class GradientPenaltyCycle(Claim):
    """Steps on the Wasserstein Dirac-GAN with a gradient penalty never settle: theta swings at a stated amplitude.

    The neighbour penalises lengths from 0 on, as R1 does, and converges.

    Example:
        >>> round(GradientPenaltyCycle().predicted(0.35), 2)
        1.47
    """

    target: float = 1.0

    part: ClassVar[str] = "B05"
    statement: ClassVar[str] = (
        "Small steps on WGAN-GP's Dirac-GAN of weight w < 1 never settle: theta swings by 2 w g_0 (1 + q)/(1 - q), q = "
        "exp(-pi w/sqrt(1 - w^2))"
    )
    latex: ClassVar[str] = (
        r"\limsup_n|\theta_n| = 2wg_0\,\frac{1 + q}{1 - q},\quad q = e^{-\pi w/\sqrt{1 - w^2}}"
    )
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); derived"
    assumptions: ClassVar[str] = "a weight below 1, a target g_0 of 1, small simultaneous steps"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 2e-3  # jumps fall between two steps

    def instances(self) -> st.SearchStrategy[float]:
        return st.sampled_from(WEIGHTS)

    def predicted(self, instance: float) -> float:
        return theory.gradient_penalty_cycle(instance, rate=RATE)

    def observed(self, instance: float, key: Key) -> float:
        return _amplitudes(self.target)[WEIGHTS.index(instance)]

    def curve(self) -> Curve:
        return Curve("weight", WEIGHTS, lambda weight: weight)

    @property
    def neighbour(self) -> GradientPenaltyCycle | None:
        return self.replace(target=0.0) if self.target else None

    @classmethod
    def examples(cls) -> tuple[GradientPenaltyCycle, ...]:
        return (cls(),)


@lru_cache(maxsize=4)
def _amplitudes(target: float) -> tuple[float, ...]:
    """The largest theta over the last two turns, for all weights: the penalty's draws make single steps of them."""
    game = WithPenalty(DiracGAN(Wasserstein()), GradientPenalty(1.0, target=target))
    columns = {"game.penalty.weight": WEIGHTS}
    theta = orbits(game, Simultaneous(SGD(RATE)), columns, start=[[1.0, 1.0]], steps=500)[:, 0, :, 0]
    return tuple(np.abs(theta[:, -int(15 / RATE) :]).max(axis=1).tolist())


@dataclass(frozen=True)
class ConsensusValley(Claim):
    """What consensus on Dirac-GAN leads away creeps along a valley: dr/dt = (2 log(c r^2) - 1)/(c r^3).

    Rows are weights c and radii to start from; both sides are radii at the times 100, 200 and 400. The neighbour starts
    inside, near the equilibrium, which attracts.

    Example:
        >>> ConsensusValley().predicted(((1.0, 3.0),)).round(1).tolist()
        [[7.0, 8.5, 10.4]]
    """

    side: Literal["outside", "inside"] = "outside"

    part: ClassVar[str] = "B10"
    statement: ClassVar[str] = (
        "What consensus of weight c on Dirac-GAN leads away goes to infinity, along theta psi = -log(c r^2) with "
        "dr/dt = (2 log(c r^2) - 1)/(c r^3)"
    )
    latex: ClassVar[str] = (
        r"\theta\psi = -\log(\gamma r^2),\quad \dot r = \frac{2\log(\gamma r^2) - 1}{\gamma r^3}"
    )
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017), for the rule; derived"
    assumptions: ClassVar[str] = "starts in the valley, far out; small steps; to leading order in 1/(c r^2)"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.03
    box: ClassVar[Box] = Box(rows=32, weight=grid(0.5, 2, 0.1), radius=grid(3, 5, 0.1))
    rate: ClassVar[float] = 0.05
    record: ClassVar[tuple[int, ...]] = (2000, 4000, 8000)

    def predicted(self, instance: Rows) -> np.ndarray:
        weight, radius = columns_of(instance)[:, :, None]
        return theory.consensus_valley(self.rate * np.array(self.record), radius, weight=weight)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        weight, radius = columns_of(instance)
        product = np.log(weight * radius**2)
        start = np.stack([-product / radius, radius], axis=-1)[:, None]
        if self.side == "inside":
            start = start / radius[:, None, None]
        rule, columns = Consensus(SGD(self.rate)), {"rule.weight": weight}
        z = orbits(DiracGAN(Minimax()), rule, columns, start=start, steps=8000, record=2000)[:, 0]
        return np.linalg.norm(z[:, [1, 2, 4]], axis=-1)

    def curve(self) -> Curve:
        return self.box.curve("radius", weight=1.0)._replace(row=2)

    @property
    def neighbour(self) -> ConsensusValley | None:
        return self.replace(side="inside") if self.side == "outside" else None

    @classmethod
    def examples(cls) -> tuple[ConsensusValley, ...]:
        return (cls(),)

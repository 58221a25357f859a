"""Dirac-GAN with penalties and noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits, swept
from gantheory.dynamics import SGD, Alternating, PerPlayer, Rule, Simultaneous
from gantheory.games import (
    R1,
    DiracGAN,
    GradientPenalty,
    Minimax,
    Wasserstein,
    WithExpectedNoise,
    WithPenalty,
)
from gantheory.random import Key


@dataclass(frozen=True)
class GradientPenaltyResponse(Claim):
    """Against a generator at theta the best critic of WGAN-GP jumps with its sign: -sign(theta)(g_0 + |theta|/(2w)).

    The neighbour penalises lengths from 0 on (``target=0``), as R1 does, and has no jump.

    Example:
        >>> GradientPenaltyResponse().predicted(((2.0, 0.5),)).tolist()
        [-3.0]
    """

    target: float = 1.0

    part: ClassVar[str] = "B05"
    statement: ClassVar[str] = (
        "Against a generator at theta the best critic of WGAN-GP's Dirac-GAN is -sign(theta)(g_0 + |theta|/(2w))"
    )
    latex: ClassVar[str] = r"\psi^*(\theta) = -\,\mathrm{sign}(\theta)\Big(g_0 + \frac{|\theta|}{2w}\Big)"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "theta is not 0; the target g_0 is 1"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(
        rows=32, theta=(*grid(-3, -0.1, 0.1), *grid(0.1, 3, 0.1)), weight=grid(0.2, 3, 0.1)
    )

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.gradient_penalty_response(*columns_of(instance))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Let the critic alone descend from either side, and take the end with the smaller loss."""
        theta, weight = columns_of(instance)
        game = WithPenalty(DiracGAN(Wasserstein()), GradientPenalty(1.0, target=self.target))
        rule = Simultaneous(PerPlayer((SGD(0.0), SGD(1.0))))
        # the loss is a parabola on either side, and this rate goes to its lowest point at once
        columns = {"rule.step.steps.1.rate": 1 / (2 * weight), "game.penalty.weight": weight}
        start = np.stack([np.stack([theta, side + 0 * theta], axis=-1) for side in (-1.0, 1.0)], axis=1)
        runs = swept(game, rule, columns, start=start, steps=2, record=2, key=key)
        psi, loss = (part[:, -1, 1].reshape(-1, 2).numpy() for part in (runs.points, runs.losses))
        return np.take_along_axis(psi, loss.argmin(axis=1)[:, None], axis=1)[:, 0]

    def curve(self) -> Curve:
        return self.box.curve("theta", weight=1.0)

    @property
    def neighbour(self) -> GradientPenaltyResponse | None:
        return self.replace(target=0.0) if self.target else None

    @classmethod
    def examples(cls) -> tuple[GradientPenaltyResponse, ...]:
        return (cls(),)


@dataclass(frozen=True)
class InstanceNoise(Claim):
    """Instance noise of deviation s makes Dirac-GAN's equilibrium attract as the curvature of its objective lets it.

    The neighbour is Wasserstein GAN, whose objective has no curvature.

    Example:
        >>> InstanceNoise().predicted(((0.2, 0.7),)).round(6).tolist()
        [0.980306]
    """

    objective: Literal["gan", "wgan"] = "gan"

    part: ClassVar[str] = "B06"
    statement: ClassVar[str] = (
        "With instance noise of deviation s the field of Dirac-GAN has the eigenvalues s^2/4 +- sqrt(s^4/16 - 1/4)"
    )
    latex: ClassVar[str] = r"\mu = -f''(0)s^2 \pm \sqrt{f''(0)^2s^4 - f'(0)^2},\quad \rho = \max|1 - h\mu|"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = (
        "a start near the equilibrium, small simultaneous steps; the minimax objective"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = Box(rows=64, rate=grid(0.1, 2, 0.1), scale=grid(0.1, 2, 0.05))

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, scale = columns_of(instance)
        eigenvalues = theory.eigenvalues(theory.dirac_noise_jacobian(scale))
        return np.abs(1 - rate[:, None] * eigenvalues).max(axis=-1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, scale = columns_of(instance)
        game = WithExpectedNoise(
            DiracGAN(Minimax() if self.objective == "gan" else Wasserstein()), 1.0, nodes=8
        )
        columns = {"rule.step.rate": rate, "game.scale": scale}
        return long_run_factor(orbits(game, Simultaneous(SGD(1.0)), columns, start=1e-9 * np.eye(2), steps=2))

    def curve(self) -> Curve:
        return self.box.curve("scale", rate=0.5)

    @property
    def neighbour(self) -> InstanceNoise | None:
        return self.replace(objective="wgan") if self.objective == "gan" else None

    @classmethod
    def examples(cls) -> tuple[InstanceNoise, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AlternatingR1(Claim):
    """Alternating steps converge on Dirac-GAN with R1 exactly inside Jury's region; 1 is yes, 0 no.

    The neighbour takes simultaneous steps, whose region is another.

    Example:
        >>> AlternatingR1().predicted(((1.6, 1.0), (1.7, 1.0))).tolist()
        [1.0, 0.0]
    """

    turns: Literal["alternating", "simultaneous"] = "alternating"

    part: ClassVar[str] = "B08"
    statement: ClassVar[str] = (
        "On Dirac-GAN with R1 of weight g, alternating steps converge exactly where g h < 2 and h^2/4 < 4 - 2 g h"
    )
    latex: ClassVar[str] = r"\gamma h < 2,\qquad f'(0)^2h^2 < 4 - 2\gamma h"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); Jury (1964)"
    assumptions: ClassVar[str] = "one step a player; a start near the equilibrium; off the region's border"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(rate=grid(0.05, 4, 0.0413), weight=grid(0.01, 3, 0.037))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.r1_alternating_stable(*columns_of(instance)).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, weight = columns_of(instance)
        rule: Rule = Alternating(SGD(1.0)) if self.turns == "alternating" else Simultaneous(SGD(1.0))
        columns = {"rule.step.rate": rate, "game.penalty.weight": weight}
        game = WithPenalty(DiracGAN(Minimax()), R1(1.0))
        return (long_run_factor(orbits(game, rule, columns, start=1e-9 * np.eye(2), steps=2)) < 1).astype(
            float
        )

    @property
    def neighbour(self) -> AlternatingR1 | None:
        return self.replace(turns="simultaneous") if self.turns == "alternating" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingR1, ...]:
        return (cls(),)

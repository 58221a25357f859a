"""Where orbits of the unregularised Dirac-GAN go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Alternating, Rule, Simultaneous
from gantheory.games import R1, DiracGAN, Minimax, NonSaturating, WithPenalty
from gantheory.random import Key
from gantheory.sweeps import Linear


TURN = 252
"""The steps of a turn at the smallest rate here, 4 pi / 0.05, at which the last points are averaged."""


@dataclass(frozen=True)
class DiracGrowth(Claim):
    """A simultaneous step on the unregularised Dirac-GAN leads outwards by 1 + h^2 f'(theta psi)^2, everywhere.

    The neighbour adds R1 of weight 0.3.

    Example:
        >>> DiracGrowth().predicted(((0.0, 1.0, 2.0),)).tolist()
        [2.0]
    """

    weight: float = 0.0

    part: ClassVar[str] = "B01"
    statement: ClassVar[str] = (
        "A simultaneous step on the unregularised Dirac-GAN multiplies |z|^2 by 1 + h^2 f'^2"
    )
    latex: ClassVar[str] = r"|z_+|^2 = \big(1 + h^2 f'(\theta\psi)^2\big)\,|z|^2"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "no penalty; the minimax objective"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-10
    box: ClassVar[Box] = Box(theta=grid(-4, 4, 0.1), psi=grid(0.1, 4, 0.1), rate=grid(0.01, 2))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.dirac_growth(*columns_of(instance))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        theta, psi, rate = columns_of(instance)
        start = np.stack([theta, psi], axis=-1)[:, None]
        game = WithPenalty(DiracGAN(Minimax()), R1(self.weight))
        z = orbits(game, Simultaneous(SGD(1.0)), {"rule.step.rate": rate}, start=start, steps=1)[:, 0]
        size = (z**2).sum(-1)
        return size[:, 1] / size[:, 0]

    def curve(self) -> Curve:
        return self.box.curve("theta", psi=1.0, rate=1.0)

    @property
    def neighbour(self) -> DiracGrowth | None:
        return None if self.weight else self.replace(weight=0.3)

    @classmethod
    def examples(cls) -> tuple[DiracGrowth, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NonSaturatingCreep(Claim):
    """Alternating steps on the non-saturating Dirac-GAN converge, as slowly as r^2 = 8/(h n).

    Both sides are ``h n r^2``. The neighbour takes the minimax objective, which keeps its distance.

    Example:
        >>> NonSaturatingCreep().predicted(((0.1, 1.0),)).round(2).tolist()
        [7.69]
    """

    objective: Literal["nsgan", "gan"] = "nsgan"

    part: ClassVar[str] = "B03"
    statement: ClassVar[str] = (
        "On the unregularised non-saturating Dirac-GAN, alternating steps have 1/r^2 = 1/r_0^2 + h n/8"
    )
    latex: ClassVar[str] = r"\frac{1}{r_n^2} = \frac{1}{r_0^2} + \frac{hn}{8},\qquad hn\,r_n^2 \to 8"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); derived"
    assumptions: ClassVar[str] = "small steps and radii below 1, to leading order in both"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02
    box: ClassVar[Box] = Box(rows=16, rate=grid(0.05, 0.1), radius=grid(0.5, 1, 0.05))
    steps: ClassVar[int] = 2000
    last: ClassVar[Linear] = Linear(2000 - TURN, 2000, TURN + 1)

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, radius = columns_of(instance)
        time = rate * self.steps
        return time * theory.nonsaturating_radius(time, radius) ** 2

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Average r^2 over the last turn, for a step's orbit is an ellipse."""
        rate, radius = columns_of(instance)
        start = np.stack([radius, 0 * radius], axis=-1)[:, None]
        game = DiracGAN(NonSaturating() if self.objective == "nsgan" else Minimax())
        z = orbits(
            game,
            Alternating(SGD(1.0)),
            {"rule.step.rate": rate},
            start=start,
            steps=self.steps,
            record=self.last,
        )[:, 0]
        turn = np.round(4 * np.pi / rate).astype(int)
        squared = (z**2).sum(-1)
        # the mean over a turn belongs to its middle
        return np.array([(s[-n:].mean() * h * (self.steps - n / 2)) for s, n, h in zip(squared, turn, rate)])

    @property
    def neighbour(self) -> NonSaturatingCreep | None:
        return self.replace(objective="gan") if self.objective == "nsgan" else None

    @classmethod
    def examples(cls) -> tuple[NonSaturatingCreep, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NonSaturatingCycle(Claim):
    """Simultaneous steps on the non-saturating Dirac-GAN settle on a cycle of r^2 = 2h; both sides are r^2/h.

    The neighbour takes alternating steps, which creep to the equilibrium.

    Example:
        >>> NonSaturatingCycle().predicted(((0.1, 1.0),)).round(12).tolist()
        [2.0]
    """

    turns: Literal["simultaneous", "alternating"] = "simultaneous"

    part: ClassVar[str] = "B03"
    statement: ClassVar[str] = (
        "Simultaneous steps on the non-saturating Dirac-GAN end on a cycle of radius sqrt(2h)"
    )
    latex: ClassVar[str] = r"\lim_n r_n^2 = 2h + O(h^2)"
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018); derived"
    assumptions: ClassVar[str] = "small steps, to leading order; no penalty"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.02
    box: ClassVar[Box] = Box(rows=8, rate=grid(0.05, 0.1), share=grid(0.8, 1.2, 0.05))
    steps: ClassVar[int] = 8000
    last: ClassVar[Linear] = Linear(8000 - TURN, 8000, TURN + 1)

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, _ = columns_of(instance)
        return theory.nonsaturating_cycle(rate) ** 2 / rate

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, share = columns_of(instance)
        radius = share * np.sqrt(2 * rate)
        start = np.stack([radius, 0 * radius], axis=-1)[:, None]
        rule: Rule = Simultaneous(SGD(1.0)) if self.turns == "simultaneous" else Alternating(SGD(1.0))
        game = DiracGAN(NonSaturating())
        z = orbits(game, rule, {"rule.step.rate": rate}, start=start, steps=self.steps, record=self.last)[
            :, 0
        ]
        turn = np.round(4 * np.pi / rate).astype(int)
        return np.array([(p[-n:] ** 2).sum(-1).mean() / h for p, n, h in zip(z, turn, rate)])

    @property
    def neighbour(self) -> NonSaturatingCycle | None:
        return self.replace(turns="alternating") if self.turns == "simultaneous" else None

    @classmethod
    def examples(cls) -> tuple[NonSaturatingCycle, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AlternatingDirac(Claim):
    """With n critic steps a turn, alternating steps of h act near Dirac-GAN's equilibrium like one of sqrt(n) h.

    The neighbour counts n steps as one of n h.

    Example:
        >>> AlternatingDirac(critic_steps=4).predicted(((1.0,), (2.5,))).round(3).tolist()
        [1.0, 4.0]
    """

    critic_steps: int
    counted: Literal["root", "all"] = "root"

    part: ClassVar[str] = "B02"
    latex: ClassVar[str] = (
        r"z = 1 - \tfrac{\alpha^2}{2} \pm \sqrt{\big(1 - \tfrac{\alpha^2}{2}\big)^2 - 1},"
        r"\quad \alpha = \sqrt{n_g n_d}\,h f'(0)"
    )
    reference: ClassVar[str] = "Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "a start near the equilibrium; no penalty"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = Box(rate=grid(0.03, 4, 0.03))

    @property
    def statement(self) -> str:  # type: ignore[override]
        return (
            f"Alternating steps with {self.critic_steps} critic steps act near Dirac-GAN's equilibrium like single "
            f"ones of sqrt({self.critic_steps}) h"
        )

    def predicted(self, instance: Rows) -> np.ndarray:
        count = self.critic_steps if self.counted == "root" else self.critic_steps**2
        factors = [theory.alternating_eigenvalues(rate, critic_steps=count) for (rate,) in instance]
        return np.abs(factors).max(axis=-1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        (rate,) = columns_of(instance)
        rule = Alternating(SGD(1.0), critic_steps=self.critic_steps)
        columns = {"rule.step.rate": rate}
        return long_run_factor(orbits(DiracGAN(Minimax()), rule, columns, start=1e-9 * np.eye(2), steps=2))

    def curve(self) -> Curve:
        return self.box.curve("rate")

    @property
    def neighbour(self) -> AlternatingDirac | None:
        return self.replace(counted="all") if self.counted == "root" else None

    @classmethod
    def examples(cls) -> tuple[AlternatingDirac, ...]:
        return cls(2), cls(5)

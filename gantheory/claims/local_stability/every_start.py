"""Whether a GAN that is stable for every slope of its loss converges from every start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.dynamics import SGD, Alternating, Rule, Simultaneous, simulate
from gantheory.games import R1, DiracGAN, Minimax, WithPenalty
from gantheory.random import Key
from gantheory.sweeps import Values, Zip


RULES: dict[str, Rule] = {"simultaneous": Simultaneous(SGD(1.0)), "alternating": Alternating(SGD(1.0))}
STEPS, FAR = 3000, 10.0


@dataclass(frozen=True)
class EveryStart(Claim):
    """Does Dirac-GAN with R1 converge from every start if its steps are stable for every slope of the loss?

    Near the equilibrium the slope of the loss is 1/2, and its eigenvalues decide. Far from it the slope changes from
    step to step between 0 and 1; that each of these slopes alone would be stable is no proof. Both sides are multiples
    of the first distance, up to ten: one half is asked for after 3,000 steps, and nothing where a step is too long.

    The neighbour asks for stability at the equilibrium only (``slopes="at the equilibrium"``).

    Reference: Odena (2019), problem 4; Mescheder, Geiger, Nowozin (2018), for the local part.

    Example:
        >>> EveryStart().predicted(((0.5, 1.0, 2.0, 0.0), (1.5, 1.0, 2.0, 0.0))).tolist()
        [0.5, 10.0]
    """

    rule: Literal["simultaneous", "alternating"] = "simultaneous"
    slopes: Literal["all", "at the equilibrium"] = "all"

    part: ClassVar[str] = "B07"
    statement: ClassVar[str] = (
        "If a step of Dirac-GAN with R1 is stable for every slope from 0 to 1 that its loss may have, and no longer "
        "than 1 over the weight, it converges from every start and not from near ones alone"
    )
    latex: ClassVar[str] = (
        r"\rho\big(I - hJ_{f' = 1}\big) < 1,\quad h\gamma \le 1\;\Rightarrow\; z_t \to 0 \quad\text{for every } z_0"
    )
    reference: ClassVar[str] = (
        "open; Odena (2019), problem 4, asks when GANs provably converge from everywhere; Mescheder, Geiger, Nowozin "
        "(2018), for near starts"
    )
    assumptions: ClassVar[str] = (
        "the minimax loss; starts within 2 of the equilibrium in each player are tried"
    )
    kind: ClassVar[Kind] = "convergence"
    open: ClassVar[bool] = True
    study: ClassVar[str] = "studies/convergence.py"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    box: ClassVar[Box] = Box(
        rows=128,
        rate=grid(0.02, 1.0, 0.02),
        weight=grid(0.1, 5.0, 0.1),
        generator=grid(0.1, 2.0, 0.1),
        critic=grid(-2.0, 2.0, 0.1),
    )

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, weight, *_ = np.array(instance).T
        if self.slopes == "all":
            stable = theory.sector_stable(rate, weight, rule=self.rule)
        else:
            J = theory.dirac_jacobian(weight=weight)
            stable = theory.contraction_factor(J, rate, rule=self.rule) < 1
        return np.where(stable, 0.5, FAR)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, weight, *start = np.array(instance).T
        runs = simulate(
            WithPenalty(DiracGAN(Minimax()), R1(0.0)),
            RULES[self.rule],
            steps=STEPS,
            start=torch.tensor(np.array(start).T),
            sweep={"rule.step.rate, game.penalty.weight": Zip((Values(tuple(rate)), Values(tuple(weight))))},
            dtype=torch.float64,
            key=key,
        )
        distance = np.hypot(*runs.points[:, -1].numpy().T)
        return np.minimum(np.nan_to_num(distance / np.hypot(*start), nan=FAR), FAR)

    def curve(self) -> Curve:
        return Curve("rate", grid(0.02, 0.48, 0.02), lambda h: ((h, 0.5, 2.0, 0.0),))

    @property
    def neighbour(self) -> EveryStart | None:
        return self.replace(slopes="at the equilibrium") if self.slopes == "all" else None

    @classmethod
    def examples(cls) -> tuple[EveryStart, ...]:
        return cls("simultaneous"), cls("alternating")

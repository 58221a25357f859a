"""Consensus optimisation on Dirac-GAN: near, everywhere, and far away."""

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
from gantheory.claims.orbits import columns_of, long_run_factor, orbits
from gantheory.dynamics import SGD, Consensus, Rule, Simultaneous
from gantheory.games import DiracGAN, Minimax
from gantheory.random import Key


STARTS = np.stack(np.meshgrid(*[np.linspace(-2, 2, 41)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)


@dataclass(frozen=True)
class ConsensusFactor(Claim):
    """Near Dirac-GAN's equilibrium consensus has the eigenvalues c f'(0)^2 +- i f'(0).

    The neighbour has no regulariser (weight 0).

    Example:
        >>> ConsensusFactor().predicted(((0.2, 1.0),)).round(6).tolist()
        [0.955249]
    """

    regularised: bool = True

    part: ClassVar[str] = "B09"
    statement: ClassVar[str] = (
        "Near Dirac-GAN's equilibrium consensus of weight c has the eigenvalues c/4 +- i/2"
    )
    latex: ClassVar[str] = r"\mu = \gamma f'(0)^2 \pm i f'(0),\quad \rho = |1 - h\mu|"
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "a start near the equilibrium"
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6
    box: ClassVar[Box] = Box(rate=grid(0.05, 2, 0.05), weight=grid(0.1, 3, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        factors = [theory.mode_factors(0.5j, h, rule="consensus", weight=c) for h, c in instance]
        return np.abs(factors).max(axis=-1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, weight = columns_of(instance)
        columns = {"rule.step.rate": rate} | ({"rule.weight": weight} if self.regularised else {})
        rule: Rule = Consensus(SGD(1.0)) if self.regularised else Simultaneous(SGD(1.0))
        return long_run_factor(orbits(DiracGAN(Minimax()), rule, columns, start=1e-9 * np.eye(2), steps=2))

    def curve(self) -> Curve:
        return self.box.curve("rate", weight=1.0)

    @property
    def neighbour(self) -> ConsensusFactor | None:
        return self.replace(regularised=False) if self.regularised else None

    @classmethod
    def examples(cls) -> tuple[ConsensusFactor, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ConsensusField(Claim):
    """The direction of consensus on Dirac-GAN, everywhere, with the gradient of |v|^2/2 worked out by hand.

    The neighbour is the field of a much-used code (``formula="published"``), which has a factor 1/2 that does not
    belong there: it agrees at the equilibrium, to first order, and nowhere else.

    Example:
        >>> ConsensusField().predicted(((0.0, 2.0, 1.0),)).tolist()
        [[0.0, 0.5]]
    """

    formula: Literal["derived", "published"] = "derived"

    part: ClassVar[str] = "B10"
    statement: ClassVar[str] = (
        "Consensus on Dirac-GAN goes along v + c grad |v|^2/2, with no factor 1/2 in its last term"
    )
    latex: ClassVar[str] = (
        r"v + \gamma\begin{pmatrix} \theta p^2 + \psi q \\ \psi p^2 + \theta q \end{pmatrix},"
        r"\quad p = \frac{1}{1 + e^{-\theta\psi}},\ q = (\theta^2 + \psi^2)\,p^2(1 - p)"
    )
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "the minimax objective, no other penalty"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(theta=grid(-3, 3, 0.1), psi=grid(-3, 3, 0.1), weight=grid(0.1, 3, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        return theory.consensus_dirac_field(*columns_of(instance), published=self.formula == "published")

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        theta, psi, weight = columns_of(instance)
        start = np.stack([theta, psi], axis=-1)[:, None]
        z = orbits(DiracGAN(Minimax()), Consensus(SGD(1.0)), {"rule.weight": weight}, start=start, steps=1)[
            :, 0
        ]
        return z[:, 0] - z[:, 1]

    @property
    def neighbour(self) -> ConsensusField | None:
        return self.replace(formula="published") if self.formula == "derived" else None

    @classmethod
    def examples(cls) -> tuple[ConsensusField, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ConsensusEscape(Claim):
    """A share of starts that grows with its weight is led by consensus on Dirac-GAN not to 0, but away for ever.

    Instances are weights; both sides are the share of a grid of 41 x 41 starts on [-2, 2]^2, of the flow and of its
    steps. The neighbour runs no regulariser, and its small steps all stay near the circle they start on.

    Example:
        >>> round(ConsensusEscape().predicted(1.0), 3)
        0.227
    """

    regularised: bool = True

    part: ClassVar[str] = "B10"
    statement: ClassVar[str] = (
        "Consensus leads 0, 0, 0.7, 22.7, 32.7 and 36 percent of starts on [-2, 2]^2 away from Dirac-GAN's "
        "equilibrium, for the weights 0.1, 0.3, 0.5, 1, 2 and 5"
    )
    latex: ClassVar[str] = r"\Pr_{z_0}\Big(\lim_n |z_n| = \infty\Big) > 0\quad\text{for}\ \gamma \ge \tfrac12"
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017), for the rule; derived"
    assumptions: ClassVar[str] = "time 100, in 2000 steps; away is further than 3"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.002

    def instances(self) -> st.SearchStrategy[float]:
        return st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.0, 5.0])

    def predicted(self, instance: float) -> float:
        return float(theory.dirac_consensus_escapes(*STARTS.T, weight=instance).mean())

    def observed(self, instance: float, key: Key) -> float:
        return _escape(instance, self.regularised)

    def curve(self) -> Curve:
        return Curve("weight", (0.1, 0.3, 0.5, 1.0, 2.0, 5.0), lambda weight: weight)

    @property
    def neighbour(self) -> ConsensusEscape | None:
        return self.replace(regularised=False) if self.regularised else None

    @classmethod
    def examples(cls) -> tuple[ConsensusEscape, ...]:
        return (cls(),)


@lru_cache(maxsize=16)
def _escape(weight: float, regularised: bool) -> float:
    rule: Rule = Consensus(SGD(0.05), weight=weight) if regularised else Simultaneous(SGD(0.05))
    end = orbits(DiracGAN(Minimax()), rule, {}, start=STARTS, steps=2000, record=2000)[..., -1, :]
    return float((np.linalg.norm(end, axis=-1) > 3).mean())

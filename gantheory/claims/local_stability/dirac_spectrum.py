"""The spectrum of Dirac-GAN under penalties, noise and consensus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, Consensus, Rule, Simultaneous
from gantheory.games import R1, R2, DiracGAN, Game, Minimax, WithExpectedNoise, WithPenalty
from gantheory.random import Key


NEAR = 1e-9 * np.eye(2)
PLAIN = Simultaneous(SGD(1.0))
CASES: dict[
    str, tuple[str, Game, Rule, str, str, str]
] = {  # part, game, rule, path of the number, number, LaTeX
    "R1": (
        "B07",
        WithPenalty(DiracGAN(Minimax()), R1(1.0)),
        PLAIN,
        "game.penalty.weight",
        "g/2 +- sqrt(g^2/4 - 1/4) with R1 of weight g",
        r"\frac{\gamma}{2} \pm \sqrt{\frac{\gamma^2}{4} - f'(0)^2}",
    ),
    "R2": (
        "B07",
        WithPenalty(DiracGAN(Minimax()), R2(1.0)),
        PLAIN,
        "game.penalty.weight",
        "g/2 +- sqrt(g^2/4 - 1/4) with R2 of weight g, as with R1",
        r"\frac{\gamma}{2} \pm \sqrt{\frac{\gamma^2}{4} - f'(0)^2}",
    ),
    "noise": (
        "B06",
        WithExpectedNoise(DiracGAN(Minimax()), 1.0, nodes=8),
        PLAIN,
        "game.scale",
        "s^2/4 +- sqrt(s^4/16 - 1/4) with instance noise s, real from s^2 = 2 on",
        r"|f''(0)|\gamma^2 \pm \sqrt{f''(0)^2\gamma^4 - f'(0)^2}",
    ),
    "consensus": (
        "B09",
        DiracGAN(Minimax()),
        Consensus(SGD(1.0)),
        "rule.weight",
        "c/4 +- i/2 with consensus of weight c",
        r"\gamma f'(0)^2 \pm i f'(0)",
    ),
}


@dataclass(frozen=True)
class DiracSpectrum(Claim):
    """The eigenvalues at Dirac-GAN's equilibrium, of the field that a step follows.

    Both sides are the two real parts and the imaginary part's size. The neighbour leaves penalty, noise or consensus
    away (``strength=0``).

    Example:
        >>> DiracSpectrum("R1").predicted(((1.25,),)).round(6).tolist()
        [[0.25, 1.0, 0.0]]
    """

    by: Literal["R1", "R2", "noise", "consensus"]
    strength: float = 1.0

    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017); Mescheder, Geiger, Nowozin (2018)"
    assumptions: ClassVar[str] = "the minimax objective; at the equilibrium"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-4  # where both eigenvalues meet, by the square root of rounding
    box: ClassVar[Box] = Box(rows=64, number=grid(0.05, 3, 0.05))

    @property
    def part(self) -> str:  # type: ignore[override]
        return CASES[self.by][0]

    @property
    def statement(self) -> str:  # type: ignore[override]
        return f"The eigenvalues of the field at Dirac-GAN's equilibrium are {CASES[self.by][4]}"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"\mu = {CASES[self.by][5]}"

    def predicted(self, instance: Rows) -> np.ndarray:
        (number,) = columns_of(instance)
        J = {
            "noise": lambda: theory.dirac_noise_jacobian(number),
            "consensus": lambda: theory.consensus_jacobian(theory.dirac_jacobian(), number),
        }.get(self.by, lambda: theory.dirac_jacobian(weight=number))()
        return _numbers(theory.eigenvalues(J))

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        (number,) = columns_of(instance)
        _, game, rule, path, *_ = CASES[self.by]
        step = orbits(game, rule, {path: self.strength * number}, start=NEAR, steps=1)[:, :, 1].swapaxes(1, 2)
        return _numbers(np.linalg.eigvals(np.eye(2) - step / 1e-9))

    def curve(self) -> Curve:
        return self.box.curve("number")._replace(row=2)

    @property
    def neighbour(self) -> DiracSpectrum | None:
        return self.replace(strength=0.0) if self.strength else None

    @classmethod
    def examples(cls) -> tuple[DiracSpectrum, ...]:
        return tuple(cls(by) for by in CASES)  # type: ignore[arg-type]


def _numbers(eigenvalues: np.ndarray) -> np.ndarray:
    real = np.sort(np.real(eigenvalues), axis=-1)
    return np.concatenate([real, np.abs(np.imag(eigenvalues)).max(axis=-1, keepdims=True)], axis=-1)

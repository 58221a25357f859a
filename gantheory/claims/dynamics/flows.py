"""What flows conserve, and where crossing the curl goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, orbits
from gantheory.dynamics import SGD, CrossingTheCurl, ExtraGradient
from gantheory.games import LQGAN, LinearField
from gantheory.random import Key


STEPS, RECORD = 5000, 1250
FINE = ExtraGradient(SGD(2e-4))
"""Steps that follow the flow over the time 1; of a rotation's |w|^2 they lose (rate speed)^2 each, 2e-4 in all."""


@dataclass(frozen=True)
class RotationConservesHamiltonian(Claim):
    """The flow of a field that only rotates conserves the squared length of the field.

    The neighbour adds a pull inwards to the field.

    Example:
        >>> RotationConservesHamiltonian().predicted(((2.0, 1.0, 0.0),)).tolist()
        [[2.0, 2.0, 2.0, 2.0, 2.0]]
    """

    pull: float = 0.0

    part: ClassVar[str] = "C11"
    statement: ClassVar[str] = "Where the field's Jacobian is antisymmetric, its flow conserves H = |v|^2/2"
    latex: ClassVar[str] = r"J = -J^\top \implies \tfrac12|v(w(t))|^2 = \tfrac12|v(w(0))|^2"
    reference: ClassVar[str] = "Balduzzi et al. (2018)"
    assumptions: ClassVar[str] = "a Hamiltonian game: no potential part"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 3e-3

    box: ClassVar[Box] = Box(rows=32, speed=grid(0.1, 2, 0.1), x=grid(-2, 2, 0.1), y=grid(-2, 2, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        start = [theory.hamiltonian([[0.0, speed], [-speed, 0.0]], (x, y)) for speed, x, y in instance]
        return np.repeat(np.array(start)[:, None], STEPS // RECORD + 1, axis=1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        speed, x, y = columns_of(instance)
        game = LinearField(((self.pull, 1.0), (-1.0, self.pull)))
        columns = {"game.matrix.0.1": speed, "game.matrix.1.0": -speed}
        start = np.stack([x, y], axis=-1)[:, None]
        w = orbits(game, FINE, columns, start=start, steps=STEPS, record=RECORD)[:, 0]
        speed = speed[:, None]
        v = (self.pull * w[..., 0] + speed * w[..., 1], self.pull * w[..., 1] - speed * w[..., 0])
        return (v[0] ** 2 + v[1] ** 2) / 2

    @property
    def neighbour(self) -> RotationConservesHamiltonian | None:
        return None if self.pull else self.replace(pull=0.1)

    @classmethod
    def examples(cls) -> tuple[RotationConservesHamiltonian, ...]:
        return (cls(),)


@dataclass(frozen=True)
class VarianceOrbitsClose(Claim):
    """The flow of the linear-quadratic GAN's variance part conserves w^2 + a^2/2 - s^2 log a.

    Instances are starts (a, w) with a > 0. The neighbour forgets the logarithm's s^2, for s other than 1.

    Example:
        >>> VarianceOrbitsClose().predicted(((1.0, 2.0),))[0, :2].tolist()
        [4.5, 4.5]
    """

    forgotten: bool = False

    part: ClassVar[str] = "C16"
    statement: ClassVar[str] = (
        "The flow of V = w (s^2 - a^2) conserves w^2 + a^2/2 - s^2 log a, so its orbits close"
    )
    latex: ClassVar[str] = r"w^2 + \tfrac12a^2 - \sigma^2\log a = \mathrm{const}"
    reference: ClassVar[str] = "Gemp, Mahadevan (2018)"
    assumptions: ClassVar[str] = "a > 0; data of mean 0, generator without shift"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 3e-3
    deviation: ClassVar[float] = 1.5

    box: ClassVar[Box] = Box(rows=32, a=grid(0.5, 2.5, 0.1), w=grid(-1.5, 1.5, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        target = 1.0 if self.forgotten else self.deviation
        energy = theory.variance_energy(*columns_of(instance), target=target)
        return np.repeat(energy[:, None], STEPS // RECORD + 1, axis=1)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, w = columns_of(instance)
        start = np.stack([a, 0 * a, w, 0 * a], axis=-1)[:, None]
        z = orbits(LQGAN(0.0, self.deviation), FINE, {}, start=start[:, 0], steps=STEPS, record=RECORD)[0]
        a, w = z[..., 0], z[..., 2]
        return w**2 + a**2 / 2 - (1.0 if self.forgotten else self.deviation) ** 2 * np.log(a)

    @property
    def neighbour(self) -> VarianceOrbitsClose | None:
        return None if self.forgotten else self.replace(forgotten=True)

    @classmethod
    def examples(cls) -> tuple[VarianceOrbitsClose, ...]:
        return (cls(),)


@dataclass(frozen=True)
class CurlFindsDeviation(Claim):
    """Crossing the curl of the variance part leads from every a > 0 to the data's deviation, and to w = 0.

    The neighbour starts from negative a, where it leads to minus the deviation.

    Example:
        >>> CurlFindsDeviation().predicted(((0.5, 1.0, 1.5),)).tolist()
        [[1.5, 0.0]]
    """

    side: Literal["positive", "negative"] = "positive"

    part: ClassVar[str] = "C16"
    statement: ClassVar[str] = "Crossing the curl of V = w (s^2 - a^2) leads from every a > 0 to a = s, w = 0"
    latex: ClassVar[str] = r"\dot w = -A^\top v(w),\ a(0) > 0 \implies (a, w) \to (\sigma, 0)"
    reference: ClassVar[str] = "Gemp, Mahadevan (2018)"
    assumptions: ClassVar[str] = "a > 0; small steps; data of mean 0, generator without shift"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-3
    box: ClassVar[Box] = Box(
        rows=32, a=grid(0.3, 2.5, 0.1), w=grid(-1, 1, 0.1), deviation=grid(0.8, 1.6, 0.1)
    )

    def predicted(self, instance: Rows) -> np.ndarray:
        return np.stack([theory.crossed_curl_limit(deviation) for *_, deviation in instance])

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        a, w, deviation = columns_of(instance)
        a = a if self.side == "positive" else -a
        start = np.stack([a, 0 * a, w, 0 * a], axis=-1)[:, None]
        columns = {"game.deviation": deviation}
        end = orbits(LQGAN(), CrossingTheCurl(SGD(0.01)), columns, start=start, steps=2000, record=2000)[
            :, 0, -1
        ]
        return end[:, [0, 2]]

    @property
    def neighbour(self) -> CurlFindsDeviation | None:
        return self.replace(side="negative") if self.side == "positive" else None

    @classmethod
    def examples(cls) -> tuple[CurlFindsDeviation, ...]:
        return (cls(),)

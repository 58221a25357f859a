"""Rules that use the field's Jacobian: limits of their steps, and what they do at maxima."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gantheory import theory
from gantheory.claims.box import Box, Rows, grid
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.orbits import columns_of, long_run_factor, one_step, orbits
from gantheory.dynamics import SGD, Consensus, HamiltonianDescent, SymplecticAdjustment
from gantheory.games import Bilinear, LinearField
from gantheory.random import Key


@dataclass(frozen=True)
class ConsensusLimit(Claim):
    """Consensus steps shrink a bilinear mode exactly for rates below 2c/(1 + c^2 s^2); 1 is yes, 0 no.

    The neighbour asks for less: that ``h < 2/(c s^2)``, as if the field did not turn.

    Example:
        >>> ConsensusLimit().predicted(((0.25, 1.0, 3.0), (0.15, 1.0, 3.0))).tolist()
        [0.0, 1.0]
    """

    field: Literal["turns", "still"] = "turns"

    part: ClassVar[str] = "C07"
    statement: ClassVar[str] = (
        "Consensus steps shrink a bilinear mode exactly for rates below 2c/(1 + c^2 s^2)"
    )
    latex: ClassVar[str] = r"h < \frac{2\gamma}{1 + \gamma^2\sigma^2}"
    reference: ClassVar[str] = "Mescheder, Nowozin, Geiger (2017)"
    assumptions: ClassVar[str] = "a bilinear mode of singular value s, a positive weight c"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(rate=grid(0.01, 2, 0.0137), weight=grid(0.1, 2, 0.1), sigma=grid(0.5, 3, 0.1))

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, weight, sigma = columns_of(instance)
        limit = theory.consensus_limit(weight, sigma)
        return (rate < (limit if self.field == "turns" else limit + limit / (weight * sigma) ** 2)).astype(
            float
        )

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, weight, sigma = columns_of(instance)
        columns = {"rule.step.rate": rate, "rule.weight": weight, "game.matrix.0.0": sigma}
        points = orbits(Bilinear(), Consensus(SGD(1.0)), columns, start=np.eye(2), steps=3)
        return (long_run_factor(points) < 1).astype(float)

    @property
    def neighbour(self) -> ConsensusLimit | None:
        return self.replace(field="still") if self.field == "turns" else None

    @classmethod
    def examples(cls) -> tuple[ConsensusLimit, ...]:
        return (cls(),)


@dataclass(frozen=True)
class HamiltonianContraction(Claim):
    """A step down the squared length of the field shrinks every distance by 1 - h s_min^2 at least.

    The neighbour takes rates above ``1/s_max^2``, up to three times that.

    Example:
        >>> HamiltonianContraction().predicted(((0.5, 1.0, 0.0, 0.0, 2.0),)).tolist()
        [0.875]
    """

    rates: Literal["small", "large"] = "small"

    part: ClassVar[str] = "C07"
    statement: ClassVar[str] = (
        "On a linear field M w, a step of h down |M w|^2/2 shrinks |w| by a factor of at most 1 - h s_min^2"
    )
    latex: ClassVar[str] = r"\|I - hM^\top M\| \le 1 - h\sigma_{\min}^2,\quad h \le 1/\sigma_{\max}^2"
    reference: ClassVar[str] = "Abernethy, Lai, Wibisono (2021)"
    assumptions: ClassVar[str] = "rates of at most 1/s_max^2"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9
    box: ClassVar[Box] = Box(rows=64, share=grid(0.05, 1, 0.05), **{n: grid(-2, 2, 0.1) for n in "abcd"})

    def _rates(self, instance: Rows) -> tuple[np.ndarray, np.ndarray]:
        share, *entries = columns_of(instance)
        M = np.stack(entries, axis=-1).reshape(-1, 2, 2)
        most = np.maximum(np.linalg.norm(M, 2, axis=(1, 2)), 0.1)
        return share * (3 if self.rates == "large" else 1) / most**2, M

    def predicted(self, instance: Rows) -> np.ndarray:
        rate, M = self._rates(instance)
        least, _ = theory.bilinear_growth(M, np.sqrt(rate))  # 1 + h s_min^2
        return 2 - least

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        rate, M = self._rates(instance)
        columns = {"rule.step.rate": rate}
        columns |= {f"game.matrix.{i}.{j}": M[:, i, j] for i in (0, 1) for j in (0, 1)}
        step = one_step(LinearField(((1.0, 0.0), (0.0, 1.0))), HamiltonianDescent(SGD(1.0)), columns)
        return np.linalg.norm(step, 2, axis=(1, 2))

    @property
    def neighbour(self) -> HamiltonianContraction | None:
        return self.replace(rates="large") if self.rates == "small" else None

    @classmethod
    def examples(cls) -> tuple[HamiltonianContraction, ...]:
        return (cls(),)


@dataclass(frozen=True)
class AttractingMaximum(Claim):
    """At a maximum of a single player's loss, consensus attracts as soon as weight times curvature exceeds 1.

    1 is attracted, 0 not. The neighbour claims it of symplectic adjustment, which a single player's field, that
    cannot turn, leaves as plain descent.

    Example:
        >>> AttractingMaximum().predicted(((2.0, 1.0), (0.5, 1.0))).tolist()
        [1.0, 0.0]
    """

    rule: Literal["consensus", "symplectic adjustment"] = "consensus"

    part: ClassVar[str] = "C12"
    statement: ClassVar[str] = (
        "Consensus converges to a maximum of a single player's loss -k x^2/2 exactly where weight times k exceeds 1"
    )
    latex: ClassVar[str] = (
        r"x_{t+1} = \big(1 - h(-\kappa + \gamma\kappa^2)\big)x_t \to 0 \iff \gamma\kappa > 1"
    )
    reference: ClassVar[str] = "Balduzzi et al. (2018)"
    assumptions: ClassVar[str] = "one player, a quadratic loss, a small rate"
    kind: ClassVar[Kind] = "convergence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    box: ClassVar[Box] = Box(weight=grid(0.1, 3, 0.0117), kappa=grid(0.1, 3, 0.1))
    rate: ClassVar[float] = 0.01

    def predicted(self, instance: Rows) -> np.ndarray:
        weight, kappa = columns_of(instance)
        step = theory.linear_step(-kappa[:, None, None], self.rate, rule="consensus", weight=weight)
        return (step[:, 0, 0] < 1).astype(float)

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        weight, kappa = columns_of(instance)
        rules = {
            "consensus": Consensus(SGD(self.rate)),
            "symplectic adjustment": SymplecticAdjustment(SGD(self.rate)),
        }
        columns = {"rule.weight": weight, "game.matrix.0.0": -kappa}
        points = orbits(LinearField(((1.0,),)), rules[self.rule], columns, start=[[1.0]], steps=20)[
            :, 0, :, 0
        ]
        return (np.abs(points[:, -1]) < np.abs(points[:, 0])).astype(float)

    @property
    def neighbour(self) -> AttractingMaximum | None:
        return self.replace(rule="symplectic adjustment") if self.rule == "consensus" else None

    @classmethod
    def examples(cls) -> tuple[AttractingMaximum, ...]:
        return (cls(),)


@dataclass(frozen=True)
class Alignment(Claim):
    """To first order the adjustment turns the field towards its own squared length's gradient, or away, by a sign.

    The neighbour adjusts by A instead of A'.

    Example:
        >>> Alignment().predicted(((1.0, 1.0, 0.0, 0.5),)).shape
        (1,)
    """

    turned: Literal["A'", "A"] = "A'"

    part: ClassVar[str] = "C11"
    statement: ClassVar[str] = (
        "The squared cosine between the adjusted field v + c A'v and the gradient of |v|^2/2 changes with c, at 0, by "
        "2 <v, g><A'v, g>/(|v|^2 |g|^2)"
    )
    latex: ClassVar[str] = (
        r"\frac{d}{dc}\cos^2\angle(v + cA^\top v,\ g)\Big|_{c=0} = "
        r"\frac{2\,\langle v, g\rangle\langle A^\top v, g\rangle}{|v|^2\,|g|^2},\quad g = J^\top v"
    )
    reference: ClassVar[str] = "Balduzzi et al. (2018)"
    assumptions: ClassVar[str] = "a field and a gradient g that do not vanish"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-5
    box: ClassVar[Box] = Box(
        rows=128, a=grid(0.5, 2, 0.1), b=grid(-0.9, 2, 0.1), c=grid(-2, 2, 0.1), d=grid(0.5, 2, 0.1)
    )  # so that v_1 > 0 at the point, and then g does not vanish either: <w, g> = |v|^2
    point: ClassVar[tuple[float, float]] = (1.0, 0.5)

    def predicted(self, instance: Rows) -> np.ndarray:
        M = columns_of(instance).T.reshape(-1, 2, 2)
        slope = theory.alignment_slope(M, self.point)
        return slope if self.turned == "A'" else -slope

    def observed(self, instance: Rows, key: Key) -> np.ndarray:
        """Differentiate by a one-sided difference of second order, for no weight is negative."""
        entries = columns_of(instance)
        columns = {f"game.matrix.{i // 2}.{i % 2}": entry for i, entry in enumerate(entries)}
        game, delta = LinearField(((1.0, 0.0), (0.0, 1.0))), 1e-4

        def direction(rule) -> np.ndarray:
            z = orbits(game, rule, columns, start=[self.point], steps=1)[:, 0]
            return z[:, 0] - z[:, 1]

        g = direction(HamiltonianDescent(SGD(1.0)))
        fields = [direction(SymplecticAdjustment(SGD(1.0), weight=k * delta)) for k in (0, 1, 2)]
        squares = [(v * g).sum(-1) ** 2 / ((v**2).sum(-1) * (g**2).sum(-1)) for v in fields]
        return (-3 * squares[0] + 4 * squares[1] - squares[2]) / (2 * delta)

    @property
    def neighbour(self) -> Alignment | None:
        return self.replace(turned="A") if self.turned == "A'" else None

    @classmethod
    def examples(cls) -> tuple[Alignment, ...]:
        return (cls(),)

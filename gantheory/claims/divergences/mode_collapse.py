"""Why generators drop modes: point masses answer a critic that is held, and divergences choose what to cover."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize_scalar

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.distributions import GaussianMixture
from gantheory.games import Minimax
from gantheory.random import Key


@dataclass(frozen=True)
class PointMassIsBest(Claim):
    """Against a critic that is held, the best generator puts all its mass where the critic is highest.

    The neighbour forbids it to put more than half its mass on one atom (``most=0.5``).

    Reference: Goodfellow (2016).

    Example:
        >>> round(PointMassIsBest().predicted((0.0, -1.0)), 6)
        -0.693147
    """

    most: float = 1.0

    part: ClassVar[str] = "A14"
    statement: ClassVar[str] = (
        "For a critic that is held, E_q log(1 - D) is least for a point mass where D is largest: solving the inner "
        "problem for the generator collapses it to one mode"
    )
    latex: ClassVar[str] = (
        r"\min_q\; E_q \log(1 - D) = \min_x \log(1 - D(x)),\qquad q^* = \delta_{\arg\max D}"
    )
    reference: ClassVar[str] = "Goodfellow (2016), section 5.1.1"
    assumptions: ClassVar[str] = "the critic is held, and the generator may be any law"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[float, ...]]:
        return st.lists(st.integers(-60, 60).map(lambda a: a / 10), min_size=2, max_size=10).map(tuple)

    def predicted(self, instance: tuple[float, ...]) -> float:
        return theory.best_response_value(instance)

    def observed(self, instance: tuple[float, ...], key: Key) -> float:
        """Minimise the mean of the objective's loss over all laws on the atoms, by linear programming."""
        a = torch.tensor(instance, dtype=torch.float64)
        per_atom = torch.func.vmap(lambda logit: Minimax().generator_loss(None, logit[None]))(a).numpy()
        found: Any = linprog(per_atom, A_eq=np.ones((1, len(a))), b_eq=[1.0], bounds=(0, self.most))
        return float(found.fun)

    @property
    def neighbour(self) -> PointMassIsBest | None:
        return self.replace(most=0.5) if self.most == 1 else None

    @classmethod
    def examples(cls) -> tuple[PointMassIsBest, ...]:
        return (cls(),)


@dataclass(frozen=True)
class CoveringFit(Claim):
    """The Gaussian of most likelihood for two modes has the variance ``s^2 + m^2`` and covers both.

    The neighbour minimises the reverse divergence, which covers one mode, or what lies between
    (``divergence="reverse"``).

    Reference: Bishop (2006); Goodfellow (2016).

    Example:
        >>> CoveringFit().predicted((2.0, 0.5))
        4.25
    """

    divergence: Literal["forward", "reverse"] = "forward"

    part: ClassVar[str] = "A14"
    statement: ClassVar[str] = (
        "Of all centred Gaussians, the one nearest in KL(p||q) to two modes at distance m from 0 has the variance "
        "s^2 + m^2"
    )
    latex: ClassVar[str] = (
        r"\arg\min_v \mathrm{KL}\big(\tfrac12 N(-m, s^2) + \tfrac12 N(m, s^2) \,\|\, N(0, v)\big) = s^2 + m^2"
    )
    reference: ClassVar[str] = "Bishop (2006), section 10.1; Goodfellow (2016), figure 14"
    assumptions: ClassVar[str] = "the forward divergence, that of likelihood"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-5

    def instances(self) -> st.SearchStrategy[tuple[float, float]]:
        return st.tuples(st.integers(0, 30).map(lambda m: m / 10), st.integers(4, 20).map(lambda s: s / 10))

    def predicted(self, instance: tuple[float, float]) -> float:
        return float(theory.matched_variance(*instance))

    def observed(self, instance: tuple[float, float], key: Key) -> float:
        """Minimise the divergence of the library's laws over the variance, by quadrature on a line of points."""
        m, s = instance
        data = GaussianMixture(((-m,), (m,)), (((s * s,),), ((s * s,),)))
        x = torch.linspace(-12, 12, 601, dtype=torch.float64)[:, None] * (m + s)
        log_p = data.log_prob(x)
        share = log_p.exp() / log_p.exp().sum()

        def loss(log_variance: float) -> float:
            log_q = GaussianMixture(((0.0,),), (((math.exp(log_variance),),),)).log_prob(x)
            if self.divergence == "forward":
                return float(-share @ log_q)
            weight = log_q.exp() / log_q.exp().sum()
            return float(weight @ (log_q - log_p))

        spread = 2 * math.log(m + s)
        found: Any = minimize_scalar(
            loss, bounds=(spread - 3, spread + 3), method="bounded", options={"xatol": 1e-9}
        )
        return math.exp(found.x)

    def curve(self) -> Curve:
        return Curve("separation", tuple(k / 5 for k in range(16)), lambda m: (m, 0.5))

    @property
    def neighbour(self) -> CoveringFit | None:
        return self.replace(divergence="reverse") if self.divergence == "forward" else None

    @classmethod
    def examples(cls) -> tuple[CoveringFit, ...]:
        return (cls(),)

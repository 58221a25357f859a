"""What invertible maps keep of densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Normal, Points, law, normals, points
from gantheory.distributions import Map, Pushforward, Shear, SinhArcsinh, Twist
from gantheory.models import Planar
from gantheory.random import Key


Coupling = tuple[tuple[float, ...], Points]
"""Coefficients of an additive coupling's polynomial, and points of noise."""


@dataclass(frozen=True)
class PeakKept(Claim):
    """An additive coupling has the peak of its base: no such flow is denser anywhere.

    The neighbour scales too: a map whose Jacobian is not 1 (``map="scaling"``).

    Reference: Dinh, Krueger, Bengio (2015).

    Example:
        >>> round(PeakKept().predicted(((0.0, 1.0), ((0.5, 0.5),))), 6)
        -1.837877
    """

    map: Literal["additive", "scaling"] = "additive"

    part: ClassVar[str] = "G01"
    statement: ClassVar[str] = (
        "A flow of additive couplings keeps volumes, so that the largest density it can reach is that of its base"
    )
    latex: ClassVar[str] = (
        r"\det\frac{\partial y}{\partial x} = 1\;\Rightarrow\;\sup_x p_X(x) = \sup_z p_Z(z) = (2\pi)^{-d/2}"
    )
    reference: ClassVar[str] = "Dinh, Krueger, Bengio (2015)"
    assumptions: ClassVar[str] = "a standard normal base, and no scaling layer"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Coupling]:
        coefficient = st.integers(-20, 20).map(lambda c: c / 10)
        return st.integers(2, 3).flatmap(
            lambda d: st.tuples(st.lists(coefficient, max_size=4).map(tuple), points(d, 6))
        )

    def predicted(self, instance: Coupling) -> float:
        return theory.gaussian_peak(len(instance[1][0]))

    def observed(self, instance: Coupling, key: Key) -> float:
        """Return the largest density at the images of the noise given and of the base's mode."""
        polynomial, noise = instance
        z = torch.tensor([*noise, (0.0,) * len(noise[0])], dtype=torch.float64)
        map_ = Shear(polynomial) if self.map == "additive" else SinhArcsinh(tail=1.5)
        d = z.shape[1]
        base = law(((0.0,) * d, tuple(map(tuple, np.eye(d).tolist()))))
        return Pushforward(base, map_).log_prob(map_.forward(z)).max().item()

    @property
    def neighbour(self) -> PeakKept | None:
        return self.replace(map="scaling") if self.map == "additive" else None

    @classmethod
    def examples(cls) -> tuple[PeakKept, ...]:
        return (cls(),)


PlanarLayer = tuple[tuple[float, ...], tuple[float, ...], float, Points]
"""w, u and b of one layer, and points."""


@dataclass(frozen=True)
class PlanarDeterminant(Claim):
    """A planar layer has the determinant ``1 + h' w'u``, with u moved to where it is positive.

    The neighbour takes u as it is given (``moved=False``).

    Reference: Rezende, Mohamed (2015).

    Example:
        >>> PlanarDeterminant().predicted(((1.0,), (1.0,), 0.0, ((0.0,),))).round(6).tolist()
        [0.551195]
    """

    moved: bool = True

    part: ClassVar[str] = "G02"
    statement: ClassVar[str] = (
        "The planar map z + u tanh(w'z + b) has the Jacobian determinant 1 + (1 - tanh^2) w'u, which the move of u "
        "along w to w'u > -1 keeps positive"
    )
    latex: ClassVar[str] = (
        r"\log|\det| = \log\big(1 + h'(w^\top z + b)\, w^\top \hat u\big),\qquad w^\top \hat u > -1"
    )
    reference: ClassVar[str] = "Rezende, Mohamed (2015), appendix A"
    assumptions: ClassVar[str] = "u is moved by m(s) = log(1 + (e - 1) e^s) - 1"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-8

    def instances(self) -> st.SearchStrategy[PlanarLayer]:
        number = st.integers(-30, 30).map(lambda k: k / 10)

        def layer(d: int) -> st.SearchStrategy[PlanarLayer]:
            row = st.tuples(*[number] * d)
            return st.tuples(row.filter(any), row, number, points(d, 4))

        return st.integers(1, 3).flatmap(layer)

    def predicted(self, instance: PlanarLayer) -> np.ndarray:
        w, u, b, z = instance
        direction = theory.planar_direction(u, w) if self.moved else np.array(u)
        return theory.planar_log_det(direction, w, b, z)

    def observed(self, instance: PlanarLayer, key: Key) -> np.ndarray:
        """Ask the library's flow of one layer, whose parameters are w, b and u in this order."""
        w, u, b, z = instance
        flow, parameters = Planar(len(w), layers=1), torch.tensor([*w, b, *u], dtype=torch.float64)
        return flow.call(parameters, torch.tensor(z, dtype=torch.float64))[1].numpy()

    @property
    def neighbour(self) -> PlanarDeterminant | None:
        return self.replace(moved=False) if self.moved else None

    @classmethod
    def examples(cls) -> tuple[PlanarDeterminant, ...]:
        return (cls(),)


MAPS: tuple[Map, ...] = (Shear((0.5, 0.0, 0.3)), SinhArcsinh(skew=0.5), SinhArcsinh(tail=0.8), Twist(1.0))


@dataclass(frozen=True)
class RatioKept(Claim):
    """A bijection keeps the ratio of two densities, and so the divergences between the laws.

    The neighbour asks it of a density alone (``quantity="density"``).

    Reference: Papamakarios et al. (2021).

    Example:
        >>> P, Q = ((1.0, 0.0), ((1.0, 0.0), (0.0, 1.0))), ((0.0, 0.0), ((1.0, 0.0), (0.0, 1.0)))
        >>> RatioKept().predicted((P, Q, 0, ((1.0, 0.0),))).tolist()
        [0.5]
    """

    quantity: Literal["ratio", "density"] = "ratio"

    part: ClassVar[str] = "G03"
    statement: ClassVar[str] = (
        "A smooth bijection T keeps the ratio of densities from point to point, so KL(T P||T Q) = KL(P||Q): likelihood "
        "in data space is divergence in base space"
    )
    latex: ClassVar[str] = (
        r"\frac{p_{T P}}{p_{T Q}}(T z) = \frac{p}{q}(z)\;\Rightarrow\;\mathrm{KL}(T_\# P\|T_\# Q) = \mathrm{KL}(P\|Q)"
    )
    reference: ClassVar[str] = "Papamakarios, Pavlakou, Murray (2017); Papamakarios et al. (2021)"
    assumptions: ClassVar[str] = "T has an inverse"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-7

    def instances(self) -> st.SearchStrategy[tuple[Normal, Normal, int, Points]]:
        return st.tuples(normals(2), normals(2), st.integers(0, len(MAPS) - 1), points(2, 5))

    def predicted(self, instance: tuple[Normal, Normal, int, Points]) -> np.ndarray:
        first, second, _, z = instance
        log_p = theory.gaussian_log_density(z, *first)
        return log_p - theory.gaussian_log_density(z, *second) if self.quantity == "ratio" else log_p

    def observed(self, instance: tuple[Normal, Normal, int, Points], key: Key) -> np.ndarray:
        first, second, which, z = instance
        x = MAPS[which].forward(torch.tensor(z, dtype=torch.float64))
        log_p = Pushforward(law(first), MAPS[which]).log_prob(x)
        log_q = Pushforward(law(second), MAPS[which]).log_prob(x)
        return (log_p - log_q if self.quantity == "ratio" else log_p).numpy()

    @property
    def neighbour(self) -> RatioKept | None:
        return self.replace(quantity="density") if self.quantity == "ratio" else None

    @classmethod
    def examples(cls) -> tuple[RatioKept, ...]:
        return (cls(),)

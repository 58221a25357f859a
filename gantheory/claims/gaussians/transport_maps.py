"""The map and the critic that are best between Gaussians."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.gaussians.transport import polar
from gantheory.claims.normal_laws import Normal, moments, normals
from gantheory.random import Key


@dataclass(frozen=True)
class GaussianMap(Claim):
    """The best map between Gaussians is linear, with a symmetric matrix.

    The neighbour takes the triangular map that makes the one law of the other too (``map="triangular"``).

    Reference: Dowson, Landau (1982); Olkin, Pukelsheim (1982).

    Example:
        >>> GaussianMap().predicted((((1.0,), ((4.0,),)), ((0.0,), ((1.0,),)))).round(6).tolist()
        [0.5]
    """

    map: Literal["optimal", "triangular"] = "optimal"

    part: ClassVar[str] = "D01"
    statement: ClassVar[str] = (
        "Of all maps from N(m, A) to N(m', B), m' + T(x - m) with T = A^{-1/2} (A^{1/2} B A^{1/2})^{1/2} A^{-1/2} "
        "moves points least in the mean square; it is what the best coupling does, and T A T = B"
    )
    latex: ClassVar[str] = r"T = A^{-1/2}\big(A^{1/2} B A^{1/2}\big)^{1/2} A^{-1/2},\qquad T A T = B"
    reference: ClassVar[str] = "Dowson, Landau (1982); Olkin, Pukelsheim (1982)"
    assumptions: ClassVar[str] = "A has an inverse; squared distances as costs"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-7

    def instances(self) -> st.SearchStrategy[tuple[Normal, Normal]]:
        return st.integers(1, 3).flatmap(lambda d: st.tuples(normals(d), normals(d)))

    def predicted(self, instance: tuple[Normal, Normal]) -> np.ndarray:
        (_, A), (_, B) = instance
        return theory.transport_matrix(A, B).ravel()

    def observed(self, instance: tuple[Normal, Normal], key: Key) -> np.ndarray:
        """Regress y on x under the best of all couplings, whose cross-covariance is ``L C M'`` with ``|C| <= 1``."""
        L, M = (torch.linalg.cholesky(moments(normal)[1]) for normal in instance)
        turned = M @ polar(M.T @ L) if self.map == "optimal" else M
        return torch.linalg.solve_triangular(L, turned, upper=False, left=False).numpy().ravel()

    @property
    def neighbour(self) -> GaussianMap | None:
        return self.replace(map="triangular") if self.map == "optimal" else None

    @classmethod
    def examples(cls) -> tuple[GaussianMap, ...]:
        return (cls(),)


Quadratics = tuple[Normal, Normal, Normal | None]
"""A law; another whose covariance is the best map's matrix; and one for the critic's, or the best map's again."""


@dataclass(frozen=True)
class QuadraticCritic(Claim):
    """No pair of conjugate quadratic critics gains more than the transport distance, and one pair gains it.

    The neighbour's second critic is not the first one's conjugate (``conjugate=False``).

    Reference: Feizi, Farnia, Ginart, Tse (2018); Villani (2003).

    Example:
        >>> QuadraticCritic().predicted((((1.0,), ((1.0,),)), ((0.0,), ((2.0,),)), None))
        2.0
    """

    conjugate: bool = True

    part: ClassVar[str] = "D01"
    statement: ClassVar[str] = (
        "For the critics f(x) = |x|^2 - x'Sx and g(y) = |y|^2 - y'S^{-1}y of centred points, and the linear parts of "
        "the means, E f + E g is at most the squared Wasserstein-2 distance of two Gaussians, with equality at S = T: "
        "quadratic critics are enough"
    )
    latex: ClassVar[str] = (
        r"\max_{S \succ 0}\; \mathrm{tr}(I - S)A + \mathrm{tr}(I - S^{-1})B + |m - m'|^2 = "
        r"W_2^2\big(N(m, A), N(m', B)\big)"
    )
    reference: ClassVar[str] = "Feizi, Farnia, Ginart, Tse (2018); Villani (2003), chapter 2"
    assumptions: ClassVar[str] = "f(x) + g(y) <= |x - y|^2: each critic is the other's conjugate"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Quadratics]:
        def drawn(d: int) -> st.SearchStrategy[Quadratics]:
            return st.tuples(normals(d), normals(d), st.none() | normals(d))

        return st.integers(1, 3).flatmap(drawn)

    def predicted(self, instance: Quadratics) -> float:
        (m, A), (_, T), _ = instance
        B = np.array(T) @ np.array(A) @ np.array(T)
        return theory.gaussian_transport(m, A, np.zeros(len(m)), B)

    def observed(self, instance: Quadratics, key: Key) -> float:
        """Average both critics, which are quadratic, over 2d points with each law's moments."""
        (m, A), T = moments(instance[0]), moments(instance[1])[1]
        S = moments(instance[2] or instance[1])[1]
        u, v = (
            math.sqrt(len(m)) * torch.cat([R.T, -R.T])
            for R in (torch.linalg.cholesky(C) for C in (A, T @ A @ T))
        )
        f = (u * u - u * (u @ S)).sum(-1) + 2 * u @ m + m @ m
        g = (v * v - (v * (v @ torch.linalg.inv(S)) if self.conjugate else 0)).sum(-1) - 2 * v @ m
        return (f.mean() + g.mean()).item()

    @property
    def neighbour(self) -> QuadraticCritic | None:
        return self.replace(conjugate=False) if self.conjugate else None

    @classmethod
    def examples(cls) -> tuple[QuadraticCritic, ...]:
        return (cls(),)

"""The Wasserstein-2 distance of Gaussians, and the nearest Gaussian of a rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Normal, moments, normals
from gantheory.random import Key


def squared_distance(first: Normal, second: Normal) -> float:
    """Return the squared Wasserstein-2 distance, the least over all joint covariances.

    With ``A = L L'`` and ``B = M M'`` a coupling has the cross-covariance ``L C M'`` with ``|C| <= 1``; the
    largest trace is the sum of the singular values of ``M' L``.
    """
    (m, A), (other, B) = moments(first), moments(second)
    product = torch.linalg.cholesky(B).T @ torch.linalg.cholesky(A)
    overlap = ops.top_singular_values(product, len(m), tolerance=1e-10).sum()
    return ((m - other).square().sum() + A.trace() + B.trace() - 2 * overlap).item()


@dataclass(frozen=True)
class GaussianTransport(Claim):
    """The Wasserstein-2 distance of Gaussians is that of their means and the Bures distance of their covariances.

    The neighbour takes covariances for matrices that commute: ``tr (A^{1/2} - B^{1/2})^2`` (``commuting=True``).

    Reference: Dowson, Landau (1982); Heusel et al. (2017).

    Example:
        >>> round(GaussianTransport().predicted((((1.0,), ((4.0,),)), ((0.0,), ((1.0,),)))), 9)
        2.0
    """

    commuting: bool = False

    part: ClassVar[str] = "D01"
    statement: ClassVar[str] = (
        "The squared Wasserstein-2 distance of Gaussians, least over all couplings, is "
        "|m - m'|^2 + tr(A + B - 2 (A^{1/2} B A^{1/2})^{1/2}), the form of the Frechet distance"
    )
    latex: ClassVar[str] = (
        r"W_2^2\big(N(m, A), N(m', B)\big) = |m - m'|^2 + \mathrm{tr}\big(A + B - 2(A^{1/2} B A^{1/2})^{1/2}\big)"
    )
    reference: ClassVar[str] = "Dowson, Landau (1982); Heusel et al. (2017)"
    assumptions: ClassVar[str] = "both laws are Gaussian; the covariances need not commute"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-7

    def instances(self) -> st.SearchStrategy[tuple[Normal, Normal]]:
        return st.integers(1, 3).flatmap(lambda d: st.tuples(normals(d), normals(d)))

    def predicted(self, instance: tuple[Normal, Normal]) -> float:
        (m, A), (other, B) = instance
        if not self.commuting:
            return theory.gaussian_transport(m, A, other, B)
        roots = (_root(np.array(S)) for S in (A, B))
        apart = theory.gaussian_transport(m, np.eye(len(m)), other, np.eye(len(m)))
        return apart + float(np.square(next(roots) - next(roots)).sum())

    def observed(self, instance: tuple[Normal, Normal], key: Key) -> float:
        return squared_distance(*instance)

    @property
    def neighbour(self) -> GaussianTransport | None:
        return None if self.commuting else self.replace(commuting=True)

    @classmethod
    def examples(cls) -> tuple[GaussianTransport, ...]:
        return (cls(),)


def _root(S: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(S)
    return (vectors * np.sqrt(values)) @ vectors.T


@dataclass(frozen=True)
class LowRankFit(Claim):
    """The linear generator of a rank that is nearest to a Gaussian is its principal part.

    The neighbour lets it choose coordinates instead of directions (``axes="coordinates"``).

    Reference: Feizi, Farnia, Ginart, Tse (2018).

    Example:
        >>> LowRankFit().predicted((((0.0, 0.0), ((4.0, 0.0), (0.0, 1.0))), 1))
        1.0
    """

    axes: Literal["directions", "coordinates"] = "directions"

    part: ClassVar[str] = "D02"
    statement: ClassVar[str] = (
        "Of all Gaussians of rank r, the one nearest to N(0, K) in Wasserstein-2 distance is its part in the r "
        "first principal directions, at the squared distance of the sum of the other eigenvalues"
    )
    latex: ClassVar[str] = (
        r"\min_{\mathrm{rank}\,S \le r} W_2^2\big(N(0, K), N(0, S)\big) = \sum_{i > r} \lambda_i(K)"
    )
    reference: ClassVar[str] = "Feizi, Farnia, Ginart, Tse (2018), theorem 1"
    assumptions: ClassVar[str] = "the Wasserstein-2 distance, and the best of all generators of that rank"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6

    def instances(self) -> st.SearchStrategy[tuple[Normal, int]]:
        return st.integers(2, 4).flatmap(lambda d: st.tuples(normals(d), st.integers(1, d - 1)))

    def predicted(self, instance: tuple[Normal, int]) -> float:
        (_, K), rank = instance
        if self.axes == "directions":
            return theory.low_rank_gap(K, rank)
        return theory.low_rank_gap(np.diag(np.diag(K)), rank)

    def observed(self, instance: tuple[Normal, int], key: Key) -> float:
        """Train the generator ``z -> G z`` on the distance, by steps to the mean of its best coupling.

        For a given G the best coupling is ``K^{1/2} G``'s polar factor, and the best G for that coupling
        ``K^{1/2}`` times it: no such step goes up.
        """
        K = moments(instance[0])[1]
        root = torch.linalg.cholesky(K)
        G = key.normal(len(K), instance[1], dtype=torch.float64)
        for _ in range(2000):
            moved = root @ polar(root.T @ G)
            still = (moved - G).abs().max() < 1e-6
            G = moved
            if still:
                break
        overlap = torch.linalg.svdvals(root.T @ G).sum()
        return (K.trace() + G.square().sum() - 2 * overlap).item()

    @property
    def neighbour(self) -> LowRankFit | None:
        return self.replace(axes="coordinates") if self.axes == "directions" else None

    @classmethod
    def examples(cls) -> tuple[LowRankFit, ...]:
        return (cls(),)


def polar(M: Tensor) -> Tensor:
    """Return the orthogonal factor of a matrix, which has the largest trace against it of all contractions."""
    u, _, vt = torch.linalg.svd(M, full_matrices=False)
    return u @ vt

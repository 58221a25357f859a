"""Mixtures of Gaussians as models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from gantheory.models.likelihood import Likelihood


Components = tuple[Tensor, Tensor, Tensor]
"""Weights ``(K,)``, means ``(K, dim)`` and covariances ``(K, dim, dim)``."""


@dataclass(frozen=True)
class GaussianMixtureModel(Likelihood):
    """A mixture of ``components`` Gaussians with free weights, means and covariances: the plainest density.

    Equation: ``q(x) = sum_k w_k N(x; m_k, (U_k' U_k)^-1)``, with ``w = softmax(logits)`` and U_k lower triangular
    ("full"), diagonal ("diagonal") or a multiple of the identity ("spherical"); its diagonal is the exponential
    of parameters. Noise is normal, its first coordinate chooses the component: a sample changes smoothly with the
    means and scales, and jumps with the weights. It can be trained by gradient, in a `LikelihoodGame`, and by
    `fit_em`.

    Raises `ValueError` below one dimension or component.

    Reference: McLachlan, Peel (2000).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> model = GaussianMixtureModel(2, components=8, covariance="diagonal")
        >>> model.size
        40
        >>> tuple(model.log_prob(model.init(Key(0)), torch.zeros(5, 2)).shape)
        (5,)
    """

    dim: int
    components: int = 8
    covariance: Literal["full", "diagonal", "spherical"] = "full"

    def check(self) -> None:
        if min(self.dim, self.components) < 1:
            raise ValueError(f"GaussianMixtureModel needs a dimension and a component at least, got {self}")

    @property
    def inputs(self) -> int:
        return self.dim + 1

    def build(self) -> nn.Module:
        return _Mixture(self.dim, self.components, self.covariance)

    def initial_bound(self, name: str, fan_in: int) -> float:
        return 2.0 if name == "means" else 0.0

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        return self.call(w, x, method="joint_log_prob").logsumexp(-1)

    def parts(self, w: Tensor) -> Components:
        """Return the weights ``(K,)``, means ``(K, dim)`` and covariances ``(K, dim, dim)``."""
        weights, means, covariances = self.call(w, method="parts")
        return weights, means, covariances

    def pack(self, parts: Components) -> Tensor:
        """Return the parameters ``(size,)`` of a mixture with these weights, means and covariances.

        Of covariances a "diagonal" model keeps the diagonal, a "spherical" one its mean.
        """
        weights, means, covariances = parts
        if self.covariance == "full":
            eye = torch.eye(self.dim, dtype=means.dtype, device=means.device)
            factors = torch.linalg.solve_triangular(torch.linalg.cholesky(covariances), eye, upper=False)
            diagonal = factors.diagonal(dim1=-2, dim2=-1)
            row, column = torch.tril_indices(self.dim, self.dim, -1)
            below = factors[..., row, column]
        else:
            variances = covariances.diagonal(dim1=-2, dim2=-1)
            if self.covariance == "spherical":
                variances = variances.mean(-1, keepdim=True)
            diagonal, below = variances.rsqrt(), means[:, :0]
        return torch.cat([part.flatten() for part in (weights.log(), means, diagonal.log(), below)])

    @classmethod
    def examples(cls) -> list[GaussianMixtureModel]:
        return [
            cls(2, components=3),
            cls(3, components=2, covariance="diagonal"),
            cls(1, components=2, covariance="spherical"),
        ]


class _Mixture(nn.Module):
    def __init__(self, dim: int, components: int, covariance: str):
        super().__init__()
        self.dim = dim
        below = dim * (dim - 1) // 2 if covariance == "full" else 0
        self.logits = nn.Parameter(torch.zeros(components))
        self.means = nn.Parameter(torch.zeros(components, dim))
        self.log_diagonal = nn.Parameter(torch.zeros(components, 1 if covariance == "spherical" else dim))
        self.below = nn.Parameter(torch.zeros(components, below))

    def factors(self) -> Tensor:
        """The triangles U ``(K, dim, dim)``."""
        diagonal = self.log_diagonal.exp().expand(-1, self.dim).diag_embed()
        if not self.below.shape[1]:
            return diagonal
        place = torch.zeros(
            self.below.shape[1], self.dim, self.dim, dtype=diagonal.dtype, device=diagonal.device
        )
        row, column = torch.tril_indices(self.dim, self.dim, -1)
        place[torch.arange(len(row)), row, column] = 1.0
        return diagonal + torch.einsum("kb,bij->kij", self.below, place)

    def joint_log_prob(self, x: Tensor) -> Tensor:
        """Return ``log w_k + log N(x; m_k, S_k)`` as ``(n, K)``."""
        white = torch.einsum("kij,nkj->nki", self.factors(), x[:, None] - self.means)
        log_det = self.log_diagonal.expand(-1, self.dim).sum(-1)
        constant = 0.5 * self.dim * math.log(2 * math.pi)
        return self.logits.log_softmax(-1) + log_det - 0.5 * white.square().sum(-1) - constant

    def forward(self, noise: Tensor) -> Tensor:
        ends = self.logits.softmax(-1).cumsum(-1)[:-1]
        chosen = (torch.special.ndtr(noise[:, :1]) >= ends).sum(-1)
        return self.means[chosen] + torch.einsum("nij,nj->ni", self._roots()[chosen], noise[:, 1:])

    def parts(self) -> Components:
        roots = self._roots()
        return self.logits.softmax(-1), self.means, roots @ roots.mT

    def _roots(self) -> Tensor:
        eye = torch.eye(self.dim, dtype=self.means.dtype, device=self.means.device)
        return torch.linalg.solve_triangular(self.factors(), eye, upper=False)

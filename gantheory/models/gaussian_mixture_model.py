"""Mixtures of Gaussians as models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from gantheory.models.likelihood import Likelihood
from gantheory.models.mixture_steps import spread_points, weighted_parts
from gantheory.shapes import dims


if TYPE_CHECKING:
    from gantheory.random import Key


Components = tuple[Tensor, Tensor, Tensor]
"""Weights ``(K,)``, means ``(K, dim)`` and covariances ``(K, dim, dim)``."""


@dataclass(frozen=True)
class GaussianMixtureModel(Likelihood):
    """A mixture of ``components`` Gaussians with free weights, means and covariances: the plainest density.

    Equation: ``q(x) = sum_k w_k N(x; m_k, (U_k' U_k)^-1)``, with ``w = softmax(logits)`` and U_k lower triangular
    ("full"), diagonal ("diagonal") or a multiple of the identity ("spherical"); its diagonal is the exponential
    of parameters. Noise is normal, its first coordinate chooses the component: a sample changes smoothly with the
    means and scales, and jumps with the weights.

    In a `LikelihoodGame` it is trained by gradients or by `ExpectationMaximisation`, best from `start_at`. A step
    of the latter adds ``ridge`` times the mean variance of the batch to all variances; with ``ridge=0`` no step
    lowers the likelihood of the batch, and a component may end on a single point, where it has no maximum.

    Raises `ValueError` below one dimension or component, and for a negative ridge.

    Reference: Dempster, Laird, Rubin (1977); McLachlan, Peel (2000).

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
    ridge: float = 1e-6

    has_em_step: ClassVar[bool] = True

    def check(self) -> None:
        if min(self.dim, self.components) < 1 or not 0 <= self.ridge < math.inf:
            raise ValueError(
                f"GaussianMixtureModel needs a dimension and a component at least, and a finite ridge of at least 0, "
                f"got {self}"
            )

    @property
    def inputs(self) -> int:
        return self.dim + 1

    def build(self) -> nn.Module:
        return _Mixture(self.dim, self.components, self.covariance)

    def initial_bound(self, name: str, fan_in: int) -> float:
        return 2.0 if name == "means" else 0.0

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        return self.call(w, x, method="joint_log_prob").logsumexp(-1)

    def em_step(self, w: Tensor, x: Tensor) -> Tensor:
        """Return the parameters ``(size,)`` after a step of expectation maximisation on points ``(n, dim)``.

        Equation: with ``r_ik = q(k | x_i)``, ``w_k = mean_i r_ik``, and m_k and the covariance are those of the
        points weighted by ``r_ik``.
        """
        r = self.call(w, x, method="joint_log_prob").softmax(-1)
        floor = self.ridge * x.var(0, correction=0).mean()
        return self.pack(weighted_parts(r, x, floor))

    def start_at(self, x: Tensor, key: Key) -> Tensor:
        """Return parameters ``(*batch, size)`` to begin at, for points ``(n, dim)``, in their dtype.

        Means are points far apart (k-means++), covariances those of all points over the number of components,
        and weights equal. A batch of keys gives independent starts.

        Raises `ValueError` for points of other dimensions, or fewer than components.
        """
        (n,) = dims(x, f"n {self.dim}")
        if n < self.components or len(key.batch) > 1:
            raise ValueError(
                f"start_at needs at least {self.components} points, and a key or one batch of keys, got {n} points "
                f"and keys of shape {key.batch}"
            )
        if key.batch:
            return torch.stack([self.start_at(x, key[i]) for i in range(*key.batch)])
        spread = x.T.cov(correction=0).reshape(self.dim, self.dim) / self.components
        weights = x.new_full((self.components,), 1 / self.components)
        means = spread_points(x, self.components, key.child("means"))
        return self.pack((weights, means, spread.expand(self.components, -1, -1)))

    def parts(self, w: Tensor) -> Components:
        """Return the weights ``(K,)``, means ``(K, dim)`` and covariances ``(K, dim, dim)``."""
        weights, means, covariances = self.call(w, method="parts")
        return weights, means, covariances

    def pack(self, parts: Components) -> Tensor:
        """Return the parameters ``(size,)`` of a mixture with these weights, means and covariances.

        Of covariances a "diagonal" model keeps the diagonal, a "spherical" one its mean. Those that are not
        positive definite become NaN.
        """
        weights, means, covariances = parts
        if self.covariance == "full":
            eye = torch.eye(self.dim, dtype=means.dtype, device=means.device)
            roots, failed = torch.linalg.cholesky_ex(covariances)
            factors = torch.linalg.solve_triangular(roots, eye, upper=False)
            factors = torch.where((failed == 0)[..., None, None], factors, torch.nan)
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

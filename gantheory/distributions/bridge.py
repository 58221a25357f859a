"""Blobs in a row, joined by a tube."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import special, stats
from torch import Tensor

from gantheory.distributions.bridge_axis import axial_entropy, axial_topology, least_cut
from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density
from gantheory.distributions.facts import Fact, Facts
from gantheory.distributions.pieces import SHARE, Pieces
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Bridge(Density):
    """A row of round blobs joined by a tube that carries a stated mass, with covariance I.

    Equation: ``v ~ (1 - e) sum_k w_k T(c_k, I) + e (U[c_1, c_K] e_1 + N(0, radius^2 I))``, then
    ``x = (v - E v) / sd(v)`` along every axis. Centres ``c_k`` lie on the first axis, `separation` standard
    deviations of a blob apart; ``w_k ~ k^-imbalance``; blobs T are normal, or Student's t with ``1 / tail``
    degrees of freedom; e is `bridge` (a single blob has no tube). Six dials: connectedness (`bridge`), number,
    separation and imbalance of the modes, the tube's width, the tails; mean and covariance stay.

    Along any line across the axis the density falls with the distance from it, so a level set retracts to
    the intervals of the axis in it: its Betti numbers are exact. The level stated is half of the tube's density
    at its middle, where there is a tube, and else the geometric mean of the lowest peak and highest valley.

    Raises `ValueError` below one dimension or piece, for lengths that are not positive, a bridge outside [0, 1),
    a tail outside [0, 1/2) or an imbalance that is negative.

    Example:
        >>> [Bridge(bridge=e).facts().topology.value.betti for e in (0.0, 0.01)]
        [(2, 0), (1, 0)]
    """

    dim: int = 2
    pieces: int = 2
    separation: float = 6.0
    bridge: float = 0.1
    radius: float = 0.5
    imbalance: float = 0.0
    tail: float = 0.0

    def check(self) -> None:
        if self.dim < 1 or self.pieces < 1:
            raise ValueError(f"Bridge needs a dimension and a piece, got {self}")
        if not (0 < self.separation < math.inf and 0 < self.radius < math.inf):
            raise ValueError(f"Bridge needs a positive, finite separation and radius, got {self}")
        if not (0 <= self.bridge < 1 and 0 <= self.tail < 0.5 and 0 <= self.imbalance < math.inf):
            raise ValueError(
                f"Bridge: bridge must lie in [0, 1), tail in [0, 1/2) and imbalance not be negative, got {self}"
            )

    @property
    def tube(self) -> float:
        """The mass that the tube really carries."""
        return self.bridge if self.pieces > 1 else 0.0

    @property
    def length(self) -> float:
        """The distance of the outer blobs, before standardising."""
        return self.separation * (self.pieces - 1)

    def row(self) -> tuple[np.ndarray, np.ndarray]:
        """The blobs' places on the axis, and their masses."""
        weights = np.arange(1.0, self.pieces + 1) ** -self.imbalance
        places = self.separation * (np.arange(self.pieces) - (self.pieces - 1) / 2)
        return places, (1 - self.tube) * weights / weights.sum()

    def standard(self) -> tuple[float, np.ndarray]:
        """The mean of v along the axis, and its standard deviations (d,)."""
        places, masses = self.row()
        blob, e = 1 / (1 - 2 * self.tail), self.tube
        mean = masses @ places
        along = masses @ (places**2 + blob) + e * (self.length**2 / 12 + self.radius**2) - mean**2
        across = (1 - e) * blob + e * self.radius**2
        return mean, np.sqrt([along] + [across] * (self.dim - 1))

    def _raw(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, spread = self.standard()
        scale = torch.as_tensor(spread, dtype=x.dtype, device=x.device)
        z, across = (check_points(x, self.dim) * scale).tensor_split([1], dim=-1)
        return z + mean, across

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        places, masses = (torch.as_tensor(a, device=noise.device) for a in self.row())
        u = key.child("piece").uniform(n, start=start, dtype=torch.float64, device=noise.device)
        piece = torch.searchsorted(masses.cumsum(0), u, right=True)
        inside = piece >= self.pieces if self.tube else torch.zeros_like(piece, dtype=torch.bool)
        centre = places[piece.clamp(max=self.pieces - 1)]
        if self.tail:
            share = key.child("tail").uniform(n, start=start, dtype=torch.float64)
            chi = 2 * special.gammaincinv(0.5 / self.tail, share.cpu().numpy()) * self.tail
            heavy = torch.as_tensor(chi**-0.5, dtype=noise.dtype, device=noise.device)
            noise = noise * heavy.where(~inside, 1)[..., None]
        if self.tube:
            along = self.length * (key.child("place").uniform(n, start=start, device=noise.device) - 0.5)
            centre = centre.where(~inside, along.double())
            noise = torch.where(inside[..., None], self.radius, 1.0) * noise
        mean, spread = self.standard()
        z = noise[..., :1] + (centre - mean)[..., None].to(noise.dtype)
        scale = torch.as_tensor(spread, dtype=noise.dtype, device=noise.device)
        return torch.cat((z, noise[..., 1:]), dim=-1) / scale

    def terms(self, z: Tensor, square: Tensor) -> Tensor:
        """Log-densities of v's blobs, then of the tube, (..., K + 1), from ``v_1`` and the others' squares."""
        d, (places, masses) = self.dim, self.row()
        q = (z - torch.as_tensor(places, dtype=z.dtype, device=z.device)).square() + square
        if self.tail:
            half = 0.5 / self.tail
            constant = (
                special.gammaln(half + d / 2) - special.gammaln(half) - d / 2 * math.log(2 * half * math.pi)
            )
            blobs = constant - (half + d / 2) * (q * self.tail).log1p()
        else:
            blobs = -q / 2 - d / 2 * math.log(2 * math.pi)
        blobs = blobs + torch.as_tensor(np.log(masses), dtype=z.dtype, device=z.device)
        if not self.tube:
            return blobs
        constant = math.log(self.tube / self.length) - (d - 1) / 2 * math.log(2 * math.pi * self.radius**2)
        tube = constant + self._log_inside(z) - square / (2 * self.radius**2)
        return torch.cat((blobs, tube), dim=-1)

    def _log_inside(self, z: Tensor) -> Tensor:
        """Log of ``Phi((z + l/2) / radius) - Phi((z - l/2) / radius)``, which is even in z."""
        high, low = ((side * self.length / 2 - z.abs()) / self.radius for side in (1, -1))
        top = torch.special.log_ndtr(high)
        return top + torch.log1p(-(torch.special.log_ndtr(low) - top).exp())

    def log_prob(self, x: Tensor) -> Tensor:
        z, across = self._raw(x)
        inside = self.terms(z, across.square().sum(-1, keepdim=True)).logsumexp(-1)
        return inside + float(np.log(self.standard()[1]).sum())

    def score(self, x: Tensor) -> Tensor:
        z, across = self._raw(x)
        square = across.square().sum(-1, keepdim=True)
        share = self.terms(z, square).softmax(-1)
        places = torch.as_tensor(self.row()[0], dtype=x.dtype, device=x.device)
        offset = z - places
        # what Student's blobs pull less than normal ones, the farther the less
        pull = (
            (1 + self.tail * self.dim)
            / (1 + self.tail * (offset.square() + square))
            * share[..., : self.pieces]
        )
        along, beside = -(pull * offset).sum(-1, keepdim=True), -pull.sum(-1, keepdim=True)
        if self.tube:
            tube, ends = share[..., -1:], self._log_inside(z) + 0.5 * math.log(2 * math.pi)
            high, low = ((side * self.length / 2 - z.abs()) / self.radius for side in (1, -1))
            slope = (-low.square() / 2 - ends).exp() - (-high.square() / 2 - ends).exp()
            along = along + tube * z.sign() * slope / self.radius
            beside = beside - tube / self.radius**2
        scale = torch.as_tensor(self.standard()[1], dtype=x.dtype, device=x.device)
        return scale * torch.cat((along, beside * across), dim=-1)

    def cut(self) -> float:
        """Return the least density of ``x_1`` between the outer blobs: what a flat cut through the axis meets."""
        return least_cut(self)

    def facts(self) -> Facts:
        everywhere = "the support is the whole space"
        _, masses = self.row()
        return Facts(
            mean=Fact(np.zeros(self.dim)),
            covariance=Fact(np.eye(self.dim)),
            entropy=axial_entropy(self),
            mode_of=Fact(self._likeliest),
            labels=Fact(np.append(masses, self.tube) if self.tube else masses),
            support_distance=Fact(None, reason=everywhere),
            project=Fact(None, reason=everywhere),
            intrinsic_dimension=Fact(self.dim),
            topology=Fact(axial_topology(self)),
            tail_index=Fact(1 / self.tail if self.tail else math.inf),
            smoothness=Fact(math.inf),
            isoperimetric=self._isoperimetric(),
        )

    def _likeliest(self, x: Tensor) -> Tensor:
        z, across = self._raw(x)
        return self.terms(z, across.square().sum(-1, keepdim=True)).argmax(-1)

    def _isoperimetric(self) -> Fact:
        if self.tube:
            return Fact(None, reason="a tube joins the pieces: set bridge to 0")
        places, masses = self.row()
        nu = 1 / self.tail if self.tail else math.inf
        square = (
            stats.chi2.ppf(SHARE, self.dim) if nu == math.inf else self.dim * stats.f.ppf(SHARE, self.dim, nu)
        )
        gaps = (np.abs(places[:, None] - places) - 2 * square**0.5).clip(min=0) / self.standard()[1][0]
        np.fill_diagonal(gaps, 0)
        return Fact(Pieces(gaps, masses, f"the ellipsoids that hold {SHARE} of each blob"))

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        joined, apart = cls(dim, radius=1.0), cls(dim, bridge=0.0)

        def dial(
            law: Bridge, name: str, quantity: str, field: str, span: tuple, moves: str, *also: str
        ) -> Dial:
            held = ("mean", "covariance", "intrinsic_dimension", *also)
            return Dial(name, quantity, law, field, *span, moves, held)

        return [
            dial(
                joined, "connectedness", "mass of the tube", "bridge", (0, 0.3, "linear"), "cut", "tail_index"
            ),
            dial(apart, "modes", "number of modes", "pieces", (1, 8, "integers"), "topology.betti"),
            dial(apart, "separation", "distance of modes", "separation", (3, 12, "log"), "cut", "labels"),
            dial(
                apart,
                "imbalance",
                "weights of modes",
                "imbalance",
                (0, 3, "linear"),
                "labels",
                "topology.betti",
            ),
            dial(apart, "tails", "degrees of freedom", "tail", (0, 0.4, "linear"), "tail_index", "labels"),
        ]

    @classmethod
    def examples(cls) -> list[Bridge]:
        return [
            cls(),
            cls(dim=1, pieces=3, bridge=0.0, imbalance=1.0),
            cls(dim=3, pieces=3, radius=0.8, tail=0.2),
        ]

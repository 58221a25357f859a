"""A strictly convex potential: a quadratic form and a soft maximum of linear ones."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from gantheory.random import Key


class SoftMaximum(NamedTuple):
    """``phi(x) = ridge |x|^2 / 2 + t log sum_k exp((w_k.x + b_k) / t)``: w (K, d), b (K,), temperature t.

    Notation: pi_k the softmax of (w_k.x + b_k) / t, m = sum_k pi_k w_k.
    """

    slopes: Tensor
    offsets: Tensor
    ridge: float
    temperature: float

    def to(self, x: Tensor) -> SoftMaximum:
        """Return the same with the dtype and device of x."""
        return SoftMaximum(self.slopes.to(x), self.offsets.to(x), self.ridge, self.temperature)

    def _linear(self, x: Tensor) -> Tensor:
        return (x @ self.slopes.mT + self.offsets) / self.temperature

    def value(self, x: Tensor) -> Tensor:
        """Return phi (..., n) at points (..., n, d)."""
        return self.ridge * x.square().sum(-1) / 2 + self.temperature * self._linear(x).logsumexp(-1)

    def gradient(self, x: Tensor) -> Tensor:
        """Return ``ridge x + m`` (..., n, d)."""
        return self.ridge * x + self._linear(x).softmax(-1) @ self.slopes

    def hessian(self, x: Tensor) -> Tensor:
        """Return ``ridge I + sum_k pi_k (w_k - m)(w_k - m)' / t`` (..., n, d, d), positive definite."""
        share, apart = self._apart(x)
        eye = torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)
        return self.ridge * eye + (share.unsqueeze(-1) * apart).mT @ apart / self.temperature

    def _apart(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The shares pi (..., n, K) and w - m (..., n, K, d)."""
        share = self._linear(x).softmax(-1)
        return share, self.slopes - (share @ self.slopes).unsqueeze(-2)

    def log_det(self, x: Tensor) -> Tensor:
        """Return the logarithm of the Hessian's determinant, (..., n)."""
        factor = torch.linalg.cholesky(self.hessian(x))
        return 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_det_slope(self, x: Tensor) -> Tensor:
        """Return its gradient ``sum_k pi_k (w_k - m) (w_k - m)' H^-1 (w_k - m) / t^2`` (..., n, d)."""
        share, apart = self._apart(x)
        size = (torch.linalg.solve(self.hessian(x), apart.mT) * apart.mT).sum(-2)
        return ((share * size).unsqueeze(-2) @ apart).squeeze(-2) / self.temperature**2

    def inverse(self, y: Tensor) -> Tensor:
        """Return the point x with ``gradient(x) = y``, by Newton's method on ``phi(x) - x.y``, shortened where
        a full step does not lower it. Raises `ValueError` for points that are not finite."""
        if not bool(y.isfinite().all()):
            raise ValueError("y must be finite to be mapped back")
        with torch.no_grad():
            x = self._newton(y.detach())
        # two steps that autograd sees: from the solution, one makes its first derivative right, the next
        # all up to the third
        for _ in range(2):
            x = x - self._step(x, y)
        return x

    def _step(self, x: Tensor, y: Tensor) -> Tensor:
        off = (self.gradient(x) - y).unsqueeze(-1)
        return torch.linalg.solve(self.hessian(x), off).squeeze(-1)

    def _newton(self, y: Tensor, most: int = 200) -> Tensor:
        x = (y - self.slopes.mean(0)) / self.ridge
        near = 64 * torch.finfo(y.dtype).eps * (1 + y.abs().amax(-1) + self.slopes.abs().max())
        for _ in range(most):
            off = self.gradient(x) - y
            open_rows = off.abs().amax(-1) > near
            if not bool(open_rows.any()):
                break
            step, height = self._step(x, y), self.value(x) - (x * y).sum(-1)
            slope, length = (off * step).sum(-1), torch.ones_like(height)
            for _ in range(60):
                there = x - length.unsqueeze(-1) * step
                lower = self.value(there) - (there * y).sum(-1) <= height - length * slope / 4
                # close to the solution the heights are equal up to rounding, and full steps are right
                lower = lower | (slope <= 1e-10 * (1 + height.abs()))
                if bool(lower.all()):
                    break
                length = torch.where(lower, length, length / 2)
            x = torch.where(open_rows.unsqueeze(-1), x - length.unsqueeze(-1) * step, x)
        return x


@lru_cache(maxsize=64)
def drawn(pieces: int, d: int, strength: float, ridge: float, temperature: float, seed: int) -> SoftMaximum:
    """Return a potential with normal slopes of size strength, and normal offsets, from a seed."""
    key = Key(seed).child("potential").to(torch.float64)
    slopes = strength * key.child("slopes").normal(pieces, d)
    return SoftMaximum(slopes, strength * key.child("offsets").normal(pieces), ridge, temperature)

"""Sum-of-squares polynomial flows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gantheory.models.autoregressive_flow import AutoregressiveFlow
from gantheory.models.conditioners import Univariate, check_autoregressive
from gantheory.models.monotone import monotone_inverse


BOUND = 5.0
SLOPE = 1e-3


@dataclass(frozen=True)
class SOS(AutoregressiveFlow):
    """Autoregressive layers whose map of one coordinate is the integral of a sum of squared polynomials.

    Equation: ``z = c + integral from 0 to x of [ mean_k (1 + sum_l a_kl (u/5)^l)^2 + 0.001 ] du`` with ``squares``
    polynomials of degree ``degree``; c and all a are made by a masked network of the coordinates before. Beyond
    ``+- 5`` the map goes on as a line, so that tails are those of the base law (the paper's polynomial runs on,
    and powers pile up from layer to layer). One coordinate is found back by halving. ``passes`` as for `MAF`.

    Raises `ValueError` below one dimension, layer or polynomial, for a negative degree, or for passes outside 2 to
    dim.

    Reference: Jaini, Selby, Yu (2019).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = SOS(2, layers=2, hidden=(32,))
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 2)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 3  # type: ignore[assignment]
    hidden: tuple[int, ...] = (64, 64)  # type: ignore[assignment]
    squares: int = 3
    degree: int = 4
    passes: int | None = None  # type: ignore[assignment]

    def check(self) -> None:
        check_autoregressive("SOS", self.dim, self.layers, self.hidden, self.passes)
        if self.squares < 1 or self.degree < 0:
            raise ValueError(f"SOS needs a polynomial of degree 0 or more, got {self}")

    def univariate(self) -> Univariate:
        both = _Polynomials(self.squares, self.degree)
        return Univariate(self.squares * (self.degree + 1) + 1, both.forward, both.inverse)

    @classmethod
    def examples(cls) -> list[SOS]:
        return [cls(2, layers=2, hidden=(8,), squares=2, degree=2), cls(3, layers=1, hidden=(8,), degree=1)]


@dataclass(frozen=True)
class _Polynomials:
    squares: int
    degree: int

    def forward(self, phi: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        value, slope = self._map(phi, x)
        return value, slope.log()

    def inverse(self, phi: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        edge = torch.full_like(y, BOUND)
        (top, up), (bottom, down) = self._map(phi, edge), self._map(phi, -edge)
        inside = monotone_inverse(
            lambda x: self._map(phi, x), y.clamp(bottom.detach(), top.detach()), -edge, edge
        )
        above, below = edge + (y - top) / up, -edge + (y - bottom) / down
        x = torch.where(y > top, above, torch.where(y < bottom, below, inside))
        return x, -self._map(phi, x)[1].log()

    def _map(self, phi: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the map and its derivative: the polynomial at the nearest point of +- 5, and a line from there."""
        c, a = phi[..., 0], phi[..., 1:].unflatten(-1, (self.squares, self.degree + 1))
        a = torch.cat((a[..., :1] + 1, a[..., 1:]), dim=-1)
        near = x.clamp(-BOUND, BOUND)
        powers = [torch.ones_like(near)]
        for _ in range(self.degree):
            powers.append(powers[-1] * near / BOUND)
        # the squares' coefficients, a_l a_m of u^(l + m), and the powers that they go with
        pairs = (a[..., :, None] * a[..., None, :]).mean(-3)
        u = torch.stack(powers, dim=-1)
        terms = pairs * u[..., :, None] * u[..., None, :]
        ranks = torch.arange(self.degree + 1, dtype=x.dtype, device=x.device)
        square = terms.sum((-2, -1))
        integral = near * (terms / (ranks[:, None] + ranks + 1)).sum((-2, -1))
        slope = square + SLOPE
        return c + integral + SLOPE * near + slope * (x - near), slope

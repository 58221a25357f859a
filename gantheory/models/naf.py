"""Neural autoregressive flows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from gantheory.models.autoregressive_flow import AutoregressiveFlow
from gantheory.models.conditioners import Univariate, check_autoregressive
from gantheory.models.monotone import monotone_inverse


@dataclass(frozen=True)
class NAF(AutoregressiveFlow):
    """Autoregressive layers whose map of one coordinate is a small network of sigmoids, with positive weights.

    Equation: ``z = logit(sum_k p_k sigmoid(a_k x + b_k))`` with ``a_k > 0`` and p a distribution over ``units``
    sigmoids, all made by a masked network of the coordinates before (the paper's deep sigmoidal flow). One
    coordinate is found back by halving. ``passes`` as for `MAF`.

    Raises `ValueError` below one dimension, layer or unit, or for passes outside 2 to dim.

    Reference: Huang, Krueger, Lacoste, Courville (2018).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = NAF(2, layers=2, hidden=(32,), units=8)
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 2)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 3  # type: ignore[assignment]
    hidden: tuple[int, ...] = (64, 64)  # type: ignore[assignment]
    units: int = 16
    passes: int | None = None  # type: ignore[assignment]

    def check(self) -> None:
        check_autoregressive("NAF", self.dim, self.layers, self.hidden, self.passes)
        if self.units < 1:
            raise ValueError(f"NAF needs at least 1 unit, got {self.units}")

    def univariate(self) -> Univariate:
        return Univariate(3 * self.units, _forward, _inverse)

    @classmethod
    def examples(cls) -> list[NAF]:
        return [cls(2, layers=2, hidden=(8,), units=3), cls(3, layers=1, hidden=(8,), units=2, passes=2)]


def _forward(phi: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    log_p, a, b = _unpack(phi)
    c = a * x[..., None] + b
    up, down = logsigmoid(c), logsigmoid(-c)
    high, low = (
        (log_p + up).logsumexp(-1),
        (log_p + down).logsumexp(-1),
    )  # of the mixture, and of its complement
    return high - low, (log_p + up + down + a.log()).logsumexp(-1) - high - low


def _inverse(phi: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    _, a, b = _unpack(phi)
    at = (y[..., None] - b) / a  # where one sigmoid alone gives y: the mixture does in between

    def function(x: Tensor) -> tuple[Tensor, Tensor]:
        value, log_slope = _forward(phi, x)
        return value, log_slope.exp()

    x = monotone_inverse(function, y, at.min(-1).values, at.max(-1).values)
    return x, -_forward(phi, x)[1]


def _unpack(phi: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    p, a, b = phi.chunk(3, dim=-1)
    return torch.log_softmax(p, -1), softplus(a + 0.5413) + 1e-3, 4 * b  # softplus(0.5413) = 1

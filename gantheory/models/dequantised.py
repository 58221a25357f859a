"""Densities fitted to whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from gantheory.models.likelihood import Likelihood
from gantheory.models.mlp import perceptron
from gantheory.models.real_nvp import RealNVP


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Dequantised(Likelihood):
    """A model of whole numbers, made of a density: a whole number is a cell of side 1, its probability the cell's mass.

    Equation: ``P(x) = integral of q over [x, x + 1)^d``, of which ``log_prob`` draws the bound
    ``E_r [log q(x + u) - log r(u | x)] <= log P(x)``. With ``hidden=None``, r is uniform; else variational:
    ``u = sigmoid(m(x) + exp(s(x)) e)`` with e standard normal and m, s a network of x with these hidden widths. At
    the start m and s are 0. Samples are the density's, rounded down.

    Raises `ValueError` for a model that is a bound itself, or a width below 1.

    Reference: Theis, van den Oord, Bethge (2016), section 3.1; Ho, Chen, Srinivas, Duan, Abbeel (2019).

    Example:
        >>> from gantheory import Key, RealNVP
        >>> model = Dequantised(RealNVP(2, layers=2, hidden=(8,)))
        >>> w = model.init(Key(0))
        >>> x = model.sample(w, 5, Key(1))
        >>> bool((x == x.round()).all()), tuple(model.log_prob(w, x, model.draw(5, Key(2))).shape)
        (True, (5,))
    """

    model: Likelihood
    hidden: tuple[int, ...] | None = None

    likelihood: ClassVar[Literal["exact", "bound", "none"]] = "bound"
    draws: ClassVar[bool] = True

    def check(self) -> None:
        if self.model.likelihood != "exact":
            raise ValueError(f"Dequantised needs a model with an exact density, got {self.model}")
        if min(self.hidden or (1,)) < 1:
            raise ValueError(f"Dequantised needs widths of at least 1, got {self.hidden}")

    @property
    def dim(self) -> int:
        return self.model.dim

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.model.vectorised

    @property
    def sequential_depth(self) -> int:
        return self.model.sequential_depth

    @property
    def inputs(self) -> int | None:
        return self.model.inputs

    def build(self) -> nn.Module:
        return _WithDither(self.model, self.hidden)

    def init(self, key: Key) -> Tensor:
        w = super().init(key)  # the network's start; the model makes its own
        if self.hidden is not None:
            last = 2 * self.dim * ((self.hidden or (self.dim,))[-1] + 1)
            w = torch.cat((w[..., :-last], torch.zeros_like(w[..., -last:])), dim=-1)
        return torch.cat((self.model.init(key.child("model")), w[..., self.model.size :]), dim=-1)

    def noise(self, n: int, key: Key) -> Tensor:
        return self.model.noise(n, key)

    def __call__(self, w: Tensor, x: Tensor) -> Tensor:
        """Return the whole numbers made of noise ``x`` ``(n, inputs)``."""
        return self.model(w[..., : self.model.size], x).floor()

    def draw(self, n: int, key: Key) -> Tensor:
        return key.uniform(n, self.dim) if self.hidden is None else key.normal(n, self.dim)

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        if noise is None:
            raise ValueError("Dequantised draws its bound: give log_prob the numbers that draw(n, key) makes")
        u, log_r = noise, 0.0
        if self.hidden is not None:
            m, s = self.call(w, x, method="dither").chunk(2, dim=-1)
            y = m + s.exp() * noise
            u = torch.sigmoid(y)
            normal = -0.5 * noise.square() - 0.5 * math.log(2 * math.pi) - s
            log_r = (normal - logsigmoid(y) - logsigmoid(-y)).sum(-1)
        return self.model.log_prob(w[..., : self.model.size], x + u) - log_r

    @classmethod
    def examples(cls) -> list[Dequantised]:
        flow = RealNVP(2, layers=2, hidden=(4,))
        return [cls(flow), cls(flow, hidden=(4,))]


class _WithDither(nn.Module):
    def __init__(self, model: Likelihood, hidden: tuple[int, ...] | None):
        super().__init__()
        self.model = model.build()
        self.network = None if hidden is None else perceptron(model.dim, hidden, 2 * model.dim, "tanh")

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self.model(*inputs)

    def dither(self, x: Tensor) -> Tensor:
        if self.network is None:
            raise ValueError("uniform noise has no network")
        return self.network(x)

"""Masked autoencoders for density estimation."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from gantheory.models.chain import Chain
from gantheory.models.coordinate_law import CoordinateLaw, Kind
from gantheory.models.likelihood import Likelihood
from gantheory.models.masked import masked_perceptron


@dataclass(frozen=True)
class MADE(Likelihood):
    """An autoregressive model: every coordinate has a law whose parameters a masked network makes of those before.

    Equation: ``q(x) = prod_i q_i(x_i | x_1 .. x_(i-1))``, each q_i a mixture of ``components`` "gaussian" or
    "logistic" laws. With ``levels``, points are whole numbers from 0 to ``levels - 1``, and q_i is the mass that
    the logistic mixture puts on the unit interval around x_i, the first and last one with the tails, or
    "categorical": free probabilities. A density takes one pass of the network, a sample dim of them, one after
    the other.

    Raises `ValueError` below one dimension, for a width below 1, or levels and components that do not fit.

    Reference: Germain, Gregor, Murray, Larochelle (2015); Salimans, Karpathy, Chen, Kingma (2017) for the
    discretised mixture.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> model = MADE(2, hidden=(32, 32), components=4)
        >>> w = model.init(Key(0))
        >>> tuple(model.log_prob(w, torch.zeros(5, 2)).shape), model.sequential_depth
        ((5,), 2)
    """

    dim: int
    hidden: tuple[int, ...] = (64, 64)
    conditional: Kind = "gaussian"
    components: int = 1
    levels: int | None = None  # type: ignore[assignment]

    def check(self) -> None:
        if min(self.dim, *self.hidden) < 1:
            raise ValueError(f"MADE needs a dimension and widths of at least 1, got {self}")
        self.law  # noqa: B018 (it checks itself)

    @property
    def law(self) -> CoordinateLaw:
        """The law of one coordinate."""
        return CoordinateLaw(self.conditional, self.components, self.levels)

    @property
    def inputs(self) -> int:
        return self.dim * self.law.noise

    @property
    def sequential_depth(self) -> int:
        return self.dim

    def build(self) -> nn.Module:
        return Chain(self.dim, masked_perceptron(self.dim, self.hidden, self.law.size), self.law)

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        return self.call(w, x, method="log_prob")

    @classmethod
    def examples(cls) -> list[MADE]:
        return [
            cls(2, hidden=(8, 8), components=2),
            cls(3, hidden=(6,), conditional="logistic"),
            cls(2, hidden=(6,), conditional="logistic", components=2, levels=5),
            cls(3, hidden=(6,), conditional="categorical", levels=3),
        ]

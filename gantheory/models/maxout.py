"""Maxout networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, nn

from gantheory.models.initial import Initialisation, check_gain, draw_initial
from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Maxout(Model):
    """A perceptron whose hidden units are the largest of several linear pieces, linear at the end.

    Equation: ``h_i = max_j (W_ij . x + b_ij)`` over ``pieces`` j: convex and piecewise linear in the inputs of
    its layer. ``initialisation`` and ``gain`` are those of `MLP`. Raises `ValueError` for a width or a number of
    pieces below 1, or a gain that is not positive.

    Reference: Goodfellow, Warde-Farley, Mirza, Courville, Bengio (2013); Lin et al. (2018), whose critics
    have 5 pieces.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> critic = Maxout(4, (200, 200, 200), 1, pieces=5)
        >>> critic.size
        407201
    """

    inputs: int  # type: ignore[assignment]
    hidden: tuple[int, ...]
    outputs: int  # type: ignore[assignment]
    pieces: int = 5
    initialisation: Initialisation = "uniform"
    gain: float | None = None

    def check(self) -> None:
        if min(self.inputs, self.outputs, self.pieces, *self.hidden) < 1:
            raise ValueError(f"Maxout needs widths and pieces of at least 1, got {self}")
        check_gain("Maxout", self.gain)

    def build(self) -> nn.Module:
        widths = (self.inputs, *self.hidden)
        layers: list[nn.Module] = []
        for a, b in zip(widths, self.hidden):
            layers += [nn.Linear(a, b * self.pieces), _Largest(self.pieces)]
        return nn.Sequential(*layers, nn.Linear(widths[-1], self.outputs))

    def initial(self, name: str, shape: tuple[int, ...], fan_in: int, key: Key) -> Tensor:
        return draw_initial(self.initialisation, self.gain, shape, fan_in, key)

    @classmethod
    def examples(cls) -> list[Maxout]:
        return [cls(2, (4, 3), 1, pieces=2), cls(2, (3,), 2, initialisation="normal", gain=0.5)]


class _Largest(nn.Module):
    """The largest of every so many neighbours."""

    def __init__(self, pieces: int):
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, self.pieces)).max(-1).values

"""Masked autoregressive flows."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from gantheory.models.conditioners import Autoregressive, check_autoregressive, groups, transform_of, zuko
from gantheory.models.flow import Flow


@dataclass(frozen=True)
class MAF(Flow):
    """Autoregressive layers whose map of one coordinate is affine.

    Equation: ``z_i = x_i exp(s_i) + t_i`` with s_i and t_i made by a masked network of the coordinates before
    i; the order is reversed from layer to layer. A density takes one pass a layer, a sample as many as there are
    groups of coordinates: with ``passes`` below dim, coordinates of a group do not see each other, from
    `None`, dim groups, to 2, which is coupling. The number of parameters stays the same.

    The masked networks are zuko's; s is kept within ``+- log 1000``. Raises `ValueError` below two dimensions or
    one layer, or for passes outside 2 to dim.

    Reference: Papamakarios, Pavlakou, Murray (2017); Germain, Gregor, Murray, Larochelle (2015) for the masks.

    Example:
        >>> from gantheory import Key
        >>> flow, coupling = MAF(4, layers=3, hidden=(16,)), MAF(4, layers=3, hidden=(16,), passes=2)
        >>> flow.sequential_depth, coupling.sequential_depth, flow.size == coupling.size
        (12, 6, True)
    """

    dim: int  # type: ignore[assignment]
    layers: int = 3
    hidden: tuple[int, ...] = (64, 64)
    passes: int | None = None

    def check(self) -> None:
        check_autoregressive("MAF", self.dim, self.layers, self.hidden, self.passes)

    @property
    def sequential_depth(self) -> int:
        return self.layers * groups(self.dim, self.passes)

    @property
    def density_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        affine = transform_of(zuko().transforms.MonotonicAffineTransform, 0, 0)
        return Autoregressive(self.dim, self.layers, self.hidden, self.passes, affine)

    @classmethod
    def examples(cls) -> list[MAF]:
        return [cls(2, layers=2, hidden=(8,)), cls(3, layers=2, hidden=(8, 8), passes=2)]

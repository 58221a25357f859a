"""Masked autoregressive flows."""

from __future__ import annotations

from dataclasses import dataclass

from gantheory.models.autoregressive_flow import AutoregressiveFlow
from gantheory.models.conditioners import Univariate, check_autoregressive, transform_of, zuko


@dataclass(frozen=True)
class MAF(AutoregressiveFlow):
    """Autoregressive layers whose map of one coordinate is affine.

    Equation: ``z_i = x_i exp(s_i) + t_i`` with s_i and t_i made by a masked network of the coordinates before
    i; the order is reversed from layer to layer. A density takes one pass a layer, a sample as many as there are
    groups of coordinates: with ``passes`` below dim, coordinates of a group do not see each other, from
    `None`, dim groups, to 2, which is coupling. The number of parameters stays the same.

    The affine map is zuko's, with s within ``+- log 1000``. Raises `ValueError` below one dimension or layer, or
    for passes outside 2 to dim.

    Reference: Papamakarios, Pavlakou, Murray (2017); Germain, Gregor, Murray, Larochelle (2015) for the masks.

    Example:
        >>> from gantheory import Key
        >>> flow, coupling = MAF(4, layers=3, hidden=(16,)), MAF(4, layers=3, hidden=(16,), passes=2)
        >>> flow.sequential_depth, coupling.sequential_depth, flow.size == coupling.size
        (12, 6, True)
    """

    dim: int  # type: ignore[assignment]
    layers: int = 3  # type: ignore[assignment]
    hidden: tuple[int, ...] = (64, 64)  # type: ignore[assignment]
    passes: int | None = None  # type: ignore[assignment]

    def check(self) -> None:
        check_autoregressive("MAF", self.dim, self.layers, self.hidden, self.passes)

    def univariate(self) -> Univariate:
        return transform_of(zuko().transforms.MonotonicAffineTransform, 0, 0)

    @classmethod
    def examples(cls) -> list[MAF]:
        return [cls(2, layers=2, hidden=(8,)), cls(3, layers=2, hidden=(8, 8), passes=2)]

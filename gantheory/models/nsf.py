"""Neural spline flows."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from gantheory.models.conditioners import Autoregressive, check_autoregressive, groups, transform_of, zuko
from gantheory.models.flow import Flow


@dataclass(frozen=True)
class NSF(Flow):
    """Autoregressive layers whose map of one coordinate is a monotone rational-quadratic spline.

    The spline has ``bins`` pieces on [-5, 5], slopes of at least 1e-3 at its knots, and is the identity
    outside: data should lie within a few units of 0, and tails are those of the base law. Widths, heights and
    slopes are made by a masked network of the coordinates before; ``passes`` goes from 2, which is
    coupling, to dim, at equal parameters, as for `MAF`.

    The networks and the spline are zuko's. Raises `ValueError` below two dimensions, one layer or two bins, or for
    passes outside 2 to dim.

    Reference: Durkan, Bekasov, Murray, Papamakarios (2019).

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> flow = NSF(2, layers=3, hidden=(64, 64))
        >>> w = flow.init(Key(0))
        >>> tuple(flow.log_prob(w, torch.zeros(5, 2)).shape), tuple(flow.sample(w, 5, Key(1)).shape)
        ((5,), (5, 2))
    """

    dim: int  # type: ignore[assignment]
    layers: int = 3
    hidden: tuple[int, ...] = (64, 64)
    bins: int = 8
    passes: int | None = None

    def check(self) -> None:
        check_autoregressive("NSF", self.dim, self.layers, self.hidden, self.passes)
        if self.bins < 2:
            raise ValueError(f"NSF needs at least 2 bins, got {self.bins}")

    @property
    def sequential_depth(self) -> int:
        return self.layers * groups(self.dim, self.passes)

    @property
    def density_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        spline = transform_of(zuko().transforms.MonotonicRQSTransform, self.bins, self.bins, self.bins - 1)
        return Autoregressive(self.dim, self.layers, self.hidden, self.passes, spline)

    @classmethod
    def examples(cls) -> list[NSF]:
        return [cls(2, layers=2, hidden=(8,), bins=4), cls(4, layers=1, hidden=(8,), bins=3, passes=2)]

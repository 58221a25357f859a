"""Neural spline flows."""

from __future__ import annotations

from dataclasses import dataclass

from gantheory.models.autoregressive_flow import AutoregressiveFlow
from gantheory.models.conditioners import Univariate, check_autoregressive, transform_of, zuko


@dataclass(frozen=True)
class NSF(AutoregressiveFlow):
    """Autoregressive layers whose map of one coordinate is a monotone rational-quadratic spline.

    The spline has ``bins`` pieces on [-5, 5], slopes of at least 1e-3 at its knots, and is the identity
    outside: data should lie within a few units of 0, and tails are those of the base law. Widths, heights and
    slopes are made by a masked network of the coordinates before; ``passes`` goes from 2, which is
    coupling, to dim, at equal parameters, as for `MAF`.

    The spline is zuko's. Raises `ValueError` below one dimension or layer, or two bins, or for passes outside 2 to
    dim.

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
    layers: int = 3  # type: ignore[assignment]
    hidden: tuple[int, ...] = (64, 64)  # type: ignore[assignment]
    bins: int = 8
    passes: int | None = None  # type: ignore[assignment]

    def check(self) -> None:
        check_autoregressive("NSF", self.dim, self.layers, self.hidden, self.passes)
        if self.bins < 2:
            raise ValueError(f"NSF needs at least 2 bins, got {self.bins}")

    def univariate(self) -> Univariate:
        return transform_of(zuko().transforms.MonotonicRQSTransform, self.bins, self.bins, self.bins - 1)

    @classmethod
    def examples(cls) -> list[NSF]:
        return [
            cls(2, layers=2, hidden=(8,), bins=4),
            cls(1, layers=2, hidden=(4,), bins=3),
            cls(4, layers=1, hidden=(8,), bins=3, passes=2),
        ]

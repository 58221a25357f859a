"""How many linear pieces a network can have along a line, and how far it stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.normal_laws import Points, points
from gantheory.models import MLP
from gantheory.random import Key


Network = tuple[tuple[int, ...], tuple[float, ...]]
"""Widths of the hidden layers, and their weights and biases, layer by layer."""


@dataclass(frozen=True)
class LinePieces(Claim):
    """Along a line, layers of ReLU units make at most ``prod (n + 1)`` pieces.

    The neighbour allows no more than all the units could make in one layer (``layered=False``).

    Reference: Montufar, Pascanu, Cho, Bengio (2014); Telgarsky (2015).

    Example:
        >>> LinePieces().predicted(((2, 2), (1.0, 1.0, 0.0, -0.5, 2.0, -4.0, 2.0, -4.0, 0.0, -0.5)))
        9
    """

    layered: bool = True

    part: ClassVar[str] = "G09"
    statement: ClassVar[str] = (
        "A line crosses at most prod (n_l + 1) regions in each of which all ReLU units of layers of widths n_l stay on "
        "or stay off; one layer of n units makes n + 1"
    )
    latex: ClassVar[str] = r"\#\,\text{regions on a line} \le \textstyle\prod_l (n_l + 1)"
    reference: ClassVar[str] = "Montufar, Pascanu, Cho, Bengio (2014); Telgarsky (2015); Raghu et al. (2017)"
    assumptions: ClassVar[str] = "the layers are dense, and the units piecewise linear with one kink"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="

    def instances(self) -> st.SearchStrategy[Network]:
        number = st.integers(-20, 20).map(lambda k: k / 10)

        def weights(widths: tuple[int, ...]) -> st.SearchStrategy[Network]:
            size = sum((n + 1) * m for n, m in zip((1, *widths), widths))
            return st.tuples(st.just(widths), st.tuples(*[number] * size))

        free = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple).flatmap(weights)
        return st.integers(1, 8).map(_spread) | st.integers(1, 6).map(_tents) | free

    def predicted(self, instance: Network) -> int:
        widths = instance[0]
        return theory.relu_pieces(widths if self.layered else (sum(widths),))

    def observed(self, instance: Network, key: Key) -> int:
        """Go through the layers: between the kinks so far, what a unit gets is linear, and shows where its own is."""
        widths, w = instance[0], torch.tensor(instance[1], dtype=torch.float64)
        z = torch.tensor([-1e4, 1e4], dtype=torch.float64)
        for depth, width in enumerate(widths):
            before = MLP(1, widths[:depth], width)
            gets = before(w[: before.size], z[:, None])
            low, high, gap = gets[:-1], gets[1:], (z[1:] - z[:-1])[:, None]
            kinks = (z[:-1, None] + gap * low / (low - high))[low * high < 0]
            z = torch.cat([z, kinks]).sort().values
            z = z[torch.cat([torch.tensor([True]), z.diff() > 1e-9])]
        return len(z) - 1

    def curve(self) -> Curve:
        return Curve("units", tuple(range(1, 9)), lambda n: _spread(int(n)))

    @property
    def neighbour(self) -> LinePieces | None:
        return self.replace(layered=False) if self.layered else None

    @classmethod
    def examples(cls) -> tuple[LinePieces, ...]:
        return (cls(),)


def _spread(units: int) -> Network:
    """Return one layer whose kinks all differ."""
    return (units,), (*[1.0] * units, *(-float(i) for i in range(units)))


def _tents(layers: int) -> Network:
    later: Sequence[float] = (2.0, -4.0, 2.0, -4.0, 0.0, -0.5)
    return (2,) * layers, (1.0, 1.0, 0.0, -0.5, *later * (layers - 1))


@dataclass(frozen=True)
class StretchRange(Claim):
    """A linear generator stretches squared lengths by no less and no more than the eigenvalues of ``J'J``.

    Both sides list the factor, then minus the factor. The neighbour takes their mean for both ends
    (``ends="mean"``).

    Reference: Odena et al. (2018).

    Example:
        >>> StretchRange().predicted((((3.0, 0.0), (0.0, 1.0)), (1.0, 0.0))).tolist()
        [9.0, -1.0]
    """

    ends: Literal["own", "mean"] = "own"

    part: ClassVar[str] = "G10"
    statement: ClassVar[str] = (
        "|G(z + d) - G(z)|^2/|d|^2 lies between the least and the largest eigenvalue of J'J for every d"
    )
    latex: ClassVar[str] = (
        r"\lambda_{\min}(J^\top J) \le \frac{|G(z + d) - G(z)|^2}{|d|^2} \le \lambda_{\max}(J^\top J)"
    )
    reference: ClassVar[str] = "Odena et al. (2018)"
    assumptions: ClassVar[str] = "a linear generator"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Points, tuple[float, ...]]]:
        def drawn(size: tuple[int, int]) -> st.SearchStrategy[tuple[Points, tuple[float, ...]]]:
            m, n = size
            return st.tuples(points(n, m), points(n, 1).map(lambda rows: rows[0]).filter(any))

        # with one column both ends are reached
        return st.tuples(st.integers(1, 3), st.integers(1, 2)).flatmap(drawn)

    def predicted(self, instance: tuple[Points, tuple[float, ...]]) -> np.ndarray:
        low, high = theory.stretch_range(instance[0])
        mean = (low + high) / 2
        return np.array([high, -low] if self.ends == "own" else [mean, -mean])

    def observed(self, instance: tuple[Points, tuple[float, ...]], key: Key) -> np.ndarray:
        J, d = (torch.tensor(part, dtype=torch.float64) for part in instance)
        generator = MLP(J.shape[1], (), J.shape[0])
        w = torch.cat([J.flatten(), torch.zeros(len(J), dtype=torch.float64)])
        z = key.normal(1, len(d), dtype=torch.float64)
        factor = ((generator(w, z + d) - generator(w, z)).square().sum() / d.square().sum()).item()
        return np.array([factor, -factor])

    @property
    def neighbour(self) -> StretchRange | None:
        return self.replace(ends="mean") if self.ends == "own" else None

    @classmethod
    def examples(cls) -> tuple[StretchRange, ...]:
        return (cls(),)

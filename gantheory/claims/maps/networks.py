"""What depth makes, and how generators stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.normal_laws import Points, points
from gantheory.models import MLP
from gantheory.random import Key


@dataclass(frozen=True)
class TentPieces(Claim):
    """A network of k layers of two ReLU units makes ``2^k`` linear pieces.

    The neighbour puts the same units in one layer (``deep=False``), which makes no more than 2k + 1.

    Reference: Telgarsky (2015).

    Example:
        >>> TentPieces().predicted(5)
        32
    """

    deep: bool = True

    part: ClassVar[str] = "G09"
    statement: ClassVar[str] = (
        "The tent map composed k times, a network of k layers of two ReLU units, has 2^k linear pieces on [0, 1]"
    )
    latex: ClassVar[str] = r"\#\,\text{pieces of } \underbrace{t \circ \dots \circ t}_k = 2^k"
    reference: ClassVar[str] = "Telgarsky (2015); Montufar, Pascanu, Cho, Bengio (2014)"
    assumptions: ClassVar[str] = "the units stand in layers"
    kind: ClassVar[Kind] = "existence"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(1, 9)

    def predicted(self, instance: int) -> int:
        return theory.tent_pieces(instance)

    def observed(self, instance: int, key: Key) -> int:
        """Count the changes of slope along a grid that holds every kink."""
        cells = 2 ** (instance + 1) if self.deep else 2 * instance + 1
        x = torch.linspace(0, 1, cells + 1, dtype=torch.float64)[:, None]
        network, w = _tents(instance) if self.deep else _zigzag(instance)
        slopes = network(w, x)[:, 0].diff() * cells
        return int((slopes.diff().abs() > 1e-6).sum()) + 1

    def curve(self) -> Curve:
        return Curve("layers", tuple(range(1, 10)), lambda k: int(k), log="y")

    @property
    def neighbour(self) -> TentPieces | None:
        return self.replace(deep=False) if self.deep else None

    @classmethod
    def examples(cls) -> tuple[TentPieces, ...]:
        return (cls(),)


def _tents(layers: int) -> tuple[MLP, Tensor]:
    """Return the network with ``t(x) = 2 relu(x) - 4 relu(x - 1/2)`` in every layer."""
    first, later = [1.0, 1.0, 0.0, -0.5], [2.0, -4.0, 2.0, -4.0, 0.0, -0.5]
    w = first + later * (layers - 1) + [2.0, -4.0, 0.0]
    return MLP(1, (2,) * layers, 1), torch.tensor(w, dtype=torch.float64)


def _zigzag(layers: int) -> tuple[MLP, Tensor]:
    """Return one layer of as many units, whose kinks are evenly spaced and turn up and down."""
    units = 2 * layers
    kinks = [-(i + 1) / (units + 1) for i in range(units)]
    w = [1.0] * units + kinks + [(-1.0) ** i for i in range(units)] + [0.0]
    return MLP(1, (units,), 1), torch.tensor(w, dtype=torch.float64)


@dataclass(frozen=True)
class MeanStretch(Claim):
    """Averaged over directions, a linear generator stretches squared lengths by ``tr(J'J)/n``.

    The neighbour takes the geometric mean of the squared singular values (``mean="geometric"``).

    Reference: Odena et al. (2018).

    Example:
        >>> MeanStretch().predicted(((3.0, 0.0), (0.0, 1.0)))
        5.0
    """

    mean: Literal["arithmetic", "geometric"] = "arithmetic"

    part: ClassVar[str] = "G10"
    statement: ClassVar[str] = (
        "|G(z + d) - G(z)|^2/|d|^2 lies between the eigenvalues of J'J, and its mean over directions is their mean"
    )
    latex: ClassVar[str] = r"E_d\,\frac{|G(z + d) - G(z)|^2}{|d|^2} = \frac{\mathrm{tr}\, J^\top J}{n}"
    reference: ClassVar[str] = "Odena et al. (2018)"
    assumptions: ClassVar[str] = "a linear generator"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[Points]:
        return st.tuples(st.integers(1, 3), st.integers(1, 4)).flatmap(lambda size: points(*size))

    def predicted(self, instance: Points) -> float:
        if self.mean == "arithmetic":
            return theory.mean_stretch(instance)
        J = np.array(instance)
        return float(np.exp(np.log(np.maximum(np.linalg.eigvalsh(J.T @ J), 1e-300)).mean()))

    def observed(self, instance: Points, key: Key) -> float:
        """Move the noise of the library's linear network along an orthonormal basis that is turned at random."""
        J = torch.tensor(instance, dtype=torch.float64)
        generator = MLP(J.shape[1], (), J.shape[0])
        w = torch.cat([J.flatten(), torch.zeros(len(J), dtype=torch.float64)])
        n = J.shape[1]
        z, frame = key.child("z").normal(1, n).double(), key.child("frame").normal(n, n).double()
        moves = torch.linalg.qr(frame)[0].T
        return (generator(w, z + moves) - generator(w, z)).square().sum(-1).mean().item()

    @property
    def neighbour(self) -> MeanStretch | None:
        return self.replace(mean="geometric") if self.mean == "arithmetic" else None

    @classmethod
    def examples(cls) -> tuple[MeanStretch, ...]:
        return (cls(),)

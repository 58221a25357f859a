"""Volumes of coupling layers and of 1x1 convolutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import conv2d

from gantheory import theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.models import NICE, Flow, RealNVP
from gantheory.random import Key


def _log_det(map_, at: Tensor) -> float:
    """Return the log-determinant of the Jacobian of a map of arrays of one shape, by differentiation."""
    jacobian = torch.autograd.functional.jacobian(map_, at)
    return torch.linalg.slogdet(torch.as_tensor(jacobian).reshape(at.numel(), at.numel()))[1].item()


@dataclass(frozen=True)
class PointwiseVolume(Claim):
    """A 1x1 convolution multiplies volumes by its determinant at every site.

    The neighbour counts one site (``sites="one"``).

    Reference: Kingma, Dhariwal (2018).

    Example:
        >>> round(PointwiseVolume().predicted((((2.0, 0.0), (0.0, 1.0)), 2, 2)), 6)
        2.772589
    """

    sites: Literal["all", "one"] = "all"

    part: ClassVar[str] = "G01"
    statement: ClassVar[str] = (
        "A 1x1 convolution of c channels with the matrix W multiplies the volume of pictures of h x w sites by "
        "|det W| to the power h w"
    )
    latex: ClassVar[str] = r"\log\Big|\det\frac{\partial\, W * x}{\partial x}\Big| = h\, w \log|\det W|"
    reference: ClassVar[str] = "Kingma, Dhariwal (2018)"
    assumptions: ClassVar[str] = "as many channels leave as enter"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[Points, int, int]]:
        def regular(W: Points) -> bool:
            return abs(np.linalg.det(np.array(W))) > 0.01

        matrices = st.integers(1, 3).flatmap(lambda c: points(c, c)).filter(regular)
        return st.tuples(matrices, st.integers(1, 3), st.integers(1, 2))

    def predicted(self, instance: tuple[Points, int, int]) -> float:
        W, height, width = instance
        return theory.pointwise_log_det(W, height * width if self.sites == "all" else 1)

    def observed(self, instance: tuple[Points, int, int], key: Key) -> float:
        W, height, width = torch.tensor(instance[0], dtype=torch.float64), *instance[1:]
        x = key.normal(1, len(W) * height * width, dtype=torch.float64).reshape(1, len(W), height, width)
        return _log_det(lambda picture: conv2d(picture, W[..., None, None]), x)

    @property
    def neighbour(self) -> PointwiseVolume | None:
        return self.replace(sites="one") if self.sites == "all" else None

    @classmethod
    def examples(cls) -> tuple[PointwiseVolume, ...]:
        return (cls(),)


Layer = tuple[Points, tuple[float, ...], Points]
"""Weights and biases that make log-scales, then shifts, of the coordinates kept, and points."""


@dataclass(frozen=True)
class CouplingVolume(Claim):
    """An affine coupling multiplies volumes by the product of its scales, at the point.

    Both sides list one number a point twice: as the flow says and as its Jacobian is. The neighbour takes the
    coupling for additive (``scaled=False``).

    Reference: Dinh, Sohl-Dickstein, Bengio (2017).

    Example:
        >>> layer = ((1.0,), (0.0,)), (0.0, 0.0), ((0.5, 2.0),)
        >>> CouplingVolume().predicted(layer).round(6).tolist()
        [0.495421, 0.495421]
    """

    scaled: bool = True

    part: ClassVar[str] = "G01"
    statement: ClassVar[str] = (
        "The logarithm of the Jacobian determinant of an affine coupling layer is the sum of its log-scales, whatever "
        "its shifts"
    )
    latex: ClassVar[str] = (
        r"z_a = x_a,\quad z_b = x_b\, e^{s(x_a)} + t(x_a)\;\Rightarrow\;"
        r"\log\Big|\det\frac{\partial z}{\partial x}\Big| = \textstyle\sum_i s_i(x_a)"
    )
    reference: ClassVar[str] = "Dinh, Sohl-Dickstein, Bengio (2017)"
    assumptions: ClassVar[str] = "scales and shifts depend on the coordinates kept alone"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-8

    def instances(self) -> st.SearchStrategy[Layer]:
        number = st.integers(-20, 20).map(lambda k: k / 10)

        def layer(d: int) -> st.SearchStrategy[Layer]:
            moved = d - d // 2
            return st.tuples(points(d // 2, 2 * moved), st.tuples(*[number] * 2 * moved), points(d, 3))

        return st.integers(2, 4).flatmap(layer)

    def predicted(self, instance: Layer) -> np.ndarray:
        weight, bias, x = (np.array(part) for part in instance)
        kept = x[:, : x.shape[1] // 2]
        moved = len(weight) // 2 if self.scaled else 0
        return np.tile(theory.coupling_log_det(kept, weight[:moved], bias[:moved]), 2)

    def observed(self, instance: Layer, key: Key) -> np.ndarray:
        """Ask the library's flow of one layer without hidden units: weights, then biases."""
        weight, bias, x = (torch.tensor(part, dtype=torch.float64) for part in instance)
        flow, w = RealNVP(x.shape[1], layers=1, hidden=()), torch.cat([weight.flatten(), bias])
        said = flow.call(w, x)[1].tolist()
        # the coordinates come out reversed, which changes a determinant's sign only
        return np.array([*said, *(_log_det(lambda point: flow.call(w, point[None])[0][0], at) for at in x)])

    @property
    def neighbour(self) -> CouplingVolume | None:
        return self.replace(scaled=False) if self.scaled else None

    @classmethod
    def examples(cls) -> tuple[CouplingVolume, ...]:
        return (cls(),)


@dataclass(frozen=True)
class CouplingPeak(Claim):
    """However its networks are trained, an additive flow has no density above its base's peak.

    The neighbour's couplings scale (``flow="affine"``).

    Reference: Dinh, Krueger, Bengio (2015).

    Example:
        >>> round(CouplingPeak().predicted((2, 0)), 6)
        -1.837877
    """

    flow: Literal["additive", "affine"] = "additive"

    part: ClassVar[str] = "G01"
    statement: ClassVar[str] = (
        "The largest density of a flow of additive coupling networks is (2 pi)^{-d/2}, whatever their weights: no "
        "data of small volume have a likelihood that does them justice"
    )
    latex: ClassVar[str] = r"\sup_x \log p_X(x) = -\tfrac d2 \log 2\pi"
    reference: ClassVar[str] = "Dinh, Krueger, Bengio (2015)"
    assumptions: ClassVar[str] = "no scaling of coordinates at the end"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[tuple[int, int]]:
        """Dimension, and a seed of weights."""
        return st.tuples(st.integers(2, 4), st.integers(0, 999))

    def predicted(self, instance: tuple[int, int]) -> float:
        return theory.gaussian_peak(instance[0])

    def observed(self, instance: tuple[int, int], key: Key) -> float:
        """Return the largest log density of a flow with random weights at data, and where it puts the base's mode."""
        d, seed = instance
        flow: Flow = NICE(d, 2, (4,)) if self.flow == "additive" else RealNVP(d, 2, (4,))
        w = Key(seed).normal(flow.size, dtype=torch.float64)
        if self.flow == "additive":
            w[:d] = 0  # the scaling at the end comes first among the parameters
        mode = flow.inverse(w, torch.zeros(1, d, dtype=torch.float64))
        x = torch.cat([mode, key.normal(20, d, dtype=torch.float64)])
        return flow.log_prob(w, x).max().item()

    @property
    def neighbour(self) -> CouplingPeak | None:
        return self.replace(flow="affine") if self.flow == "additive" else None

    @classmethod
    def examples(cls) -> tuple[CouplingPeak, ...]:
        return (cls(),)

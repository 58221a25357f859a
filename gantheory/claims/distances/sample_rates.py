"""How fast transport costs of samples near those of their laws, with entropy and without."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.claims.normal_laws import law
from gantheory.distributions import UniformBox
from gantheory.estimate import Estimate
from gantheory.random import Key


Sampled = tuple[int, float, float, int]
"""Dimension, shift of the means and ratio of the deviations in every coordinate, and points of each law."""

EPSILON = 10.0


@dataclass(frozen=True)
class EntropicRate(Claim):
    """The entropic cost of samples nears that of the laws as ``n^{-1/2}``, in every dimension.

    The neighbour lets it fall as ``n^{-1/d}``, as transport without entropy does (``falls="by dimension"``).

    Reference: Genevay, Chizat, Bach, Cuturi, Peyre (2019); Mena, Niles-Weed (2019).

    Example:
        >>> round(EntropicRate().predicted((5, 0.5, 1.0, 100)), 4)
        0.48
    """

    falls: Literal["as a root", "by dimension"] = "as a root"

    part: ClassVar[str] = "F05"
    statement: ClassVar[str] = (
        "The entropic transport cost between n points of each of two Gaussians differs from that of the laws by "
        "((Var f(X) + Var g(Y))/n)^{1/2} in the root mean square, f and g the potentials: the rate n^{-1/2} does "
        "not depend on the dimension"
    )
    latex: ClassVar[str] = (
        r"\Big(E\big[\mathrm{OT}_\epsilon(\hat p_n, \hat q_n) - \mathrm{OT}_\epsilon(p, q)\big]^2\Big)^{1/2} \simeq "
        r"\sqrt{\frac{\mathrm{Var} f(X) + \mathrm{Var}\, g(Y)}{n}}"
    )
    reference: ClassVar[str] = (
        "Genevay, Chizat, Bach, Cuturi, Peyre (2019), theorem 3, for the rate; Mena, Niles-Weed (2019)"
    )
    assumptions: ClassVar[str] = "epsilon stays at 10 as n grows; the entropy is relative to the product"
    kind: ClassVar[Kind] = "law"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.1  # few points, and few samples of them

    def instances(self) -> st.SearchStrategy[Sampled]:
        return st.sampled_from(((3, 0.5, 1.0, 24), (3, 0.0, 1.5, 48), (5, 1.0, 0.5, 24), (5, 0.5, 1.0, 48)))

    def predicted(self, instance: Sampled) -> float:
        d, shift, ratio, n = instance
        error = theory.entropic_fluctuation([shift] * d, 1.0, ratio, epsilon=EPSILON, size=n)
        return error if self.falls == "as a root" else error * n ** (1 / 2 - 1 / d)

    def observed(self, instance: Sampled, key: Key) -> Estimate:
        """Compare with the cost of the laws, which is a sum over coordinates, solved for on a line of points."""
        d, shift, ratio, n = instance
        runs = 5000
        x, y = (key.child(i).split(runs).normal(n, d) for i in range(2))
        found = ops.sinkhorn(shift + x, ratio * y, epsilon=EPSILON, tolerance=0.03).value
        square = (found.double() - d * _on_a_line(shift, ratio)).square()
        mean = square.mean().item()
        return Estimate(math.sqrt(mean), square.std().item() / (2 * math.sqrt(mean * runs)), n=runs)

    def curve(self) -> Curve:
        return Curve("points", (8, 12, 16, 24, 32, 48), lambda n: (5, 0.5, 1.0, int(n)), log="xy")

    @property
    def neighbour(self) -> EntropicRate | None:
        return self.replace(falls="by dimension") if self.falls == "as a root" else None

    @classmethod
    def examples(cls) -> tuple[EntropicRate, ...]:
        return (cls(),)


def _on_a_line(shift: float, ratio: float) -> float:
    grid = torch.linspace(-6, 6, 61, dtype=torch.float64)[:, None]
    weight = law(((0.0,), ((1.0,),))).log_prob(grid).exp()
    found = ops.sinkhorn(shift + grid, ratio * grid, epsilon=EPSILON, a=weight, b=weight, tolerance=1e-8)
    return found.value.item()


@dataclass(frozen=True)
class TransportRate(Claim):
    """The Wasserstein-1 distance of two samples of one law falls as ``n^{-1/d}`` above two dimensions.

    The neighbour expects ``n^{-1/2}`` in every dimension (``expected="root"``).

    Reference: Dudley (1969); Weed, Bach (2019).

    Example:
        >>> TransportRate().predicted(4)
        -0.25
    """

    expected: Literal["curse", "root"] = "curse"

    part: ClassVar[str] = "F05"
    statement: ClassVar[str] = (
        "The mean Wasserstein-1 distance of two samples of n points of one law on R^d falls as n^{-1/d} for d of 3 "
        "and more"
    )
    latex: ClassVar[str] = r"E\,W_1(\hat p_n, \hat p'_n) \sim C\, n^{-1/d},\qquad d \ge 3"
    reference: ClassVar[str] = "Dudley (1969); Ajtai, Komlos, Tusnady (1984); Weed, Bach (2019)"
    assumptions: ClassVar[str] = (
        "the uniform law on a box whose opposite sides are joined; the slope is that from 16 to 128 points"
    )
    kind: ClassVar[Kind] = "rate"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 0.075  # the slope of so few points, and few samples of them

    def instances(self) -> st.SearchStrategy[int]:
        return st.integers(3, 5)

    def predicted(self, instance: int) -> float:
        return theory.nearest_rate(instance if self.expected == "curse" else 2)

    def observed(self, instance: int, key: Key) -> Estimate:
        """Assign the points of many pairs of samples."""
        logs, errors = [], []
        for n, runs in ((16, 192), (128, 48)):
            keys = key.child(n).split(runs)
            means = _distances(*(UniformBox(instance).sample(n, keys.child(i)).double() for i in range(2)))
            logs.append(means.mean().log().item())
            errors.append((means.std() / means.mean()).item() / runs**0.5)
        steps = math.log(128 / 16)
        return Estimate((logs[1] - logs[0]) / steps, math.hypot(*errors) / steps, n=48)

    @property
    def neighbour(self) -> TransportRate | None:
        return self.replace(expected="root") if self.expected == "curse" else None

    @classmethod
    def examples(cls) -> tuple[TransportRate, ...]:
        return (cls(),)


def _distances(x: Tensor, y: Tensor) -> Tensor:
    """Return the Wasserstein-1 distances ``(runs,)`` of samples ``(runs, n, d)`` on the torus of side 1."""
    gaps = (x[:, :, None] - y[:, None]).abs()
    costs = torch.minimum(gaps, 1 - gaps).norm(dim=-1).numpy()
    return torch.tensor([cost[linear_sum_assignment(cost)].mean() for cost in np.asarray(costs)])

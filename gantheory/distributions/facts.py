"""What is known of a distribution, each fact exact, to an error, or not at all with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Fact:
    """A known quantity: exact (``error`` 0), known to an error, or `None` with the reason."""

    value: Any
    error: float = 0.0
    reason: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("a fact without a value needs the reason")


@dataclass(frozen=True)
class Modes:
    """The components of a mixture: ``centres`` (K, d), ``covariances`` (K, d, d), ``weights`` (K,)."""

    centres: np.ndarray
    covariances: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.weights)


@dataclass(frozen=True)
class Topology:
    """Betti numbers b0, b1, ... of a set, over the rationals, and where torsion makes them differ over Z/2.

    ``of`` says which set: the support, the shape without noise, or a level set with the share it holds.
    """

    betti: tuple[int, ...]
    of: str
    mod2: tuple[int, ...] | None = None

    def over(self, prime: int) -> tuple[int, ...]:
        """Return the Betti numbers over Z/prime; the torsion of all shapes here is 2."""
        return self.betti if prime != 2 or self.mod2 is None else self.mod2


@dataclass(frozen=True)
class Edge:
    """What a density leaves at the edge of its support, with outward normals n.

    ``flux = integral of p n`` (d,) and ``reach = integral of p x.n``: Stein's identities are
    ``E[score] = flux`` and ``E[x . score] = reach - d``. Both vanish where the density does.
    """

    flux: np.ndarray
    reach: float


_UNSTATED = Fact(None, reason="not stated")

WHOLE_SPACE = Fact(None, reason="the support is the whole space")
"""The `support_distance` and `project` of a law whose density is positive everywhere."""

NO_EDGE = Fact(None, reason="no density is cut off at an edge")
"""The `edge` of a density that vanishes at the edge of its support, if there is one."""


@dataclass(frozen=True)
class Facts:
    """What is known of a distribution. What it does not state is a fact without a value.

    - ``mean`` (d,), ``covariance`` (d, d), ``entropy`` in nats, ``modes``: `Modes`
    - ``mode_of``: function of points (..., n, d), the number (..., n) of the mode that made them, or the
      likeliest; its error, where it is stated, bounds the share of wrong numbers; ``labels`` are the modes'
      shares (K,)
    - ``support_distance``: function, the distance (..., n) of points from the support, or, for noisy
      shapes, from the shape without its noise; ``project``: function, the nearest point (..., n, d) of it
    - ``noise``: the standard deviation of the noise around the shape, 0 where samples lie on it
    - ``intrinsic_dimension`` of the support; ``topology`` (`Topology`), ``reach`` and ``curvature`` (the
      largest absolute principal curvature) of the support or the noise-free shape
    - ``tail_index``: the largest a such that all moments of order below a exist (infinite for light tails)
    - ``smoothness``: the Hoelder exponent of the density (infinite where it is smooth)
    - ``score_lipschitz``: the least L with |score x - score y| <= L |x - y|
    - ``isoperimetric``: function of L, a lower bound on the share of samples that lie off all labelled pieces
      for every map of a standard normal law with Lipschitz constant L that serves the pieces in proportion
    - ``edge``: `Edge`, of densities that do not vanish at the edge of their support; `NO_EDGE` of those that do
    """

    mean: Fact = _UNSTATED
    covariance: Fact = _UNSTATED
    entropy: Fact = _UNSTATED
    modes: Fact = _UNSTATED
    mode_of: Fact = _UNSTATED
    labels: Fact = _UNSTATED
    support_distance: Fact = _UNSTATED
    project: Fact = _UNSTATED
    noise: Fact = _UNSTATED
    intrinsic_dimension: Fact = _UNSTATED
    topology: Fact = _UNSTATED
    reach: Fact = _UNSTATED
    curvature: Fact = _UNSTATED
    tail_index: Fact = _UNSTATED
    smoothness: Fact = _UNSTATED
    score_lipschitz: Fact = _UNSTATED
    isoperimetric: Fact = _UNSTATED
    edge: Fact = NO_EDGE

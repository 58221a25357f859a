"""What uniform laws on sets of lower dimension share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from gantheory.distributions.distribution import Distribution
from gantheory.distributions.facts import Fact, Facts, Topology


_SINGULAR = "the law lies on a set of lower dimension and has no density"


@dataclass(frozen=True)
class Manifold(Distribution, ABC):
    """The uniform law, by length, area or volume, on a compact set of lower dimension than its space.

    Samples lie on the set but for rounding, so there is no density and no entropy; how far points are from
    the set is known instead. A leaf gives `sample`, `project`, `volume` and what `on_set` asks for.
    """

    @abstractmethod
    def project(self, x: Tensor) -> Tensor:
        """Return the set's nearest points (..., n, dim), one of them where several are equally near."""

    @abstractmethod
    def volume(self) -> float:
        """Return the set's length, area or volume in its own dimension, to a relative 1e-12."""

    def on_set(self, *, mean: np.ndarray, covariance: np.ndarray, error: float = 0.0, **known: Any) -> Facts:
        """Return the facts: moments, known to ``error``, ``known`` as values or facts, and what follows."""
        stated = {name: v if isinstance(v, Fact) else Fact(v) for name, v in known.items()}
        absent = Fact(None, reason=_SINGULAR)
        return Facts(
            mean=Fact(mean, error),
            covariance=Fact(covariance, error),
            entropy=absent,
            support_distance=Fact(lambda x: (x - self.project(x)).norm(dim=-1)),
            project=Fact(self.project),
            noise=Fact(0.0),
            tail_index=Fact(math.inf),
            smoothness=absent,
            score_lipschitz=absent,
            edge=absent,
            **stated,
        )


def betti(*numbers: int, mod2: tuple[int, ...] | None = None) -> Topology:
    """Return the topology of a set without noise."""
    return Topology(numbers, "the support", mod2)

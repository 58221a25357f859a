"""What flows around a flow share: everything that they do not change is that flow's."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from gantheory.models.flow import Flow


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class FlowAround(Flow, ABC):
    """A flow made of another, ``flow``, with the same parameters first, the same base law and the same depths."""

    if TYPE_CHECKING:  # leaves have it as their first field

        @property
        def flow(self) -> Flow:
            """The flow inside."""
            ...

    @property
    def dim(self) -> int:
        return self.flow.dim

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.flow.vectorised

    @property
    def sequential_depth(self) -> int:
        return self.flow.sequential_depth

    @property
    def density_depth(self) -> int:
        return self.flow.density_depth

    @property
    def inputs(self) -> int:
        return self.flow.inputs

    def init(self, key: Key) -> Tensor:
        return self.flow.init(key)

    def noise(self, n: int, key: Key) -> Tensor:
        return self.flow.noise(n, key)

    def base_point(self, w: Tensor, noise: Tensor) -> Tensor:
        return self.flow.base_point(w, noise)

    def base_log_prob(self, w: Tensor, z: Tensor) -> Tensor:
        return self.flow.base_log_prob(w, z)

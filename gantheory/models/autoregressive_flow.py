"""What flows of autoregressive layers share: their depths and their layers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from gantheory.models.conditioners import Autoregressive, Univariate, groups
from gantheory.models.flow import Flow


@dataclass(frozen=True)
class AutoregressiveFlow(Flow, ABC):
    """A flow whose layers map one coordinate at a time, by the increasing map of the line that `univariate` gives."""

    if TYPE_CHECKING:  # leaves have them as fields, in the order of their own

        @property
        def layers(self) -> int:
            """The number of layers."""
            ...

        @property
        def hidden(self) -> tuple[int, ...]:
            """The widths of the masked networks."""
            ...

        @property
        def passes(self) -> int | None:
            """How many groups of coordinates a sample takes, one after the other; `None` for all."""
            ...

    @abstractmethod
    def univariate(self) -> Univariate:
        """Return the map of one coordinate."""

    @property
    def sequential_depth(self) -> int:
        return self.layers * groups(self.dim, self.passes)

    @property
    def density_depth(self) -> int:
        return self.layers

    def build(self) -> nn.Module:
        return Autoregressive(self.dim, self.layers, self.hidden, self.passes, self.univariate())

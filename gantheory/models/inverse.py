"""A flow run the other way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.flow_around import FlowAround
from gantheory.models.maf import MAF
from gantheory.models.planar import Planar
from gantheory.models.radial import Radial


@dataclass(frozen=True)
class Inverse(FlowAround):
    """A flow whose map from data to base is that of ``flow`` from base to data.

    What was costly, sampling or density, becomes cheap, and the other way round. ``Inverse(MAF(...))`` is the
    inverse autoregressive flow: one pass a layer draws a sample with its density, for fitting to an energy,
    and the density of a given point takes as many passes as there are coordinates. ``Inverse(Planar(...))`` and
    ``Inverse(Radial(...))`` run as in their paper.

    Reference: Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling (2016); Papamakarios, Pavlakou, Murray (2017).

    Example:
        >>> import torch
        >>> from gantheory import Key, Planar
        >>> flow = Planar(2, layers=4)
        >>> w, x = flow.init(Key(0)), Key(1).normal(3, 2)
        >>> torch.equal(Inverse(flow).inverse(w, x), flow.call(w, x)[0])
        True
    """

    flow: Flow  # type: ignore[assignment]

    @property
    def sequential_depth(self) -> int:
        return self.flow.density_depth

    @property
    def density_depth(self) -> int:
        return self.flow.sequential_depth

    def build(self) -> nn.Module:
        return _Turned(self.flow)

    @classmethod
    def examples(cls) -> list[Inverse]:
        return [cls(Planar(2, layers=2)), cls(Radial(2, layers=2)), cls(MAF(2, layers=1, hidden=(4,)))]


class _Turned(nn.Module):
    def __init__(self, flow: Flow):
        super().__init__()
        self.flow: Any = flow.build()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.flow.inverse(x)

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.flow(z)

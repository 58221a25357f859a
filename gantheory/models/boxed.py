"""Flows on a box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gantheory.models.flow import Flow
from gantheory.models.flow_around import FlowAround
from gantheory.models.planar import Planar
from gantheory.models.real_nvp import RealNVP


@dataclass(frozen=True)
class Boxed(FlowAround):
    """A flow whose samples lie in a box: the last step of sampling squeezes every coordinate into its side.

    Equation: ``x = low + (high - low) / (1 + exp(-y))`` for a sample y of ``flow``. Outside the open box the
    density is 0. For data with a bounded support, and for energies that are normalised on a box.

    The box is one for a whole population.

    Raises `ValueError` unless there is one side ``(low, high)``, low < high, for every coordinate.

    Reference: Rezende et al. (2020), for flows on other spaces by such maps.

    Example:
        >>> from gantheory import Key, Planar
        >>> flow = Boxed(Planar(2, layers=2), box=((0.0, 1.0), (-4.0, 4.0)))
        >>> x = flow.sample(flow.init(Key(0)), 1000, Key(1))
        >>> bool((x[:, 0] > 0).all() and (x[:, 0] < 1).all())
        True
    """

    flow: Flow  # type: ignore[assignment]
    box: tuple[tuple[float, float], ...] = ((-4.0, 4.0), (-4.0, 4.0))

    def check(self) -> None:
        if len(self.box) != self.flow.dim or not all(-math.inf < a < b < math.inf for a, b in self.box):
            raise ValueError(f"Boxed needs {self.flow.dim} sides (low, high) with low < high, got {self.box}")

    def build(self) -> nn.Module:
        return _Squeezed(self.flow, self.box)

    @classmethod
    def examples(cls) -> list[Boxed]:
        box = ((-3.0, 3.0), (-2.0, 3.0))
        return [cls(Planar(2, layers=2), box), cls(RealNVP(2, layers=2, hidden=(4,)), box)]


class _Squeezed(nn.Module):
    def __init__(self, flow: Flow, box: tuple[tuple[float, float], ...]):
        super().__init__()
        self.flow: Any = flow.build()
        self.box = box

    def _sides(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, high = torch.tensor(self.box, dtype=x.dtype, device=x.device).unbind(-1)
        return low, high - low

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, width = self._sides(x)
        u = (x - low) / width
        inside = ((u > 0) & (u < 1)).all(-1)
        up, down = (v.where(inside[..., None], 0.5).log() for v in (u, 1 - u))
        z, log_det = self.flow(up - down)
        return z, (log_det - (up + down + width.log()).sum(-1)).where(inside, -torch.inf)

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        y, log_det = self.flow.inverse(z)
        low, width = self._sides(z)
        slope = nn.functional.logsigmoid(y) + nn.functional.logsigmoid(-y) + width.log()
        return low + width * torch.sigmoid(y), log_det + slope.sum(-1)

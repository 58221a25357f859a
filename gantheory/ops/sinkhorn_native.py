"""One transport problem, or a batch of them, as the native kernels take it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.ops.sinkhorn_reference import MATRIX


FACTOR, LOOSE = 0.1, 0.1  # between levels of epsilon; the marginal error at which a level is left
STORE = 24 << 20  # bytes of exponentials that are kept: what stays in a cache


@dataclass(frozen=True, eq=False)
class Transport:
    """Points (or a cost matrix x), weights and constants of csrc/sinkhorn/interface.h."""

    x: Tensor
    y: Tensor
    a: Tensor
    b: Tensor
    epsilon: float
    rho: float
    kind: int
    symmetric: bool = False

    def __post_init__(self):
        for name in ("x", "y", "a", "b"):
            object.__setattr__(self, name, getattr(self, name).detach().contiguous())

    def reversed(self) -> Transport:
        """Return the problem with both clouds exchanged."""
        return replace(self, x=self.y, y=self.x, a=self.b, b=self.a)

    def _arguments(self) -> tuple:
        x, y = self.x.data_ptr(), self.y.data_ptr()
        points = (0, 0, x) if self.kind == MATRIX else (x, y, 0)
        d = 1 if self.kind == MATRIX else self.x.shape[-1]
        sizes = self.a.shape[:-1].numel(), self.a.shape[-1], self.b.shape[-1], d
        addresses = (*points, self.a.data_ptr(), self.b.data_ptr())
        return native.table(self.a), addresses, sizes, self.kind, self.epsilon, self.rho

    def solve(
        self,
        f: Tensor,
        g: Tensor,
        *,
        tolerance: float,
        max_iterations: int,
        warm: bool,
        start: float = 0.0,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return f, g and the report (..., 5); see csrc/sinkhorn/interface.h."""
        f, g = f.clone(memory_format=torch.contiguous_format), g.clone(memory_format=torch.contiguous_format)
        report = f.new_empty((*f.shape[:-1], 5), dtype=torch.float64)
        native.library.sinkhorn_solve(
            *self._arguments(),
            self.symmetric,
            (start, FACTOR, LOOSE, tolerance),
            max_iterations,
            STORE,
            warm,
            f.data_ptr(),
            g.data_ptr(),
            report.data_ptr(),
            native.threads(),
        )
        return f, g, report

    def softmin(self, g: Tensor) -> Tensor:
        """Return -epsilon log sum_j b_j exp((g_j - C_ij) / epsilon)."""
        g, f = g.contiguous(), torch.empty_like(self.a)
        native.library.sinkhorn_softmin(*self._arguments(), g.data_ptr(), f.data_ptr(), native.threads())
        return f

    def average(self, g: Tensor, *, slope: bool) -> Tensor:
        """Return the average of y_j, or of the cost's slope in x_i, over row i of the plan."""
        g, out = g.contiguous(), torch.empty_like(self.x)
        native.library.sinkhorn_average(
            *self._arguments(), g.data_ptr(), slope, out.data_ptr(), native.threads()
        )
        return out

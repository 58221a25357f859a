"""A uniform checkerboard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.dials import Dial
from gantheory.distributions.distribution import Density, Preset
from gantheory.distributions.facts import Edge, Fact, Facts, Topology
from gantheory.distributions.pieces import boxes
from gantheory.distributions.points import check_points


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Checkerboard(Density):
    """The uniform law on the dark squares of a board, which a gap separates.

    Equation: squares of side ``2 - gap`` around the centres ``2 (i, j) + 1 - side``, 0 <= i, j < side, with
    i + j even; side 4 fills half of [-4, 4]^2. Without a gap squares touch at their corners, so that
    the number of pieces is ill-posed; with one it is exact. `gap` is a dial: it moves the distance between
    the pieces (and a little area) and keeps number, weights and centres.

    Raises `ValueError` below a side of two or above 1000, or for a gap outside [0, 2).

    Reference: Grathwohl et al. (2019), without a gap.

    Example:
        >>> round(Checkerboard().facts().entropy.value, 4)  # log 32
        3.4657
    """

    side: int = 4
    gap: float = 0.0

    def check(self) -> None:
        if not 2 <= self.side <= 1000 or not 0 <= self.gap < 2:
            raise ValueError(f"Checkerboard needs a side of 2 to 1000 and a gap in [0, 2), got {self}")

    @property
    def dim(self) -> int:
        return 2

    def _centres(self) -> np.ndarray:
        i, j = np.indices((self.side, self.side))
        dark = np.stack((i, j), axis=-1)[(i + j) % 2 == 0]
        return 2.0 * dark + 1 - self.side

    def _offset(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The nearest square's number, and how far points lie from its centre along each axis."""
        centres = torch.as_tensor(self._centres(), dtype=x.dtype, device=x.device)
        offset = check_points(x, 2).unsqueeze(-2) - centres
        nearest = (offset.abs() - self._half).clamp(min=0).square().sum(-1).argmin(-1)
        at = nearest[..., None, None].expand(*nearest.shape, 1, 2)
        return nearest, offset.gather(-2, at).squeeze(-2)

    @property
    def _half(self) -> float:
        return 1 - self.gap / 2

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        u = key.child("place").uniform(n, 2, start=start)
        centres = torch.as_tensor(self._centres(), dtype=u.dtype, device=u.device)
        square = key.child("square").integers(len(centres), n, start=start, device=u.device)
        return centres[square] + self._half * (2 * u - 1)

    def log_prob(self, x: Tensor) -> Tensor:
        inside = (self._offset(x)[1].abs() <= self._half).all(-1)
        return (0 * x.sum(-1) - self._log_area).where(inside, -torch.inf)

    def score(self, x: Tensor) -> Tensor:
        return torch.zeros_like(check_points(x, 2))

    def tempered(self, temperature: float) -> Checkerboard:
        return self  # a uniform law is every power of itself

    @property
    def _log_area(self) -> float:
        return math.log(len(self._centres())) + 2 * math.log(2 * self._half)

    def facts(self) -> Facts:
        centres = self._centres()
        pieces = len(centres)
        touching = "squares touch at their corners: give a gap"
        return Facts(
            mean=Fact(centres.mean(0)),
            covariance=Fact(np.cov(centres.T, ddof=0) + self._half**2 / 3 * np.eye(2)),
            entropy=Fact(self._log_area),
            mode_of=Fact(lambda x: self._offset(x)[0]),
            labels=Fact(np.full(pieces, 1 / pieces)),
            support_distance=Fact(
                lambda x: (self._offset(x)[1].abs() - self._half).clamp(min=0).norm(dim=-1)
            ),
            project=Fact(self._project),
            noise=Fact(0.0),
            intrinsic_dimension=Fact(2),
            topology=Fact(Topology((pieces, 0), "the support")) if self.gap else Fact(None, reason=touching),
            reach=Fact(self.gap / math.sqrt(2)) if self.gap else Fact(0.0),
            tail_index=Fact(math.inf),
            isoperimetric=boxes(centres, self._half) if self.gap else Fact(None, reason=touching),
            edge=Fact(Edge(np.zeros(2), 2.0)),
        )

    def _project(self, x: Tensor) -> Tensor:
        offset = self._offset(x)[1]
        return x - offset + offset.clamp(-self._half, self._half)

    @classmethod
    def presets(cls) -> dict[str, Preset]:
        return {"nsf": Preset(cls(4, 0.0), "Durkan et al. (2019), plane.py, CheckerboardDataset")}

    @classmethod
    def dials(cls, dim: int) -> list[Dial]:
        template = cls(gap=0.5)
        held = ("mean", "labels", "topology.betti")
        gap = Dial("gap", "distance of pieces", template, "gap", 0.05, 1.8, "linear", "reach", held)
        return [gap] if dim == 2 else []

    @classmethod
    def examples(cls) -> list[Checkerboard]:
        return [cls(), cls(side=3, gap=0.5)]

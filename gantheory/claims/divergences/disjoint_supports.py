"""Which distances tell how far apart two laws without common support are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.atoms import measured
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.curve import Curve
from gantheory.random import Key


Distance = Literal["jensen-shannon", "total variation", "wasserstein"]


@dataclass(frozen=True)
class DisjointSupports(Claim):
    """Of point masses at 0 and t, JSD is log 2 and TV is 1 for every t but 0; W1 is |t|.

    The neighbour lets a quarter of the generator's mass lie on the data (``overlap=0.25``).

    Reference: Arjovsky, Chintala, Bottou (2017).

    Example:
        >>> round(float(DisjointSupports("jensen-shannon").predicted(0.01)), 6)
        0.693147
    """

    distance: Distance = "jensen-shannon"
    overlap: float = 0.0

    part: ClassVar[str] = "A05"
    statement: ClassVar[str] = (
        "For point masses at 0 and t, the Jensen-Shannon divergence is log 2 and the total variation 1 however "
        "near they are; the Wasserstein-1 distance is |t|"
    )
    latex: ClassVar[str] = (
        r"\mathrm{JSD}(\delta_0, \delta_t) = \log 2,\quad \mathrm{TV}(\delta_0, \delta_t) = 1,\quad "
        r"W_1(\delta_0, \delta_t) = |t|\qquad (t \neq 0)"
    )
    reference: ClassVar[str] = "Arjovsky, Chintala, Bottou (2017), example 1"
    assumptions: ClassVar[str] = "the supports have nothing in common"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[float]:
        return st.integers(-1000, 1000).filter(bool).map(lambda t: t / 100)

    def predicted(self, instance: float) -> float:
        return float(theory.point_mass_distance(instance, distance=self.distance))

    def observed(self, instance: float, key: Key) -> float:
        real = torch.zeros(20, dtype=torch.float64)
        fake = instance * (torch.arange(20) >= 20 * self.overlap).double()
        if self.distance == "wasserstein":
            return ops.wasserstein_1d(real, fake, p=1).item()
        at = torch.cat([real, fake]).unique()
        p, q = ((part[:, None] == at).sum(0).tolist() for part in (real, fake))
        return measured((tuple(p), tuple(q)), "JSD" if self.distance == "jensen-shannon" else "TV")

    def curve(self) -> Curve:
        return Curve("shift", tuple(k / 20 for k in range(1, 41)), float)

    @property
    def neighbour(self) -> DisjointSupports | None:
        return self.replace(overlap=0.25) if self.overlap == 0 else None

    @classmethod
    def examples(cls) -> tuple[DisjointSupports, ...]:
        return cls("jensen-shannon"), cls("total variation"), cls("wasserstein")

"""What the hinge objective measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import theory
from gantheory.claims.atoms import Counts, costs, counted, masses
from gantheory.claims.claim import Claim, Kind
from gantheory.games import Hinge
from gantheory.random import Key


@dataclass(frozen=True)
class HingeValue(Claim):
    """The best hinge critic loses ``2 - 2 TV`` and separates the means by ``2 TV``.

    The neighbour asks for a margin of 2 instead of 1 (``margin=2.0``).

    Reference: Lim, Ye (2017); Tran, Ranganath, Blei (2017).

    Example:
        >>> HingeValue().predicted(((1, 3), (3, 1))).tolist()
        [1.0, 1.0]
    """

    margin: float = 1.0

    part: ClassVar[str] = "A13"
    statement: ClassVar[str] = (
        "The least hinge loss is 2 (1 - TV(p, q)), at the sign of p - q, whose means on data and on generated "
        "samples differ by 2 TV"
    )
    latex: ClassVar[str] = (
        r"\min_D\; E_p(1 - D)_+ + E_q(1 + D)_+ = 2\,(1 - \mathrm{TV}),\qquad E_p D^* - E_q D^* = 2\,\mathrm{TV}"
    )
    reference: ClassVar[str] = "Lim, Ye (2017); Tran, Ranganath, Blei (2017)"
    assumptions: ClassVar[str] = "a margin of 1"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-12

    def instances(self) -> st.SearchStrategy[Counts]:
        return counted()

    def predicted(self, instance: Counts) -> np.ndarray:
        tv = float(theory.total_variation(*masses(instance)))
        return np.array([2 * (1 - tv), 2 * tv])

    def observed(self, instance: Counts, key: Key) -> np.ndarray:
        """Try every logit of a grid on every atom: the loss is a broken line whose kinks the grid holds."""
        p, q = (torch.from_numpy(part) for part in masses(instance))
        grid = torch.linspace(-2, 2, 9, dtype=torch.float64)
        real, fake = costs(Hinge(), grid / self.margin)
        loss, best = (self.margin * (p[:, None] * real + q[:, None] * fake)).min(dim=1)
        return np.array([loss.sum().item(), ((p - q) @ grid[best]).item()])

    @property
    def neighbour(self) -> HingeValue | None:
        return self.replace(margin=2.0) if self.margin == 1 else None

    @classmethod
    def examples(cls) -> tuple[HingeValue, ...]:
        return (cls(),)
